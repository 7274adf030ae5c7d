"""The folder that holds everything an embedded instance keeps, and the lock on it.

``SARA_DATA_DIR`` contains ``postgres/`` and ``valkey/`` (the data), their logs and configuration,
``sockets/``, ``secret_key`` and ``lock``.
"""

import fcntl
import hashlib
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.embedded.account import Account, let_traverse
from app.errors import StartupError

LONGEST_SOCKET_PATH = 100  # bytes: the kernel's limit is 107 on Linux and 103 on macOS
LONGEST_SOCKET_NAME = ".s.PGSQL.5432"
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")  # means the same in a URL, to libpq and to Postgres


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A folder of ours, there and writable; ``path`` is absolute."""

    path: Path

    @classmethod
    def at(cls, path: Path) -> Self:
        """Make the folder when it is missing, for us alone, and see that it can be written to.

        Where we are root, ``pgserver`` may pass through it to its own part.

        Raises:
            StartupError: it cannot be made, is no folder, or is not writable.
        """
        path = path.absolute()
        with _reported(path):
            with suppress(FileExistsError):
                path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True)
            (path / "lock").touch(mode=0o600)
        return cls(path.resolve())

    @property
    def mark(self) -> str:
        """A short name for the path; our servers carry it, to be known after a ``kill -9``."""
        return f"sara-{hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]}"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder against a second instance until the block ends, or the process does.

        Raises:
            StartupError: another process holds it.
        """
        with _reported(self.path):
            file = (self.path / "lock").open("r+")
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                holder = file.read().strip() or "unknown"
                raise StartupError(
                    f"The data folder {self.path} is in use by process {holder}: "
                    "stop that one, or set SARA_DATA_DIR to another folder."
                ) from error
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield

    def secret_key(self) -> str:
        """The key that signs sessions: made once, kept readable for us only."""
        file = self.path / "secret_key"
        with _reported(self.path):
            if not file.exists() or not file.read_text().strip():
                replace_private_file(file, secrets.token_hex(32))
            return file.read_text().strip()

    @contextmanager
    def sockets(self, owner: Account) -> Iterator[Path]:
        """A folder for Unix sockets that only ``owner`` (and root) can enter, gone afterwards.

        It is inside the data folder, unless its path is too long for a socket or holds characters
        that URLs read otherwise: then it is in the temp folder.
        """
        folder = self.path / "sockets"
        if not _can_hold_sockets(folder):
            folder = Path(tempfile.gettempdir()) / self.mark
        if not _can_hold_sockets(folder):
            folder = Path("/tmp") / folder.name  # noqa: S108  ours alone, see below
        _make_private(folder, owner)
        try:
            yield folder
        finally:
            with suppress(OSError):
                folder.rmdir()


def replace_private_file(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a whole file or nothing; ``mode`` holds from its first moment."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with open(
        draft, "w", opener=lambda name, flags: os.open(name, flags | os.O_EXCL, mode)
    ) as file:
        file.write(text)
        os.fchmod(file.fileno(), mode)  # whatever the umask took away
    draft.replace(path)


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StartupError(
            f"The data folder {path} cannot be used ({error.strerror}): "
            "set SARA_DATA_DIR to a folder that this user can write to."
        ) from error


def _can_hold_sockets(folder: Path) -> bool:
    longest = os.fsencode(folder / LONGEST_SOCKET_NAME)
    return len(longest) <= LONGEST_SOCKET_PATH and bool(PLAIN_PATH.fullmatch(str(folder)))


def _make_private(folder: Path, owner: Account) -> None:
    """Anybody can put that name into the temp folder: use what is there only if it is ours."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), owner.uid}:
        raise StartupError(
            f"{folder} belongs to somebody else: remove it, or set SARA_DATA_DIR to a shorter path."
        )
    folder.chmod(0o700)
    if os.geteuid() == 0:
        os.chown(folder, owner.uid, owner.gid)
        let_traverse(folder)
