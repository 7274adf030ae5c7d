"""How many bytes a trace takes, table by table and index by index: the constants of docs/sizing.md.

    python bench/sizing.py [--people 100] [--traces 200] [--data FOLDER] [--json]

Writes made-up lives through the service's own code, waits until every head is embedded, and asks
Postgres for the size of everything, after a vacuum. Bytes are per trace.
"""

import argparse
import asyncio
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from app.dependencies import Resources
from in_process import new_person, remember, service, until_embedded
from metrics import json_line
from synthetic import Life, WordVectorEmbedder

DIM = 768
SIZES = """
SELECT parent.relname AS name, sum(pg_table_size(leaf.oid)) AS heap,
    sum(pg_indexes_size(leaf.oid)) AS indexes
FROM pg_class AS parent
JOIN pg_class AS leaf ON leaf.oid = parent.oid OR leaf.oid IN (
    SELECT inhrelid FROM pg_inherits WHERE inhparent = parent.oid)
WHERE parent.relnamespace = 'sara_memory'::regnamespace AND parent.relkind IN ('r', 'p')
    AND NOT parent.relispartition
GROUP BY parent.relname ORDER BY 2 DESC
"""
HNSW = """
SELECT coalesce(sum(pg_relation_size(i.indexrelid)), 0)
FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam
WHERE a.amname = 'hnsw'
"""
ROWS = """
SELECT (SELECT count(*) FROM memory_trace) AS traces,
    (SELECT count(*) FROM memory_embedding) AS vectors,
    (SELECT count(*) FROM memory_posting) AS postings,
    (SELECT avg(length(content)) FROM memory_trace) AS characters
"""
EVERYBODY = "sizes are of everything"


@dataclass(frozen=True, slots=True)
class TableSize:
    """Bytes per trace, of the rows and of the indexes."""

    name: str
    heap: float
    indexes: float


@dataclass(frozen=True, slots=True)
class Sizes:
    """What was written, all of it in hot months, and what it takes; ``hnsw`` is the part of the indexes
    that are graphs."""

    traces: int
    vectors_per_trace: float
    postings_per_trace: float
    characters: float
    hnsw: float
    total: float
    tables: list[TableSize]


async def _measure(arguments: argparse.Namespace) -> None:
    embedder = WordVectorEmbedder(dim=DIM)
    async with service(embedder=embedder, folder=arguments.data) as shared:
        now = datetime.now(UTC)
        for number in range(arguments.people):
            life = Life(seed=number, until=now - timedelta(days=1), days=30)
            await remember(shared, await new_person(shared), life.turns(arguments.traces))
        await until_embedded(shared)
        sizes = await _sizes(shared)
    _print(sizes, as_json=arguments.json)


async def _sizes(shared: Resources) -> Sizes:
    async with shared.database.autocommit() as connection:
        everybody = await connection.execution_options(across_people=EVERYBODY)
        await everybody.execute(text("VACUUM (ANALYZE)"))
        rows = (await everybody.execute(text(ROWS))).one()
        found = (await everybody.execute(text(SIZES))).all()
        hnsw = await everybody.scalar(text(HNSW))
    tables = [
        TableSize(row.name, float(row.heap) / rows.traces, float(row.indexes) / rows.traces)
        for row in found
    ]
    return Sizes(
        traces=rows.traces,
        vectors_per_trace=rows.vectors / rows.traces,
        postings_per_trace=rows.postings / rows.traces,
        characters=float(rows.characters),
        hnsw=float(hnsw) / rows.traces,
        total=sum(table.heap + table.indexes for table in tables),
        tables=tables,
    )


def _print(sizes: Sizes, *, as_json: bool) -> None:
    if as_json:
        print(json_line({"bench": "sizing"} | asdict(sizes)))
        return
    print(
        f"{sizes.traces} traces of {sizes.characters:.0f} characters, {sizes.vectors_per_trace:.2f} "
        f"vectors and {sizes.postings_per_trace:.1f} postings each: {sizes.total:.0f} bytes a trace, "
        f"of which HNSW {sizes.hnsw:.0f}"
    )
    for table in sizes.tables:
        if table.heap + table.indexes >= 1:
            print(f"  {table.name:20} rows {table.heap:8.0f}   indexes {table.indexes:8.0f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--traces", type=int, default=200, help="of each of them")
    parser.add_argument("--data", type=Path, help="a folder to keep the store in")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    asyncio.run(_measure(parser.parse_args()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
