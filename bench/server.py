"""The service under measurement: a process of its own on a temporary folder and a free port."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import NoReturn

import httpx

BACKEND = Path(__file__).resolve().parent.parent / "backend"
READY_SECONDS = 180
STOP_SECONDS = 60
LOG_TAIL_LINES = 40
ELSEWHERE = ("DATABASE_URL", "REDIS_URL")  # a measurement never writes into a database of yours


class ServerError(Exception):
    """The service did not become ready."""


@contextmanager
def running() -> Iterator[str]:
    """Start the service, yield its URL once it is ready, and stop it whatever happens.

    Raises:
        ServerError: it ended, or was not ready within ``READY_SECONDS``.
    """
    with (
        _sigterm_raises(),
        TemporaryDirectory(prefix="sara-bench-", ignore_cleanup_errors=True) as folder,
    ):
        log = Path(folder, "server.log")
        port = _free_port()
        process = _start(Path(folder, "data"), port=port, log=log)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_ready(process, url, log=log)
            yield url
        finally:
            _stop(process)


@contextmanager
def _sigterm_raises() -> Iterator[None]:
    """Let a terminated measurement unwind, so that it takes its server with it."""

    def leave(number: int, _frame: FrameType | None) -> NoReturn:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(data: Path, *, port: int, log: Path) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    environment |= {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(BACKEND), os.environ.get("PYTHONPATH")))),
        "SARA_DATA_DIR": str(data),
    }
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve"],
            env=environment,
            cwd=BACKEND.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is ours; the server gets one SIGTERM and no second one
        )


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, *, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    with httpx.Client(trust_env=False, timeout=10) as http:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise ServerError(f"The server ended with {process.returncode}:\n{_tail(log)}")
            if _is_ready(http, url):
                return
            time.sleep(0.2)
    raise ServerError(f"The server is not ready after {READY_SECONDS} s:\n{_tail(log)}")


def _is_ready(http: httpx.Client, url: str) -> bool:
    try:
        return http.get(f"{url}/ready").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        print(f"The server did not stop within {STOP_SECONDS} s; killing it.", file=sys.stderr)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-LOG_TAIL_LINES:])
