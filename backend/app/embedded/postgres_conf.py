"""What the embedded Postgres is told: one way in, memory for vectors, and no content in its log.

The files lie in the data folder and are written anew at every start. ``ALTER SYSTEM`` still works,
and wins.
"""

import os
import shutil
from pathlib import Path

from app.embedded.account import Account, our_account
from app.embedded.data_folder import replace_private_file

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  a fixed place of the kernel, only looked at
ROOMY = 512 * 2**20

CONFIGURATION = """\
include {initial}

hba_file = {hba}
ident_file = {ident}
listen_addresses = ''
port = 5432
unix_socket_directories = {sockets}
unix_socket_permissions = 0700
max_connections = 50

shared_buffers = 256MB
maintenance_work_mem = 256MB
dynamic_shared_memory_type = {shared_memory}
huge_pages = off
jit = off
max_wal_size = 1GB
wal_compression = on
timezone = UTC

# Memories must not reach the log: statements that fail are not in it, and neither are details.
log_timezone = UTC
logging_collector = off
log_checkpoints = off
log_statement = none
log_min_duration_statement = -1
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""

# The user that runs the service, and the one that runs Postgres when that is root. Nobody else.
# The second line is for a base backup.
ACCESS = """\
local all postgres peer map=sara
local replication postgres peer map=sara
"""


def write_configuration(folder: Path, *, cluster: Path, sockets: Path, account: Account) -> Path:
    """Write ``postgres.conf`` and its two files of access rules; returns the first."""
    hba, ident, conf = (folder / name for name in ("pg_hba.conf", "pg_ident.conf", "postgres.conf"))
    users = sorted({our_account().name, account.name})
    _write(hba, ACCESS)
    _write(ident, "".join(f'sara "{user}" postgres\n' for user in users))
    text = CONFIGURATION.format(
        initial=_quoted(cluster / "postgresql.conf"),
        hba=_quoted(hba),
        ident=_quoted(ident),
        sockets=_quoted(sockets),
        shared_memory=_shared_memory(),
    )
    _write(conf, text)
    return conf


def _write(path: Path, text: str) -> None:
    """Root's files must be readable by the user that runs Postgres; they hold nothing secret."""
    replace_private_file(path, text, 0o644 if os.geteuid() == 0 else 0o600)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _shared_memory() -> str:
    """Containers often give ``/dev/shm`` 64 MB, where building an index in parallel then fails."""
    small = SHARED_MEMORY.exists() and shutil.disk_usage(SHARED_MEMORY).total < ROOMY
    return "mmap" if small else "posix"
