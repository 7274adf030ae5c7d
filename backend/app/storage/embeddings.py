"""The vectors: stored by head and chunk, searched exactly or through HNSW."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.language.time_window import END
from app.storage.database import VectorColumn, statement
from app.storage.scope import Scope
from app.storage.working_memory import RecentTrace

EXACT_LIMIT = 20_000  # traces of one person up to which comparing every vector is exact and fast
INDEXED_HEAD = "semantic"  # the one with HNSW indexes
INDEXED_CANDIDATES = 400  # chunks, of which several may belong to one trace


@dataclass(frozen=True, slots=True)
class Head:
    """The vectors of one head of one trace, shape (chunks, EMBEDDING_DIM)."""

    trace_id: UUID
    head: str
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Similarity:
    """Cosine between the question and the best chunk of one head of one trace."""

    trace_id: UUID
    head: str
    similarity: float


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
                "model": model,
            }
            for head in heads
            for chunk, vector in enumerate(head.vectors)
        ]
        if not rows:
            return
        await self._session.execute(statement("add_embeddings"), rows)
        await self._session.execute(
            statement("drop_extra_chunks"),
            [
                {
                    "user_id": user_id,
                    "trace_id": head.trace_id,
                    "head": head.head,
                    "chunks": len(head.vectors),
                }
                for head in heads
            ],
        )

    async def remove(self, user_id: UUID, trace_id: UUID) -> None:
        """Drop all heads of one trace, whose content has changed."""
        await self._session.execute(
            text("DELETE FROM memory_embedding WHERE user_id = :user_id AND trace_id = :trace_id"),
            {"user_id": user_id, "trace_id": trace_id},
        )

    async def nearest(
        self,
        user_id: UUID,
        question: NDArray[np.float32],
        *,
        heads: Sequence[str],
        scope: Scope,
        most: int,
        traces: int,
    ) -> list[Similarity]:
        """The ``most`` nearest traces of each head.

        ``traces`` is how many the person has: it decides between comparing them all and HNSW,
        because a filtered HNSW scan misses neighbours of people who hold a small part of it.
        """
        asked = {
            "user_id": user_id,
            "question": self._column.encode(question),
            **scope.parameters(),
        }
        is_exact = traces <= EXACT_LIMIT or not self._column.iterative_scan
        indexed = [] if is_exact else [head for head in heads if head == INDEXED_HEAD]
        exact = [head for head in heads if head not in indexed]
        found: list[Similarity] = []
        if exact:
            rows = await self._session.execute(
                statement("nearest_exact"), {**asked, "heads": exact, "most": most}
            )
            found += [Similarity(*row) for row in rows.all()]
        if indexed:
            await self._session.execute(text("SET LOCAL hnsw.iterative_scan = relaxed_order"))
            await self._session.execute(text(f"SET LOCAL hnsw.ef_search = {INDEXED_CANDIDATES}"))
            rows = await self._session.execute(
                statement("nearest_indexed"),
                {**asked, "head": INDEXED_HEAD, "candidates": INDEXED_CANDIDATES, "most": most},
            )
            found += [Similarity(*row) for row in rows.all()]
        return found

    async def latest(self, user_id: UUID, *, most: int, until: datetime = END) -> list[RecentTrace]:
        """The newest traces with the vector of their beginning, as the working memory holds them."""
        rows = await self._session.execute(
            statement("latest_vectors"), {"user_id": user_id, "most": most, "until": until}
        )
        return [RecentTrace(row.trace_id, row.created_at, _floats(row.vec)) for row in rows.all()]


def _floats(vector: HalfVector | NDArray[np.float32]) -> NDArray[np.float32]:
    """pgvector gives ``vector`` columns as arrays and ``halfvec`` columns as its own class."""
    return vector.to_numpy().astype(np.float32) if isinstance(vector, HalfVector) else vector
