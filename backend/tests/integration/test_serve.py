"""``sara-memory serve`` as a process: it says what is wrong in one line, and always cleans up."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from support.people import until
from support.server_processes import names_of, servers_on

from app.settings import Settings

BACKEND = Path(__file__).parents[2]
STARTING_SECONDS = 120
STOPPING_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Run:
    """A running command, what it prints, and its data folder."""

    process: subprocess.Popen[bytes]
    printed: Path
    folder: Path

    def text(self) -> str:
        return self.printed.read_text()

    def until_it_says(self, pattern: str) -> str:
        """Wait for a line; its first group."""

        def found() -> bool:
            assert self.process.poll() is None, self.text()
            return re.search(pattern, self.text()) is not None

        until(found, seconds=STARTING_SECONDS)
        match = re.search(pattern, self.text())
        assert match is not None
        return match[1]

    def until_running(self) -> str:
        """Wait until it serves; its URL."""
        return self.until_it_says(r"Sara Memory is running on (http://\S+:\d+)")

    def exit_code(self) -> int:
        return self.process.wait(STOPPING_SECONDS)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder for one run after the other."""
    with TemporaryDirectory(prefix="sara-test-") as parent:
        yield Path(parent, "data")


@contextmanager
def running(command: str, folder: Path, **variables: str) -> Iterator[Run]:
    ours = {field.upper() for field in Settings.model_fields}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    environment |= {"PYTHONPATH": str(BACKEND), "SARA_DATA_DIR": str(folder), "PORT": "0"}
    with TemporaryDirectory(prefix="sara-test-") as elsewhere:
        printed = Path(elsewhere, "printed")
        with printed.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", command],
                env=environment | variables,
                cwd=elsewhere,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            yield Run(process, printed, folder)
        finally:
            process.terminate()
            process.wait(STOPPING_SECONDS)


def assert_ended_well(run: Run) -> None:
    assert run.exit_code() == 0, run.text()
    assert run.text().endswith("Stopped.\n")
    assert "Traceback" not in run.text()
    assert servers_on(run.folder) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_running_service_and_its_servers(
    folder: Path, number: signal.Signals
) -> None:
    with running("serve", folder) as run:
        url = run.until_running()
        assert httpx.get(f"{url}/health", trust_env=False).status_code == 200
        assert len(servers_on(run.folder)) >= 2
        run.process.send_signal(number)
        assert_ended_well(run)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("name", ["postgres", "valkey-server"])
def test_a_signal_ends_a_service_that_is_still_starting(
    folder: Path, number: signal.Signals, name: str
) -> None:
    with running("serve", folder) as run:
        until(lambda: name in names_of(servers_on(run.folder)))
        run.process.send_signal(number)
        assert_ended_well(run)


def test_signals_while_it_stops_change_nothing(folder: Path) -> None:
    with running("serve", folder) as run:
        run.until_running()
        while run.process.poll() is None:
            run.process.send_signal(signal.SIGINT)
        assert_ended_well(run)


def test_a_taken_port_is_told_in_one_line_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("localhost", 0)) as other:
        port = other.getsockname()[1]
        with running("serve", tmp_path / "data", PORT=str(port)) as run:
            assert run.exit_code() == 1
            *_, line = run.text().splitlines()
    assert line.startswith(f"error: Port {port} is taken by another program: set PORT to another")
    assert re.search(r"for example PORT=\d+ make run$", line)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"PORT": "http"}, "error: PORT: Input should be a valid integer"),
        ({"HOST": "no such host"}, "error: HOST=no such host is no address"),
        ({"ENVIRONMENT": "production"}, "error: SECRET_KEY is missing or still the sample value"),
        ({"SARA_DATA_DIR": "/dev/null/data"}, "error: The data folder /dev/null/data cannot be"),
        ({"DATABASE_URL": "nonsense"}, "error: DATABASE_URL is not the URL of a database"),
        (
            {"DATABASE_URL": "postgresql://localhost:1/sara"},
            "error: The database cannot be migrated: connection",
        ),
    ],
)
def test_a_wrong_setting_is_told_in_one_line(
    folder: Path, variables: dict[str, str], line: str
) -> None:
    with running("serve", folder, **variables) as run:
        assert run.exit_code() == 1
        told = [text for text in run.text().splitlines() if not text.startswith("Starting")]
        assert len(told) == 1, run.text()
        assert told[0].startswith(line)
        assert servers_on(run.folder) == []


def test_migrate_works_without_a_database_of_ones_own(folder: Path) -> None:
    with running("migrate", folder) as run:
        assert run.exit_code() == 0, run.text()
        assert run.text().endswith("The database is up to date.\n")
        assert servers_on(run.folder) == []


def test_the_demo_answers_out_of_its_month_and_lets_one_in(tmp_path: Path) -> None:
    with running("demo", tmp_path / "demo") as run:
        url = run.until_running()
        email = run.until_it_says(r"Log in as (\S+)")
        password = run.until_it_says(r"with the password (\S+)\n")
        assert "Our studio is now in Rua de Miragaia" in run.text()
        login = {"email": email, "password": password}
        assert httpx.post(f"{url}/auth/login", json=login, trust_env=False).status_code == 200
        run.process.send_signal(signal.SIGTERM)
        assert_ended_well(run)


def test_the_demo_does_not_empty_a_folder_of_yours(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with running("demo", tmp_path) as run:
        assert run.exit_code() == 1
        assert "was not made by it: set SARA_DATA_DIR to another folder" in run.text()
    assert (tmp_path / "thesis.txt").exists()


def test_of_two_that_start_at_once_on_a_port_one_is_told(folder: Path, tmp_path: Path) -> None:
    with socket.create_server(("localhost", 0)) as other:
        port = str(other.getsockname()[1])
    with (
        running("serve", folder, PORT=port) as run,
        running("serve", tmp_path / "data", PORT=port) as rival,
    ):
        until(lambda: run.process.poll() is not None or rival.process.poll() is not None)
        loser, winner = (run, rival) if run.process.poll() is not None else (rival, run)
        winner.until_running()
        assert loser.exit_code() == 1
        assert f"error: Port {port} is taken" in loser.text()
        assert "Traceback" not in loser.text()
        assert servers_on(loser.folder) == []
