"""The vectors: stored by head and chunk, with the sketches through which they are found."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from sqlalchemy import func, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.language.time_window import END
from app.models import MemoryUsage
from app.storage.database import VectorColumn, statement, uuid_array
from app.storage.sketches import sketches
from app.storage.working_memory import RecentTrace


@dataclass(frozen=True, slots=True)
class Head:
    """The vectors of one head of one trace, shape (chunks, EMBEDDING_DIM)."""

    trace_id: UUID
    head: str
    vectors: NDArray[np.float32]


class EmbeddingStore:
    """One person's vectors in this session's transaction."""

    def __init__(self, session: AsyncSession, column: VectorColumn) -> None:
        self._session = session
        self._column = column

    async def put(self, user_id: UUID, heads: Sequence[Head], *, model: str) -> None:
        """Store or replace heads; a trace that no longer exists is passed over."""
        rows: list[dict[str, Any]] = [
            {
                "user_id": user_id,
                "trace_id": head.trace_id,
                "head": head.head,
                "chunk": chunk,
                "vec": self._column.encode(vector),
                "sketch": sketch,
                "model": model,
            }
            for head in heads
            for chunk, (vector, sketch) in enumerate(
                zip(head.vectors, sketches(head.vectors), strict=True)
            )
        ]
        written_at = await self._moment(user_id) if rows else None
        if written_at is None:
            return
        rows = [{**row, "written_at": written_at} for row in rows]
        await self._session.execute(statement("add_embeddings"), rows)
        await self._session.execute(statement("add_sketches"), rows)
        ends = [
            {
                "user_id": user_id,
                "trace_id": head.trace_id,
                "head": head.head,
                "chunks": len(head.vectors),
            }
            for head in heads
        ]
        await self._session.execute(statement("drop_extra_chunks"), ends)

    async def _moment(self, user_id: UUID) -> datetime | None:
        """When this is written. The row is locked until the commit, so that of a later write it is later,
        whatever the clock does. None of somebody who is gone."""
        later = func.greatest(
            func.clock_timestamp(), MemoryUsage.sketched_at + timedelta(microseconds=1)
        )
        query = update(MemoryUsage).where(MemoryUsage.user_id == user_id)
        return await self._session.scalar(
            query.values(sketched_at=later).returning(MemoryUsage.sketched_at)
        )

    async def remove(
        self, user_id: UUID, trace_ids: Collection[UUID], *, head: str | None = None
    ) -> None:
        """Drop all heads of traces, or one ``head`` of each: what they embed has changed."""
        theirs = (
            "user_id = :user_id AND trace_id = ANY(CAST(:trace_ids AS uuid[]))"
            " AND head = coalesce(CAST(:head AS text), head)"
        )
        for table in ("memory_embedding", "memory_sketch"):
            await self._session.execute(
                text(f"DELETE FROM {table} WHERE {theirs}"),  # noqa: S608  two names of ours
                {"user_id": user_id, "trace_ids": uuid_array(trace_ids), "head": head},
            )

    async def latest(self, user_id: UUID, *, most: int, until: datetime = END) -> list[RecentTrace]:
        """The newest traces with the vector of their beginning, as the working memory holds them."""
        rows = await self._session.execute(
            statement("latest_vectors"), {"user_id": user_id, "most": most, "until": until}
        )
        return [RecentTrace(row.trace_id, row.created_at, floats(row.vec)) for row in rows.all()]


def floats(vector: HalfVector | NDArray[np.float32]) -> NDArray[np.float32]:
    """pgvector gives ``vector`` columns as arrays and ``halfvec`` columns as its own class."""
    return vector.to_numpy().astype(np.float32) if isinstance(vector, HalfVector) else vector
