"""The embedded servers: started, stopped, found again after the worst, and closed to strangers."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest
from pydantic import SecretStr
from redis import Redis
from support.databases import database_url
from support.people import until
from support.server_processes import names_of, servers_on

from app.embedded import embedded_servers, empty_disposable_folder
from app.embedded.child_process import uninterrupted
from app.embedded.data_folder import DataFolder
from app.embedded.postgres import PACKAGE
from app.embedded.programs import packaged_program
from app.errors import StartupError
from app.settings import Settings

BACKEND = Path(__file__).parents[2]
AS_ROOT = os.geteuid() == 0
HOLD_SERVERS = """
import signal, sys
from pathlib import Path
from app.embedded import embedded_servers
from app.settings import Settings
with embedded_servers(Settings(sara_data_dir=Path(sys.argv[1]))):
    print("up", flush=True)
    signal.pause()
"""


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(field.upper(), raising=False)


@pytest.fixture(scope="module")
def used_folder() -> Iterator[Path]:
    """A data folder that has been used before, which spares each test making a new one."""
    with TemporaryDirectory(prefix="sara-test-") as parent:
        yield Path(parent, "data")


@pytest.fixture
def parent() -> Iterator[Path]:
    with TemporaryDirectory(prefix="sara-test-") as folder:
        yield Path(folder)


def settings_for(folder: Path) -> Settings:
    return Settings(sara_data_dir=folder)


def connect(settings: Settings) -> psycopg.Connection:
    url = database_url(settings).replace("+psycopg", "")
    return psycopg.connect(url, autocommit=True)


def redis_of(settings: Settings) -> Redis:
    assert settings.redis_url is not None
    return Redis.from_url(settings.redis_url.get_secret_value(), decode_responses=True)


def hold_servers(folder: Path) -> subprocess.Popen[str]:
    """Another process with running servers on ``folder``."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD_SERVERS, folder],
        env={**os.environ, "PYTHONPATH": str(BACKEND)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    while process.stdout.readline() != "up\n":  # what it stops first, it says
        assert process.poll() is None
    return process


def killed_with_servers_running(folder: Path) -> None:
    with hold_servers(folder) as process:
        process.kill()


def test_data_outlives_a_restart_and_servers_do_not_outlive_the_block(used_folder: Path) -> None:
    with embedded_servers(settings_for(used_folder)) as settings:
        with connect(settings) as connection, closing(redis_of(settings)) as redis:
            connection.execute("CREATE EXTENSION vector; CREATE TABLE kept AS SELECT 42 AS answer")
            redis.set("kept", "42")
        assert names_of(servers_on(used_folder)) == {"postgres", "valkey-server"}
    assert servers_on(used_folder) == []
    assert not (used_folder / "sockets").exists()
    with (
        embedded_servers(settings_for(used_folder)) as settings,
        connect(settings) as connection,
        closing(redis_of(settings)) as redis,
    ):
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        assert redis.get("kept") == "42"


def test_an_error_in_the_block_stops_the_servers_too(used_folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), embedded_servers(settings_for(used_folder)):
        raise ZeroDivisionError
    assert servers_on(used_folder) == []


def test_what_a_killed_run_left_is_replaced_and_nothing_is_lost(used_folder: Path) -> None:
    killed_with_servers_running(used_folder)
    leftovers = servers_on(used_folder)
    assert leftovers
    with embedded_servers(settings_for(used_folder)) as settings, connect(settings) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert not [process for process in leftovers if process in servers_on(used_folder)]
        with closing(redis_of(settings)) as redis:
            assert redis.ping()
    assert servers_on(used_folder) == []


def test_a_database_server_that_was_killed_too_recovers(used_folder: Path) -> None:
    with hold_servers(used_folder) as process:
        cluster = used_folder.resolve() / "postgres"
        server = int((cluster / "postmaster.pid").read_text().split()[0])
        os.kill(server, signal.SIGKILL)
        process.kill()
    with embedded_servers(settings_for(used_folder)) as settings, connect(settings) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(
    "content",
    ["", "12", f"{os.getpid()}\n", "99999999\n"],
    ids=["empty", "cut", "ours", "nobody's"],
)
def test_a_senseless_pid_file_does_not_keep_it_from_starting(
    used_folder: Path, content: str
) -> None:
    with embedded_servers(settings_for(used_folder)):
        pass
    (used_folder / "postgres" / "postmaster.pid").write_text(content)
    with embedded_servers(settings_for(used_folder)) as settings, connect(settings) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_second_instance_is_told_who_is_there(used_folder: Path) -> None:
    with embedded_servers(settings_for(used_folder)) as settings:
        with (
            pytest.raises(StartupError, match=rf"in use by process {os.getpid()}: stop that one"),
            embedded_servers(settings_for(used_folder)),
        ):
            pytest.fail("it started")
        with connect(settings) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cannot_be_one_is_named(parent: Path, place: str) -> None:
    (parent / "file").touch()
    unusable = parent / place
    with (
        pytest.raises(StartupError, match=r"cannot be used .*: set SARA_DATA_DIR") as told,
        embedded_servers(settings_for(unusable)),
    ):
        pytest.fail("it started")
    assert str(unusable) in told.value.detail
    assert "\n" not in told.value.detail


def test_a_path_too_deep_and_too_odd_for_a_socket_works(parent: Path) -> None:
    folder = parent / "it's, well" / ("deep " * 10) / ("deeper " * 10)
    with embedded_servers(settings_for(folder)) as settings:
        with connect(settings) as connection, closing(redis_of(settings)) as redis:
            (sockets,) = connection.execute("SHOW unix_socket_directories").fetchone() or ("",)
            assert redis.ping()
        assert Path(sockets).stat().st_mode & 0o077 == 0
    assert not Path(sockets).exists()


def test_a_cluster_of_another_version_is_refused(parent: Path) -> None:
    (parent / "data" / "postgres").mkdir(parents=True)
    (parent / "data" / "postgres" / "PG_VERSION").write_text("15\n")
    with (
        pytest.raises(StartupError, match="made by PostgreSQL 15, and this is 16"),
        embedded_servers(settings_for(parent / "data")),
    ):
        pytest.fail("it started")


def test_only_the_users_of_the_service_get_in(used_folder: Path) -> None:
    with embedded_servers(settings_for(used_folder)) as settings, connect(settings) as connection:
        rules = connection.execute(
            "SELECT type, database, user_name, auth_method, options FROM pg_hba_file_rules"
        ).fetchall()
        users = connection.execute("SELECT sys_name, pg_username FROM pg_ident_file_mappings")
        assert rules == [
            ("local", [database], ["postgres"], "peer", ["map=sara"])
            for database in ("all", "replication")
        ]
        us = psutil.Process().username()
        expected = {(us, "postgres")} | ({("pgserver", "postgres")} if AS_ROOT else set())
        assert set(users.fetchall()) == expected
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


@pytest.mark.skipif(not AS_ROOT, reason="only root can be somebody else")
@pytest.mark.parametrize("doors_open", [False, True])
def test_a_stranger_is_turned_away_even_where_files_let_pass(
    used_folder: Path, doors_open: bool
) -> None:
    stranger = pwd.getpwnam("nobody")
    with embedded_servers(settings_for(used_folder)):
        sockets = used_folder / "sockets"
        if doors_open:
            for path in (used_folder.parent, used_folder, sockets, *sockets.iterdir()):
                path.chmod(0o777)
        psql = packaged_program(PACKAGE, "pginstall/bin/psql", variable="DATABASE_URL")
        tried = subprocess.run(
            [psql, "-h", sockets, "-p", "5432", "-U", "postgres", "-c", "SELECT 1"],
            user=stranger.pw_uid,
            group=stranger.pw_gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
    assert tried.returncode != 0
    reason = "Peer authentication failed" if doors_open else "Permission denied"
    assert reason in tried.stderr


def test_what_is_stored_never_reaches_the_log(used_folder: Path) -> None:
    with embedded_servers(settings_for(used_folder)) as settings, connect(settings) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS note (body text CHECK (body <> 'my secret'))"
        )
        for query, body in (
            ("INSERT INTO note VALUES (%s)", "my secret"),
            ("SELECT %s::int", "my secret"),
            ("my secret %s", ""),
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(query, [body])
    assert "my secret" not in (used_folder / "postgres.log").read_text()


def test_the_secret_key_is_made_once_and_kept_private(used_folder: Path) -> None:
    with embedded_servers(settings_for(used_folder)) as first:
        pass
    with embedded_servers(settings_for(used_folder)) as second:
        pass
    assert first.secret_key is not None
    assert len(first.secret_key.get_secret_value()) >= 32
    assert first.secret_key == second.secret_key
    assert (used_folder / "secret_key").stat().st_mode & 0o777 == 0o600


def test_what_is_set_is_left_alone(parent: Path) -> None:
    settings = Settings(
        sara_data_dir=parent / "data",
        database_url=SecretStr("postgresql+psycopg://db/sara_hub"),
        redis_url=SecretStr("redis://redis:6379/0"),
        secret_key=SecretStr("0123456789abcdef" * 4),
    )
    with embedded_servers(settings) as same:
        assert same == settings
    assert not (parent / "data").exists()


def test_only_the_server_that_is_needed_runs(used_folder: Path) -> None:
    settings = Settings(sara_data_dir=used_folder, redis_url=SecretStr("redis://redis:6379/0"))
    with embedded_servers(settings) as complete:
        assert names_of(servers_on(used_folder)) == {"postgres"}
        assert complete.redis_url == settings.redis_url


def test_a_disposable_folder_is_emptied_and_others_never_are(parent: Path) -> None:
    (parent / "own").mkdir()
    (parent / "own" / "thesis.txt").write_text("years of work")
    with pytest.raises(StartupError, match="was not made by it"):
        empty_disposable_folder(parent / "own")
    assert [file.name for file in (parent / "own").iterdir()] == ["thesis.txt"]

    empty_disposable_folder(parent / "demo")
    (parent / "demo" / "postgres").mkdir()
    (parent / "demo" / "secret_key").write_text("old")
    empty_disposable_folder(parent / "demo")
    assert not (parent / "demo" / "postgres").exists()
    assert not (parent / "demo" / "secret_key").exists()


def test_a_disposable_folder_in_use_is_not_emptied(parent: Path) -> None:
    folder = parent / "demo"
    empty_disposable_folder(folder)
    with DataFolder.at(folder).locked(), pytest.raises(StartupError, match="in use by process"):
        (folder / "kept").touch()
        empty_disposable_folder(folder)
    assert (folder / "kept").exists()
    shutil.rmtree(folder)


def test_a_signal_waits_for_what_must_not_be_interrupted() -> None:
    reached = []
    with pytest.raises(KeyboardInterrupt):
        with uninterrupted():
            os.kill(os.getpid(), signal.SIGINT)
            reached.append("end of the block")
        reached.append("after the block")
    assert reached == ["end of the block"]
    until(lambda: signal.getsignal(signal.SIGINT) is signal.default_int_handler)
