"""The operating system account that runs Postgres, which refuses to be run by root."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

import structlog

from app.errors import StartupError

ACCOUNT_FOR_ROOT = "pgserver"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the operating system."""

    name: str
    uid: int
    gid: int


def our_account() -> Account:
    """Who runs this process.

    Raises:
        StartupError: the user id has no name, which Postgres insists on.
    """
    try:
        entry = pwd.getpwuid(os.geteuid())
    except KeyError as error:
        raise StartupError(
            f"The user id {os.geteuid()} has no name in /etc/passwd, which the embedded Postgres "
            "needs: run as a named user, or set DATABASE_URL."
        ) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def postgres_account() -> Account:
    """Who runs Postgres: we do, or ``pgserver``, made when missing, where we are root."""
    if os.geteuid() != 0:
        return our_account()
    try:
        entry = pwd.getpwnam(ACCOUNT_FOR_ROOT)
    except KeyError:
        _add_user(ACCOUNT_FOR_ROOT)
        entry = pwd.getpwnam(ACCOUNT_FOR_ROOT)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def let_traverse(path: Path) -> None:
    """As root: let every user pass through (not list) the parents of ``path``.

    Without it ``pgserver`` cannot reach a folder below, say, ``/root``. The folders in question
    stay closed themselves.
    """
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            log.info("folder_made_traversable", folder=str(folder))
            folder.chmod(mode | stat.S_IXOTH)


def let_read(folder: Path) -> None:
    """As root: let every user read and run what is in ``folder``, whatever the umask was."""
    let_traverse(folder)
    for path in (folder, *folder.rglob("*")):
        mode = path.lstat().st_mode
        wanted = stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if not stat.S_ISLNK(mode) and mode & wanted != wanted:
            path.chmod(mode | wanted)


def _add_user(name: str) -> None:
    command = shutil.which("useradd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    advice = f"make a user named {name}, run as an ordinary user, or set DATABASE_URL."
    if command is None:
        raise StartupError(f"Postgres refuses to run as root and useradd is missing: {advice}")
    made = subprocess.run(  # noqa: S603  a fixed command line
        [
            command,
            "--system",
            "--no-create-home",
            "--user-group",
            "--shell",
            "/usr/sbin/nologin",
            name,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        reason = made.stderr.strip().splitlines()[-1:] or ["useradd failed"]
        raise StartupError(f"Postgres refuses to run as root ({reason[0]}): {advice}")
