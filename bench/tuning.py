"""What deploy/postgres changes: the same work on the server's own defaults, small.conf, postgresql.conf.

    python bench/tuning.py [--people 16] [--traces 200] [--vectors 40000] [--json]

One store, and the server started anew for each profile; then for the defaults with one value of
postgresql.conf alone. After a checkpoint as many people as are there already write as much again; a graph
is built of the same vectors; questions are asked, just after a start and once more; and what was written
is dreamt of. What counts is the ratio within one run; the machine may be busy. What was read and spilled
is counted by the server, however busy that is.
"""

import argparse
import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
from sqlalchemy import text
from tqdm import tqdm

from app.dependencies import Resources, recall_pipeline
from app.embedded.servers import embedded_servers
from app.recall.question import Question
from app.settings import Settings
from in_process import new_person, remember, service, until_embedded
from metrics import json_line, percentiles
from synthetic import Life, WordVectorEmbedder

DEPLOYED = Path(__file__).resolve().parent.parent / "deploy" / "postgres"
DEFAULTS = {
    "shared_buffers": "128MB",
    "effective_cache_size": "4GB",
    "work_mem": "4MB",
    "maintenance_work_mem": "64MB",
    "max_parallel_maintenance_workers": "2",
    "wal_compression": "off",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "5min",
    "random_page_cost": "4",
}
ALONE = ("shared_buffers", "work_mem", "effective_cache_size")
FLUSHED_SECONDS = 1.0
DIM = 768
# Points near one of 400 others, as vectors of texts are near a topic.
VECTORS = """
CREATE UNLOGGED TABLE tuned AS
WITH topic AS MATERIALIZED (
    SELECT n, (
        SELECT array_agg(random() - 0.5 + 0 * (n + g))::vector(768) FROM generate_series(1, 768) AS g
    ) AS at
    FROM generate_series(0, 399) AS n
),
noise AS MATERIALIZED (
    SELECT n, (
        SELECT array_agg(random() * 0.5 + 0 * (n + g))::vector(768) FROM generate_series(1, 768) AS g
    ) AS at
    FROM generate_series(0, 999) AS n
)
SELECT CAST(topic.at + noise.at + third.at AS halfvec(768)) AS vec
FROM generate_series(1, {vectors}) AS item
JOIN topic ON topic.n = item % 400
JOIN noise ON noise.n = item % 997
JOIN noise AS third ON third.n = item % 991
"""
# What being recalled does to a trace. After a checkpoint each page is logged whole, once.
TENTH = "get_byte(uuid_send(id), 15) % 10 = 0"
TOUCH = f"UPDATE memory_trace SET access_count = access_count + 1 WHERE {TENTH}"
EVERYBODY = "the server is measured, not a person"


