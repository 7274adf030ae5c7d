"""What is deployed, without an engine: Compose reads it, linters accept it, nothing works by default."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.embedded.postgres import PACKAGE
from app.embedded.programs import packaged_program
from app.settings import Settings
from app.storage.redis_client import connect

ROOT = Path(__file__).parents[3]
PROGRAMS = Path(sys.executable).parent
IMAGES = sorted((ROOT / "deploy").rglob("*.Dockerfile"))
EXAMPLE = (ROOT / ".env.example").read_text()
UNITS = {"MB": 2**20, "GB": 2**30}
TOLD_IN = {"shared_buffers": 8 * 2**10, "maintenance_work_mem": 2**10, "max_wal_size": 2**20}
OURS = ("backend", "migrate", "frontend")

Config = dict[str, Any]


def compose(
    *files: str, example: str = EXAMPLE, profile: str | None = None, folder: Path
) -> subprocess.CompletedProcess[str]:
    """What Docker Compose makes of files, with ``.env.example`` as the only ``.env`` there is."""
    for name in files:
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text((ROOT / name).read_text())
    (folder / ".env").write_text(example)
    named = [part for name in files for part in ("-f", folder / name)]
    profiles = ["--profile", profile] if profile else []
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [PROGRAMS / "docker-compose", "--env-file", folder / ".env", *named, *profiles]
    return subprocess.run(
        [*command, "config"], env=bare, capture_output=True, text=True, check=False
    )


def config(*files: str, folder: Path, profile: str | None = None) -> Config:
    """The same, read. Compose has checked it against the schema of the Compose specification."""
    ended = compose(*files, folder=folder, profile=profile)
    assert ended.returncode == 0, ended.stderr
    assert "variable is not set" not in ended.stderr
    found: Config = yaml.safe_load(ended.stdout)
    return found


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """docker-compose.yml by itself."""
    return config("docker-compose.yml", folder=tmp_path_factory.mktemp("alone"))


@pytest.fixture(scope="module")
def on_the_vm(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """As it is on the machine, with the override."""
    files = "docker-compose.yml", "docker-compose.override.yml"
    return config(*files, folder=tmp_path_factory.mktemp("vm"))


def test_the_database_and_redis_are_reached_from_inside_alone(on_the_vm: Config) -> None:
    ports = {
        name: [port["published"] for port in service.get("ports", ())]
        for name, service in on_the_vm["services"].items()
    }
    assert {name: found for name, found in ports.items() if found} == {
        "backend": ["8000"],
        "frontend": ["3000"],
    }


def test_redis_keeps_its_file_and_its_place(alone: Config) -> None:
    assert alone["services"]["redis"]["command"] == [
        *("redis-server", "--appendonly", "yes"),
        *("--maxmemory", "6gb", "--maxmemory-policy", "allkeys-lfu"),
    ]


def test_neo4j_comes_with_its_profile_alone(alone: Config, tmp_path: Path) -> None:
    assert "neo4j" not in alone["services"]
    asked = config("docker-compose.yml", folder=tmp_path, profile="graph-neo4j")
    assert "neo4j" in asked["services"]


def test_the_service_waits_for_what_it_needs_and_one_job_migrates(alone: Config) -> None:
    services = alone["services"]
    waits = {name: found["condition"] for name, found in services["backend"]["depends_on"].items()}
    assert waits == {
        "db": "service_healthy",
        "redis": "service_healthy",
        "migrate": "service_completed_successfully",
    }
    migrating = [name for name, one in services.items() if "migrate" in (one.get("command") or ())]
    assert migrating == ["migrate"]
    assert services["migrate"]["restart"] == "no"
    for name in ("db", "redis"):
        assert services[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_may_do_little(alone: Config, name: str) -> None:
    service = alone["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_on_the_machine_everything_is_under_data(on_the_vm: Config) -> None:
    places = {
        (name, volume["source"])
        for name, service in on_the_vm["services"].items()
        for volume in service.get("volumes", ())
        if volume["target"] != "/etc/postgresql"
    }
    assert places == {
        ("db", "/data/postgres"),
        ("db", "/data/backups/wal"),
        ("redis", "/data/redis"),
        ("migrate", "/data/app"),
        ("backend", "/data/app"),
    }
    assert "archive_mode=on" in on_the_vm["services"]["db"]["command"]
    prepared = (ROOT / "scripts" / "prepare_volumes.sh").read_text()
    for _, place in places:
        assert f"make_folder {place.removeprefix('/data/')} " in prepared


@pytest.mark.parametrize("name", ["POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"])
def test_a_secret_that_is_not_set_starts_nothing(tmp_path: Path, name: str) -> None:
    without = re.sub(rf"^{name}=.*$", f"{name}=", EXAMPLE, flags=re.MULTILINE)
    ended = compose("docker-compose.yml", example=without, folder=tmp_path)
    assert ended.returncode != 0
    assert f"required variable {name} is missing a value: set it in .env" in ended.stderr


def test_no_secret_and_no_address_is_written_in_the_tree() -> None:
    deployed = [*ROOT.glob("docker-compose*.yml"), *(ROOT / "deploy").rglob("*"), *IMAGES]
    for file in (file for file in deployed if file.is_file()):
        text = file.read_text()
        addresses = set(re.findall(r"\b\d{1,3}(?:\.\d{1,3}){3}\b", text)) - {"0.0.0.0"}  # noqa: S104
        assert not addresses, file
        assert not re.search(r"(?i)password\s*[:=]\s*(?!\$|\s|$)\w", text), file


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_an_image_is_pinned_linted_and_run_by_an_ordinary_user(image: Path) -> None:
    linted = subprocess.run(
        [PROGRAMS / "hadolint", "--failure-threshold", "style", image],
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout
    text = image.read_text()
    if image.parent.name == "cluster":  # Postgres' own image, which changes to its own user
        assert re.search(r"^FROM citusdata/citus:\d+\.\d+-pg16$", text, flags=re.MULTILINE)
        return
    stages = re.findall(r"^FROM (\S+)", text, flags=re.MULTILINE)
    assert len(stages) == 2, "built in one, run in the other"
    assert all(re.search(r":\d+\.\d+\.\d+-", stage) for stage in stages)
    users = re.findall(r"^USER (\S+)", text, flags=re.MULTILINE)
    assert users == ["10001:10001"] or "nginx-unprivileged" in stages[-1]


def test_the_cluster_has_two_workers_three_redis_and_two_replicas(tmp_path: Path) -> None:
    cluster = config("deploy/cluster/docker-compose.yml", folder=tmp_path)["services"]
    assert {"coordinator", "worker-1", "worker-2", "redis-1", "redis-2", "redis-3"} <= set(cluster)
    assert cluster["backend"]["deploy"]["replicas"] == 2
    environment = cluster["migrate"]["environment"]
    assert environment["DATABASE_DISTRIBUTED"] == "true"
    assert environment["DATABASE_URL"].endswith("@coordinator:5432/sara_hub")
    connect(environment["REDIS_URL"])
    published = {name for name, service in cluster.items() if service.get("ports")}
    assert published == {"frontend"}


@pytest.mark.parametrize("name", ["postgresql.conf", "small.conf"])
def test_postgres_takes_every_value(servers: Settings, name: str) -> None:
    """``postgres -C`` reads the whole file and refuses what it does not know."""
    file = ROOT / "deploy" / "postgres" / name
    server = packaged_program(PACKAGE, "pginstall/bin/postgres", variable="DATABASE_URL")
    cluster = servers.sara_data_dir / "postgres"
    wanted = dict(re.findall(r"^(\w+) = ([^#\n]+)", file.read_text(), flags=re.MULTILINE))
    for setting, unit in TOLD_IN.items():
        asked = [server, "-C", setting, "-D", cluster, "-c", f"config_file={file}"]
        ended = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        number, written_in = re.findall(r"(\d+)(MB|GB)", wanted[setting])[0]
        assert int(ended.stdout) * unit == int(number) * UNITS[written_in]


def test_the_image_needs_none_of_the_embedded_servers() -> None:
    """They are an extra that the image leaves out, and so is what tests and checks need."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    missing = [
        re.split(r"[=\[]", each)[0].replace("-", "_").lower()
        for extra in extras["optional-dependencies"].values()
        for each in extra
    ]
    script = f"""
import sys
sys.modules |= dict.fromkeys({missing!r})
import app.cli, app.embedded, app.main, app.serving.service, app.services.reforgetting
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
