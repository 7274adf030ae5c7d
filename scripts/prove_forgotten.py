"""Prove that something was forgotten: look for a word everywhere the service keeps anything.

    python scripts/prove_forgotten.py zanzibarite

It looks at what DATABASE_URL and REDIS_URL name, and otherwise into SARA_DATA_DIR, whether its service
is running or stopped: every table, the planner's statistics, every Redis key and value, the append-only
file after a rewrite, and the logs. It ends with 0 when the word is nowhere, with 1 when it is somewhere,
and with 2 when it could not look. What the write-ahead log and backups keep for a while is told as well.
"""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis
from pydantic import SecretStr
from sqlalchemy import Connection, text

from app.embedded.postgres import DATABASE
from app.embedded.servers import embedded_servers
from app.errors import SaraError, StartupError
from app.language.words import Words
from app.settings import Settings
from app.storage.database import SCHEMA, sync_engine

CHUNK = 2**22
REWRITE_PATIENCE = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Hunt:
    """The word in every form it is stored in, lower-cased: as it is, and stemmed for the index."""

    forms: frozenset[str]

    @classmethod
    def of(cls, marker: str, language: str) -> "Hunt":
        """For one word, or several that are looked for as they stand."""
        terms = Words(language).terms(marker)
        return cls(frozenset({marker.lower(), *(terms if len(terms) == 1 else ())}))

    def is_in(self, data: bytes) -> bool:
        """Whether any form occurs in these bytes."""
        lower = data.lower()
        return any(form.encode() in lower for form in self.forms)


@dataclass(slots=True)
class Findings:
    """Where it was looked, and where the word is; ``later`` is what holds it for a while yet."""

    looked: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)


def tables_holding(connection: Connection, hunt: Hunt) -> list[str]:
    """Every table of the service, and of the planner's statistics, in which a row holds the word."""
    connection.execute(text("ANALYZE"))
    tables = connection.execute(
        text(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname = :schema ORDER BY 1"
        ),
        {"schema": SCHEMA},
    ).scalars()
    anywhere = " OR ".join(f"strpos(lower(t::text), :form{i}) > 0" for i in range(len(hunt.forms)))
    forms = {f"form{i}": form for i, form in enumerate(sorted(hunt.forms))}
    return [
        table
        for table in [*tables, "pg_stats"]
        if connection.scalar(
            text(f"SELECT EXISTS (SELECT FROM {table} AS t WHERE {anywhere})"),  # noqa: S608
            forms,
        )
    ]


def keys_holding(client: redis.Redis, hunt: Hunt) -> list[str]:
    """Every Redis key whose name or value holds the word."""
    return [
        key.decode(errors="replace")
        for key in client.scan_iter(count=1000)
        if hunt.is_in(key) or any(hunt.is_in(part) for part in _parts(client, key))
    ]


def files_holding(files: Iterable[Path], hunt: Hunt) -> list[str]:
    """Every file that holds the word; what vanishes meanwhile does not."""
    return [str(file) for file in files if _holds(file, hunt)]


def look_everywhere(settings: Settings, hunt: Hunt) -> Findings:
    """All stores of one installation."""
    findings = Findings()
    assert settings.database_url is not None  # noqa: S101  completed by the caller
    assert settings.redis_url is not None  # noqa: S101
    engine = sync_engine(settings.database_url.get_secret_value())
    with engine.begin() as connection:
        findings.found += [f"table {name}" for name in tables_holding(connection, hunt)]
        findings.later.append(_told_of_wal(connection))
    engine.dispose()
    findings.looked.append("every table and the planner's statistics")
    with redis.Redis.from_url(settings.redis_url.get_secret_value()) as client:
        findings.found += [f"Redis key {name}" for name in keys_holding(client, hunt)]
        findings.looked.append("every Redis key and value")
        _look_into_append_only_file(client, hunt, findings)
    folder = settings.sara_data_dir
    if folder.is_dir():
        findings.found += files_holding(folder.glob("*.log"), hunt)
        findings.looked.append(f"the logs in {folder}")
        wal = files_holding((folder / "postgres" / "pg_wal").glob("0*"), hunt)
        if wal:
            findings.later.append(
                f"{len(wal)} files in {folder / 'postgres' / 'pg_wal'} hold it now."
            )
    return findings


