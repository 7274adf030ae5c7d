"""The monthly partitions of ``memory_embedding``: made ahead, the hot ones with an HNSW index."""

from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.storage.database import Database, VectorColumn

MONTHS_AHEAD = 3
UPKEEP_LOCK = 5_747_102

log = structlog.get_logger()


async def ensure_partitions(
    database: Database, column: VectorColumn, *, now: datetime, hot_days: int
) -> None:
    """Make the partitions of the hot months and the next ``MONTHS_AHEAD`` that are still missing.

    Attaching one locks the table for a moment, so it happens on a connection of its own that gives
    up after two seconds, and one replica at a time; until the next try the default partition takes
    the rows. A month that has
    rows in the default partition already stays there.
    """
    month = _month_of(now - timedelta(days=hot_days))
    last = _month_of(now + timedelta(days=31 * MONTHS_AHEAD))
    async with database.autocommit() as connection:
        if not await connection.scalar(text(f"SELECT pg_try_advisory_lock({UPKEEP_LOCK})")):
            return
        await connection.execute(text("SET lock_timeout = '2s'"))
        try:
            while month <= last:
                await _ensure_month(connection, column, month)
                month = _next(month)
        except OperationalError:
            log.warning("partitions.postponed", month=f"{month:%Y-%m}")
        finally:
            await connection.execute(text("RESET lock_timeout"))
            await connection.execute(text(f"SELECT pg_advisory_unlock({UPKEEP_LOCK})"))


async def _ensure_month(connection: AsyncConnection, column: VectorColumn, month: datetime) -> None:
    name = f"memory_embedding_{month:%Y_%m}"
    if await connection.scalar(text("SELECT to_regclass(:name)"), {"name": name}) is None:
        span = {"since": month, "until": _next(month)}
        taken = await connection.scalar(
            text(
                "SELECT EXISTS (SELECT FROM memory_embedding_default"
                " WHERE created_at >= :since AND created_at < :until)"
            ).execution_options(across_people="partitions hold everybody's vectors of a month"),
            span,
        )
        if taken:
            return
        await connection.execute(
            text(
                f"CREATE TABLE {name} PARTITION OF memory_embedding"
                f" FOR VALUES FROM ('{month.isoformat()}') TO ('{_next(month).isoformat()}')"
            )
        )
    await connection.execute(
        text(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_mem_semantic_hnsw_{month:%Y_%m}"
            f" ON {name} USING hnsw (vec {column.type}_cosine_ops) WHERE head = 'semantic'"
        )
    )


def _month_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _next(month: datetime) -> datetime:
    return _month_of(month + timedelta(days=32))
