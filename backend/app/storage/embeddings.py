"""The vectors: stored by head and chunk, searched through their sketches or through HNSW."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.language.time_window import END
from app.storage.database import VectorColumn, statement, uuid_array
from app.storage.scope import Scope
from app.storage.sketches import cosine_of, sketches
from app.storage.warm_vectors import WarmVectors
from app.storage.working_memory import RecentTrace

FEWEST_SKETCHED = 320  # vectors compared at first, the ones with the nearest sketches
SKETCHED_PER_RESULT = 8
SKETCHED_SHARE = 50  # one in so many of the person's traces, if that is more
MARGIN = 0.03  # how much nearer the worst result must be than the furthest sketch looked at
INDEXED_FROM = 200_000  # traces of one person from which on comparing every sketch is slow
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
        """The ``most`` nearest traces of each head, all but a few in a thousand of them.

        ``traces`` is how many the person has. Only for very many HNSW is asked: a filtered HNSW scan
        misses neighbours of people who hold a small part of it.
        """
        asked = self._asked(user_id, question, scope=scope, most=most)
        indexed = [head for head in heads if head == INDEXED_HEAD and self._is_indexed(traces)]
        sketched = [head for head in heads if head not in indexed]
        found: list[Similarity] = []
        if sketched:
            found += await self._by_sketch(
                question, asked, heads=sketched, most=most, traces=traces
            )
        if indexed:
            found += await self._by_index(asked)
        return found

    async def near(
        self,
        user_id: UUID,
        question: NDArray[np.float32],
        *,
        scope: Scope,
        most: int,
        traces: int,
        of_notes: bool = False,
    ) -> list[Similarity]:
        """Most of the ``most`` traces that speak of nearly the same, by one look at the sketches: what a
        search adds to what it found by words, and no more than it can wait for. With ``of_notes`` those
        that notes have."""
        if self._is_indexed(traces):
            scope = replace(scope, role="note") if of_notes else scope
            return await self._by_index(self._asked(user_id, question, scope=scope, most=most))
        rows = await self._look(
            self._asked(user_id, question, scope=scope, most=most),
            question,
            heads=[INDEXED_HEAD],
            sketched=SKETCHED_PER_RESULT * most,
            of_notes=of_notes,
        )
        return [_similarity(row) for row in rows]

    def _is_indexed(self, traces: int) -> bool:
        return traces >= INDEXED_FROM and self._column.iterative_scan

    def _asked(
        self, user_id: UUID, question: NDArray[np.float32], *, scope: Scope, most: int
    ) -> dict[str, Any]:
        return {
            "user_id": user_id,
            "question": self._column.encode(question),
            "most": most,
            **scope.parameters(),
        }

    async def _by_sketch(
        self,
        question: NDArray[np.float32],
        asked: Mapping[str, Any],
        *,
        heads: list[str],
        most: int,
        traces: int,
    ) -> list[Similarity]:
        """Compare as many vectors as it takes to be sure that hardly any is missed."""
        sketched = max(FEWEST_SKETCHED, SKETCHED_PER_RESULT * most, traces // SKETCHED_SHARE)
        waiting = heads
        found: list[Similarity] = []
        while waiting:
            rows = await self._look(asked, question, heads=waiting, sketched=sketched)
            waiting = _unsure(rows, sketched=sketched, most=most)
            found += [_similarity(row) for row in rows if row.head not in waiting]
            sketched *= 2
        return found

    async def _look(
        self,
        asked: Mapping[str, Any],
        question: NDArray[np.float32],
        *,
        heads: list[str],
        sketched: int,
        of_notes: bool = False,
    ) -> Sequence[Row[Any]]:
        (sketch,) = sketches(question[None, :])
        result = await self._session.execute(
            statement("nearest_sketched"),
            {
                **asked,
                "heads": heads,
                "sketch": sketch,
                "sketched": sketched,
                "of_notes": of_notes,
            },
        )
        return result.all()

    async def _by_index(self, asked: Mapping[str, Any]) -> list[Similarity]:
        """Through the indexes of the hot partitions, and those of the warm ones where there are any."""
        asked = {**asked, "head": INDEXED_HEAD, "candidates": INDEXED_CANDIDATES}
        warm = WarmVectors(self._session, self._column)
        before = await warm.before()
        found: list[Row[Any]] = []
        if before is not None and asked["since"] < before:
            found += await warm.nearest(asked, before=before)
            asked["since"] = before
        rows = await self._session.execute(statement("nearest_indexed"), asked)
        best = sorted([*found, *rows.all()], key=lambda row: (-row.similarity, row.trace_id))
        return [_similarity(row) for row in best[: asked["most"]]]

    async def latest(self, user_id: UUID, *, most: int, until: datetime = END) -> list[RecentTrace]:
        """The newest traces with the vector of their beginning, as the working memory holds them."""
        rows = await self._session.execute(
            statement("latest_vectors"), {"user_id": user_id, "most": most, "until": until}
        )
        return [RecentTrace(row.trace_id, row.created_at, floats(row.vec)) for row in rows.all()]


def _similarity(row: Row[Any]) -> Similarity:
    return Similarity(row.trace_id, row.head, row.similarity)


def _unsure(rows: Sequence[Row[Any]], *, sketched: int, most: int) -> list[str]:
    """The heads of which a nearer vector may lie beyond the sketches that were looked at: there are more,
    and the furthest of these was not far enough away."""
    nearest: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        nearest[row.head].append(row)
    return [
        head
        for head, found in nearest.items()
        if found[0].sketched == sketched
        and (
            len(found) < most
            or cosine_of(found[0].furthest) + MARGIN > min(row.similarity for row in found)
        )
    ]


def floats(vector: HalfVector | NDArray[np.float32]) -> NDArray[np.float32]:
    """pgvector gives ``vector`` columns as arrays and ``halfvec`` columns as its own class."""
    return vector.to_numpy().astype(np.float32) if isinstance(vector, HalfVector) else vector
