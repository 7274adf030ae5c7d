"""The vectors: stored by head and chunk, with the sketches through which they are found."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.language.time_window import END
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
        rows = [
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
        if not rows:
            return
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
