"""The indexes of months that are not hot any more: the warm form is built, then the hot one dropped, and
what is left is made compact.

All of it happens CONCURRENTLY, on a connection of its own and in one replica at a time: no recall and no
write waits for it, and at every moment one of the two indexes is there.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.models import AppSetting
from app.storage.database import Database, VectorColumn, statement
from app.storage.warm_vectors import DOWNSHIFT, bits

DOWNSHIFT_LOCK = 5_747_105
_MONTHLY = re.compile(r"memory_embedding_(\d{4})_(\d{2})")


@dataclass(frozen=True, slots=True)
class Shifted:
    """One month, and the bytes of its index before and after."""

    month: str
    index_bytes_before: int
    index_bytes_after: int


@asynccontextmanager
async def alone(database: Database) -> AsyncIterator[AsyncConnection | None]:
    """A connection without a transaction, for one replica at a time; None for the others."""
    async with database.autocommit() as connection:
        if not await connection.scalar(text(f"SELECT pg_try_advisory_lock({DOWNSHIFT_LOCK})")):
            yield None
            return
        try:
            yield connection
        finally:
            await connection.execute(text(f"SELECT pg_advisory_unlock({DOWNSHIFT_LOCK})"))


async def shift_indexes(
    connection: AsyncConnection, column: VectorColumn, *, before: datetime
) -> list[Shifted]:
    """Give every monthly partition that ends by ``before`` the warm index in place of the hot one."""
    shifted = []
    for month in await _months(connection, before):
        hot, warm = f"ix_mem_semantic_hnsw_{month}", f"ix_mem_semantic_warm_{month}"
        size = await _bytes(connection, hot)
        if size is None:
            continue
        await _build(connection, column, month=month, name=warm)
        await connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {hot}"))
        shifted.append(Shifted(month.replace("_", "-"), size, await _bytes(connection, warm) or 0))
    return shifted


async def compact(connection: AsyncConnection, *, since: datetime | None, before: datetime) -> None:
    """Give back the room of rows that are gone from the partitions that begin at ``since`` or later and
    end by ``before``: a vacuum for the table, a new primary key for the old one with its gaps."""
    for month in await _months(connection, before, since=since):
        table = f"memory_embedding_{month}"
        await connection.execute(text(f"VACUUM {table}"))
        for broken in await _unfinished(connection, table):
            await connection.execute(text(f"DROP INDEX CONCURRENTLY {broken}"))
        await connection.execute(text(f"REINDEX INDEX CONCURRENTLY {table}_pkey"))


class DownshiftStore:
    """What a downshift drops and notes, in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def drop_extra_heads(self, user_id: UUID, *, before: datetime, below: float) -> int:
        """Let go of all but the semantic head of one person's old rows of little salience."""
        rows = await self._session.execute(
            statement("drop_extra_heads"), {"user_id": user_id, "before": before, "below": below}
        )
        return len(rows.all())

    async def note(self, before: datetime) -> None:
        """Everything before this moment is warm now."""
        await self._session.merge(AppSetting(key=DOWNSHIFT, value={"before": before.isoformat()}))


async def _months(
    connection: AsyncConnection, before: datetime, *, since: datetime | None = None
) -> list[str]:
    """The names' ends, such as ``2026_05``, of the monthly partitions that end by ``before`` and begin at
    ``since`` or later."""
    names = await connection.execute(
        text(
            "SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = to_regclass('memory_embedding') ORDER BY c.relname"
        )
    )
    found = (_MONTHLY.fullmatch(name) for name in names.scalars())
    starts = {f"{m[1]}_{m[2]}": datetime(int(m[1]), int(m[2]), 1, tzinfo=UTC) for m in found if m}
    return [
        month
        for month, start in starts.items()
        if start < before and (since is None or start >= since)
    ]


async def _unfinished(connection: AsyncConnection, table: str) -> list[str]:
    """What an interrupted making of a new primary key left."""
    found = await connection.execute(
        text(
            "SELECT c.relname FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid"
            " WHERE i.indrelid = to_regclass(:name) AND NOT i.indisvalid AND c.relname LIKE '%_cc%'"
        ),
        {"name": table},
    )
    return list(found.scalars())


async def _build(
    connection: AsyncConnection, column: VectorColumn, *, month: str, name: str
) -> None:
    """Build the warm index; what an interrupted building left is invalid and goes first."""
    is_broken = await connection.scalar(
        text("SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)"),
        {"name": name},
    )
    if is_broken:
        await connection.execute(text(f"DROP INDEX CONCURRENTLY {name}"))
    await connection.execute(
        text(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON memory_embedding_{month}"
            f" USING hnsw (({bits(column, 'vec')}) bit_hamming_ops) WHERE head = 'semantic'"
        )
    )


async def _bytes(connection: AsyncConnection, index: str) -> int | None:
    """The size of an index; None when there is none of this name."""
    found: int | None = await connection.scalar(
        text("SELECT pg_relation_size(to_regclass(:name))"), {"name": index}
    )
    return found