@dataclass(frozen=True, slots=True)
class Tuned:
    """One profile: seconds to write the traces and MiB of WAL for it, kB of WAL for each trace that is
    touched after a checkpoint, seconds to build a graph, milliseconds of a recall at first and again,
    seconds to dream.

    Attributes:
        read_mb: MiB that the questions, asked again, and the dreams found outside ``shared_buffers``.
        spilled_mb: MiB that did not fit into ``work_mem`` meanwhile.
    """

    profile: str
    write_s: float
    wal_mb: float
    touched_kb: float
    graph_s: float
    first_ms: float
    again_ms: float
    dream_s: float
    read_mb: float
    spilled_mb: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A person and what to ask them."""

    user_id: UUID
    question: str


async def _measure(arguments: argparse.Namespace) -> None:
    deployed = _read("postgresql.conf")
    profiles = {
        "defaults": DEFAULTS,
        "small.conf": DEFAULTS | deployed | _read("small.conf"),
        "postgresql.conf": DEFAULTS | deployed,
    }
    profiles |= {f"{name} alone": DEFAULTS | {name: deployed[name]} for name in ALONE}
    with tempfile.TemporaryDirectory() as folder:
        await _prepare(Path(folder), arguments)
        rows = [
            await _profile(name, values, Path(folder), arguments)
            for name, values in profiles.items()
        ]
    _print(rows, as_json=arguments.json)


def _read(name: str) -> dict[str, str]:
    """Those of the values that the defaults are compared in."""
    found = re.findall(r"^(\w+) = ([^#\n]+)", (DEPLOYED / name).read_text(), flags=re.MULTILINE)
    return {key: value.strip().strip("'") for key, value in found if key in DEFAULTS}


async def _prepare(folder: Path, arguments: argparse.Namespace) -> None:
    """People who are there already, and the vectors of the graph."""
    async with service(embedder=WordVectorEmbedder(dim=DIM), folder=folder) as shared:
        await _write(shared, arguments)
        async with shared.database.autocommit() as connection:
            everybody = await connection.execution_options(across_people=EVERYBODY)
            await everybody.execute(text(VECTORS.format(vectors=arguments.vectors)))


async def _profile(
    name: str, values: dict[str, str], folder: Path, arguments: argparse.Namespace
) -> Tuned:
    _set(folder, values)
    embedder = WordVectorEmbedder(dim=DIM)
    async with service(embedder=embedder, folder=folder) as shared:
        log_began = await _wal_after(shared, "CHECKPOINT")
        began = time.perf_counter()
        asked = await _write(shared, arguments)
        write_s = time.perf_counter() - began
        wal = await _wal_after(shared, "SELECT 1") - log_began
        touch_began = await _wal_after(shared, "CHECKPOINT")
        touched = await _wal_after(shared, TOUCH) - touch_began
        touched /= await _count(shared)
        graph_s = await _graph(shared)
    async with service(embedder=embedder, folder=folder) as shared:
        first = await _recalls(shared, asked)
        read_before, spilled_before = await _outside_memory(shared)
        again = await _recalls(shared, asked)
        dream_s = await _dreams(shared, asked)
        read, spilled = await _outside_memory(shared)
    return Tuned(
        profile=name,
        write_s=write_s,
        wal_mb=wal / 2**20,
        touched_kb=touched / 2**10,
        graph_s=graph_s,
        first_ms=first,
        again_ms=again,
        dream_s=dream_s,
        read_mb=(read - read_before) / 2**20,
        spilled_mb=(spilled - spilled_before) / 2**20,
    )


def _set(folder: Path, values: dict[str, str]) -> None:
    """ALTER SYSTEM wins over the configuration that the embedded server is started with."""
    with embedded_servers(Settings(sara_data_dir=folder)) as settings:
        assert settings.database_url is not None
        url = settings.database_url.get_secret_value().replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM RESET ALL")
            for key, value in values.items():
                connection.execute(f"ALTER SYSTEM SET {key} = '{value}'".encode())


async def _write(shared: Resources, arguments: argparse.Namespace) -> list[Asked]:
    """New people with the same lives each time, with all heads."""
    asked: list[Asked] = []
    for at in tqdm(range(arguments.people), desc="remember", disable=None):
        life = Life(seed=at, until=datetime.now(UTC) - timedelta(days=1))
        turns = life.turns(arguments.traces)
        user_id = await new_person(shared)
        await remember(shared, user_id, turns)
        asked.append(Asked(user_id, life.question(turns[7 * at % len(turns)])))
    await until_embedded(shared)
    return asked


async def _graph(shared: Resources) -> float:
    async with shared.database.autocommit() as connection:
        everybody = await connection.execution_options(across_people=EVERYBODY)
        began = time.perf_counter()
        await everybody.execute(
            text("CREATE INDEX tuned_graph ON tuned USING hnsw (vec halfvec_cosine_ops)")
        )
        took = time.perf_counter() - began
        await everybody.execute(text("DROP INDEX tuned_graph"))
    return took


async def _recalls(shared: Resources, asked: Sequence[Asked]) -> float:
    laps: list[float] = []
    for each in asked:
        question = Question(each.question, 10, datetime.now(UTC))
        async with shared.database.reading() as work:
            found = await recall_pipeline(shared, work).recall(each.user_id, question)
        laps.append(found.took_ms["total"] - found.took_ms["embed"])
    return percentiles(laps).p50


async def _dreams(shared: Resources, asked: Sequence[Asked]) -> float:
    """Seconds for all nights of these people, one after the other."""
    began = time.perf_counter()
    for each in asked:
        await shared.dream.dream_for(each.user_id)
    return time.perf_counter() - began


async def _outside_memory(shared: Resources) -> tuple[float, float]:
    """Bytes that were read into shared buffers so far, and bytes written to temporary files."""
    await shared.database.engine.dispose()  # a server process tells what it did when it ends
    await asyncio.sleep(FLUSHED_SECONDS)
    async with shared.database.autocommit() as connection:
        rows = await connection.execute(
            text(
                "SELECT blks_read * current_setting('block_size')::int, temp_bytes"
                " FROM pg_stat_database WHERE datname = current_database()"
            )
        )
        read, spilled = rows.one()
    return float(read), float(spilled)


async def _count(shared: Resources) -> int:
    """How many traces are touched."""
    async with shared.database.autocommit() as connection:
        everybody = await connection.execution_options(across_people=EVERYBODY)
        return int(
            await everybody.scalar(text(f"SELECT count(*) FROM memory_trace WHERE {TENTH}")) or 1
        )


async def _wal_after(shared: Resources, sql: str) -> float:
    """Where the write-ahead log is, in bytes, after a statement."""
    async with shared.database.autocommit() as connection:
        everybody = await connection.execution_options(across_people=EVERYBODY)
        await everybody.execute(text(sql))
        return float(
            await connection.scalar(text("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")) or 0
        )


def _print(rows: Sequence[Tuned], *, as_json: bool) -> None:
    if as_json:
        print(json_line({"bench": "tuning", "rows": [asdict(row) for row in rows]}))
        return
    for row in rows:
        print(
            f"{row.profile:26} write {row.write_s:6.1f} s  WAL {row.wal_mb:6.1f} MiB, touched "
            f"{row.touched_kb:5.1f} kB  "
            f"graph {row.graph_s:6.1f} s  recall first {row.first_ms:5.1f} ms, "
            f"again {row.again_ms:5.1f} ms  dream {row.dream_s:6.1f} s  "
            f"read {row.read_mb:6.1f} MiB, spilled {row.spilled_mb:5.1f} MiB"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--people", type=int, default=16)
    parser.add_argument("--traces", type=int, default=200, help="of each of them, a profile")
    parser.add_argument("--vectors", type=int, default=40_000, help="in the graph")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    asyncio.run(_measure(parser.parse_args()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
