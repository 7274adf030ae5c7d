"""The vectors of one person, searched through their sketches or through HNSW."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pgvector import Bit
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from app.storage.database import VectorColumn, integer_array, statement, uuid_array
from app.storage.held_sketches import HeldSketches
from app.storage.scope import Scope
from app.storage.sketch_cache import HEAD, SketchCache
from app.storage.sketches import cosine_of, sketches
from app.storage.traces import Usage
from app.storage.warm_vectors import WarmVectors

FEWEST_SKETCHED = 320  # vectors compared at first, the ones with the nearest sketches
SKETCHED_PER_RESULT = 8
SKETCHED_SHARE = 50  # one in so many of the person's traces, if that is more
MARGIN = 0.03  # how much nearer the worst result must be than the furthest sketch looked at
INDEXED_FROM = 200_000  # traces of one person from which on comparing every sketch is slow
INDEXED_CANDIDATES = 400  # chunks, of which several may belong to one trace


@dataclass(frozen=True, slots=True)
class Similarity:
    """Cosine between the question and the best chunk of one head of one trace."""

    trace_id: UUID
    head: str
    similarity: float


class VectorIndex:
    """One person's vectors in this session's transaction."""

    def __init__(self, session: AsyncSession, column: VectorColumn, cache: SketchCache) -> None:
        self._session = session
        self._column = column
        self._cache = cache

    async def nearest(
        self,
        user_id: UUID,
        question: NDArray[np.float32],
        *,
        heads: Sequence[str],
        scope: Scope,
        most: int,
        usage: Usage,
    ) -> list[Similarity]:
        """The ``most`` nearest traces of each head, all but a few in a thousand of them.

        Only for somebody with very many traces HNSW is asked: a filtered HNSW scan misses neighbours of
        people who hold a small part of it.
        """
        asked = self._asked(user_id, question, scope=scope, most=most)
        indexed = [head for head in heads if head == HEAD and self._is_indexed(usage)]
        sketched = [head for head in heads if head not in indexed]
        found: list[Similarity] = []
        if sketched:
            found += await self._by_sketch(question, asked, heads=sketched, usage=usage)
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
        usage: Usage,
        of_notes: bool = False,
    ) -> list[Similarity]:
        """Most of the ``most`` traces that speak of nearly the same, by one look at the sketches: what a
        search adds to what it found by words, and no more than it can wait for. With ``of_notes`` those
        that notes have; of somebody with very many traces some others of that role."""
        if self._is_indexed(usage):
            scope = replace(scope, role="note") if of_notes else scope
            return await self._by_index(self._asked(user_id, question, scope=scope, most=most))
        asked = self._asked(user_id, question, scope=scope, most=most)
        rows = await self._look(
            asked,
            question,
            heads=[HEAD],
            held=await self._held(asked, usage),
            sketched=SKETCHED_PER_RESULT * most,
            of_notes=of_notes,
        )
        return [_similarity(row) for row in rows]

    def _is_indexed(self, usage: Usage) -> bool:
        return usage.traces >= INDEXED_FROM and self._column.iterative_scan

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
        usage: Usage,
    ) -> list[Similarity]:
        """Compare as many vectors as it takes to be sure that hardly any is missed."""
        most = asked["most"]
        sketched = max(FEWEST_SKETCHED, SKETCHED_PER_RESULT * most, usage.traces // SKETCHED_SHARE)
        held = await self._held(asked, usage) if heads == [HEAD] else None
        waiting = heads
        found: list[Similarity] = []
        while waiting:
            rows = await self._look(asked, question, heads=waiting, held=held, sketched=sketched)
            waiting = _unsure(rows, sketched=sketched, most=most)
            found += [_similarity(row) for row in rows if row.head not in waiting]
            sketched *= 2
        return found

    async def _held(self, asked: Mapping[str, Any], usage: Usage) -> HeldSketches | None:
        """Those of ``HEAD``, where they will do: of roles and source types they know nothing."""
        if asked["role"] is not None or asked["source"] is not None:
            return None
        return await self._cache.current(self._session, asked["user_id"], usage)

    async def _look(
        self,
        asked: Mapping[str, Any],
        question: NDArray[np.float32],
        *,
        heads: list[str],
        held: HeldSketches | None,
        sketched: int,
        of_notes: bool = False,
    ) -> Sequence[Row[Any]]:
        (sketch,) = sketches(question[None, :])
        if held is not None:
            return await self._look_here(held, asked, sketch, most=sketched, of_notes=of_notes)
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

    async def _look_here(
        self,
        held: HeldSketches,
        asked: Mapping[str, Any],
        sketch: Bit,
        *,
        most: int,
        of_notes: bool,
    ) -> Sequence[Row[Any]]:
        """Compare the sketches in this process, and the vectors of the nearest in the database."""
        near = await asyncio.to_thread(
            held.nearest,
            sketch,
            since=asked["since"],
            until=asked["until"],
            of_notes=of_notes,
            most=most,
        )
        result = await self._session.execute(
            statement("nearest_held"),
            {
                **asked,
                "of_notes": of_notes,
                "head": HEAD,
                "trace_ids": uuid_array(near.trace_ids),
                "moments": integer_array(near.moments),
                "chunks": integer_array(near.chunks),
                "sketched": len(near.chunks),
                "furthest": near.furthest,
            },
        )
        return result.all()

    async def _by_index(self, asked: Mapping[str, Any]) -> list[Similarity]:
        """Through the indexes of the hot partitions, and those of the warm ones where there are any."""
        asked = {**asked, "head": HEAD, "candidates": INDEXED_CANDIDATES}
        warm = WarmVectors(self._session, self._column)
        before = await warm.before()
        found: list[Row[Any]] = []
        if before is not None and asked["since"] < before:
            found += await warm.nearest(asked, before=before)
            asked["since"] = before
        rows = await self._session.execute(statement("nearest_indexed"), asked)
        best = sorted([*found, *rows.all()], key=lambda row: (-row.similarity, row.trace_id))
        return [_similarity(row) for row in best[: asked["most"]]]


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