def _look_into_append_only_file(client: redis.Redis, hunt: Hunt, findings: Findings) -> None:
    if client.config_get("appendonly").get("appendonly") != "yes":
        findings.looked.append("no append-only file: Redis keeps none")
        return
    with suppress(redis.ResponseError):  # one is being rewritten already
        client.bgrewriteaof()
    deadline = time.monotonic() + REWRITE_PATIENCE
    while _is_rewriting(client):
        if time.monotonic() > deadline:
            raise StartupError("Redis does not finish rewriting its append-only file: try again.")
        time.sleep(0.05)
    place = Path(*(str(client.config_get(name)[name]) for name in ("dir", "appenddirname")))
    if not place.is_dir():
        findings.later.append(
            f"Redis' append-only file was rewritten; look for it in {place} there."
        )
        return
    findings.found += files_holding((file for file in place.iterdir() if file.is_file()), hunt)
    findings.looked.append("Redis' append-only file, rewritten")


def _is_rewriting(client: redis.Redis) -> bool:
    state = client.info("persistence")
    return bool(state["aof_rewrite_in_progress"] or state.get("aof_rewrite_scheduled"))


def _told_of_wal(connection: Connection) -> str:
    size = connection.scalar(text("SHOW max_wal_size"))
    return (
        "Postgres keeps what it wrote in its write-ahead log until about "
        f"{size} of newer writes have replaced it, and in table files until the next vacuum "
        "(VACUUM FULL does it at once). Backups and archived logs keep it until they expire."
    )


def _parts(client: redis.Redis, key: bytes) -> Iterator[bytes]:
    """The members and values under a key."""
    match client.type(key):
        case b"hash":
            found = [part for pair in client.hscan_iter(key) for part in pair]
        case b"zset":
            found = [member for member, _ in client.zscan_iter(key)]
        case b"set":
            found = list(client.sscan_iter(key))
        case b"list":
            found = client.lrange(key, 0, -1)
        case b"string":
            found = [client.get(key)]
        case _:
            found = [client.dump(key)]
    yield from (part for part in found if isinstance(part, bytes))


def _holds(file: Path, hunt: Hunt) -> bool:
    """Read in pieces that overlap by the longest form."""
    overlap = max(len(form.encode()) for form in hunt.forms)
    tail = b""
    try:
        with file.open("rb") as opened:
            while piece := opened.read(CHUNK):
                if hunt.is_in(tail + piece):
                    return True
                tail = piece[-overlap:]
    except FileNotFoundError:
        return False
    return False


@contextmanager
def _reachable(settings: Settings) -> Iterator[Settings]:
    """Settings with both URLs: of a running service on the data folder, or with servers started."""
    running = _running(settings.sara_data_dir)
    if settings.database_url is not None and settings.redis_url is not None:
        yield settings
    elif running is not None:
        given = {"database_url": settings.database_url, "redis_url": settings.redis_url}
        yield settings.model_copy(
            update={**running, **{name: url for name, url in given.items() if url is not None}}
        )
    elif (settings.sara_data_dir / "postgres").is_dir():
        with embedded_servers(settings) as started:
            yield started
    else:
        raise StartupError(
            f"There is nothing in {settings.sara_data_dir}: set SARA_DATA_DIR, or both DATABASE_URL "
            "and REDIS_URL."
        )


def _running(folder: Path) -> dict[str, SecretStr] | None:
    """How to reach the servers of a running service: Postgres notes down where its socket is."""
    try:
        sockets = (folder / "postgres" / "postmaster.pid").read_text().splitlines()[4]
    except (OSError, IndexError):
        return None
    return {
        "database_url": SecretStr(
            f"postgresql+psycopg://postgres@/{DATABASE}?host={sockets}&port=5432"
        ),
        "redis_url": SecretStr(f"unix://{sockets}/valkey.sock"),
    }


def main() -> int:
    """0 when it is nowhere, 1 when it is somewhere, 2 when that cannot be told."""
    if len(sys.argv) != 2 or not sys.argv[1].strip():
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with _reachable(Settings()) as settings:
            findings = look_everywhere(settings, Hunt.of(sys.argv[1], settings.memory_language))
    except (SaraError, OSError, redis.RedisError) as error:
        print(f"error: {getattr(error, 'detail', error)}", file=sys.stderr)
        return 2
    for place in findings.looked:
        print(f"looked into {place}")
    for notice in findings.later:
        print(f"note: {notice}")
    for place in findings.found:
        print(f"FOUND in {place}")
    print("It is still there." if findings.found else "It is nowhere.")
    return 1 if findings.found else 0


if __name__ == "__main__":
    sys.exit(main())
