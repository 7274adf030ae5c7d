"""The recall pipeline, read from top to bottom: look, compare, match, walk, gather, rank."""

import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import cache
from itertools import chain, zip_longest
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.errors import EmbedderUnavailableError
from app.language.words import Words
from app.recall import (
    stage1_recency,
    stage2_vectors,
    stage2_words,
    stage3_edges,
    stage4_rerank,
)
from app.recall.candidate import AskedTerm, Candidate
from app.recall.question import Edge, Memory, Question, Recollection
from app.recall.stage2_vectors import Similarities
from app.recall.stage4_rerank import Ranked
from app.recall.stopwatch import Stopwatch
from app.storage.candidates import CandidateStore
from app.storage.edges import EdgeStore
from app.storage.embeddings import EmbeddingStore
from app.storage.traces import TraceStore, Usage
from app.storage.words import WordIndex
from app.storage.working_memory import CAPACITY, Recent, WorkingMemory, WorkingMemoryDownError

PARTS = ("embed", "working_memory", "vectors", "words", "edges", "rerank")
Vector = NDArray[np.float32]


@cache
def weights() -> Mapping[str, float]:
    """The weights of the ranking, as fitted by ``bench/fit_rerank.py``."""
    found: dict[str, float] = json.loads((Path(__file__).parent / "weights.json").read_text())[
        "weights"
    ]
    return found


class RecallPipeline:
    """One person's recall within one unit of work."""

    def __init__(
        self,
        *,
        embed: Callable[[str], Awaitable[Vector]],
        words: Words,
        working_memory: WorkingMemory,
        traces: TraceStore,
        embeddings: EmbeddingStore,
        word_index: WordIndex,
        edges: EdgeStore,
        candidates: CandidateStore,
    ) -> None:
        self._embed = embed
        self._words = words
        self._working_memory = working_memory
        self._traces = traces
        self._embeddings = embeddings
        self._word_index = word_index
        self._edges = edges
        self._candidate_store = candidates

    async def recall(self, user_id: UUID, question: Question) -> Recollection:
        """Stages 1 to 4. The question is embedded before the first query, so that no connection
        waits for a model; a part that does not answer is named in ``degraded``."""
        watch = Stopwatch()
        degraded: list[str] = []
        with watch.lap("embed"):
            vector = await self._question_vector(question, degraded)
        usage = await self._traces.usage(user_id)
        with watch.lap("working_memory"):
            recent = await self._recent(user_id, vector, question, usage, degraded)
        with watch.lap("vectors"):
            similar = await self._similar(user_id, vector, question, usage)
        with watch.lap("words"):
            asked = await self._asked(user_id, question, usage)
            matching = await stage2_words.matches(
                self._word_index, user_id, asked, scope=question.scope, usage=usage
            )
        with watch.lap("edges"):
            seeds = best_so_far(recent, similar, matching)
            edges = await stage3_edges.walk(
                self._edges, user_id, seeds, at=question.as_of or question.now
            )
        with watch.lap("rerank"):
            pool = {*seeds, *(end for edge in edges for end in (edge.src, edge.dst))}
            candidates = await self._candidates(user_id, question, vector, pool, asked, recent)
            ranked = stage4_rerank.rank(
                candidates,
                k=question.k,
                asked=asked,
                edges=edges,
                weights=weights(),
                average_length=usage.average_length,
                now=question.now,
            )
            memories = await self._memories(user_id, ranked, edges, question)
        return Recollection(memories, watch.read(PARTS), tuple(degraded))

    async def _question_vector(self, question: Question, degraded: list[str]) -> Vector | None:
        try:
            return await self._embed(question.text)
        except EmbedderUnavailableError:
            degraded.append("embedder")
            return None

    async def _recent(
        self,
        user_id: UUID,
        vector: Vector | None,
        question: Question,
        usage: Usage,
        degraded: list[str],
    ) -> dict[UUID, float]:
        """Stage 1; a cold working memory is filled from Postgres first."""
        try:
            recent = await self._working_memory.recent(user_id, generation=usage.generation)
            if recent is None:
                latest = await self._embeddings.latest(user_id, most=CAPACITY)
                await self._working_memory.push(
                    user_id, latest, generation=usage.generation, may_fill=True
                )
                recent = Recent.of(latest)
        except WorkingMemoryDownError:
            degraded.append("working_memory")
            return {}
        if vector is None or "semantic" not in question.heads:
            return {}
        return stage1_recency.compare(recent, vector)

    async def _similar(
        self, user_id: UUID, vector: Vector | None, question: Question, usage: Usage
    ) -> Similarities:
        """Stage 2, vectors."""
        if vector is None:
            return {}
        return await stage2_vectors.nearest(
            self._embeddings, user_id, vector, question=question, traces=usage.traces
        )

    async def _asked(self, user_id: UUID, question: Question, usage: Usage) -> list[AskedTerm]:
        """Stage 2, words: what the question asks with."""
        terms = self._words.terms(question.text)
        return await stage2_words.asked_terms(self._word_index, user_id, terms, usage=usage)

    async def _candidates(
        self,
        user_id: UUID,
        question: Question,
        vector: Vector | None,
        pool: Collection[UUID],
        asked: Sequence[AskedTerm],
        recent: Mapping[UUID, float],
    ) -> list[Candidate]:
        """Everything ranking needs to know about the pool, whichever channel found a trace."""
        facts = await self._candidate_store.facts(
            user_id, pool, question=vector, heads=question.heads, scope=question.scope
        )
        words = await self._word_index.frequencies(
            user_id, [term.term for term in asked], [fact.trace_id for fact in facts]
        )
        return [
            Candidate(fact, recent.get(fact.trace_id), words.get(fact.trace_id, {}))
            for fact in facts
        ]

    async def _memories(
        self, user_id: UUID, ranked: Sequence[Ranked], edges: Sequence[Edge], question: Question
    ) -> tuple[Memory, ...]:
        found = [r.candidate.fact.trace_id for r in ranked]
        traces = await self._traces.by_ids(user_id, found)
        touching = edges_by_end(edges, set(found))
        return tuple(
            Memory(
                trace=traces[r.candidate.fact.trace_id],
                head=r.candidate.best_head(question.heads),
                score=r.score,
                scores=r.scores,
                edges=tuple(touching.get(r.candidate.fact.trace_id, ())),
            )
            for r in ranked
            if r.candidate.fact.trace_id in traces
        )


def edges_by_end(edges: Sequence[Edge], ends: Collection[UUID]) -> dict[UUID, list[Edge]]:
    """The edges that touch each of these traces."""
    touching: dict[UUID, list[Edge]] = {}
    for edge in edges:
        for end in {edge.src, edge.dst}.intersection(ends):
            touching.setdefault(end, []).append(edge)
    return touching


def best_so_far(
    recent: Mapping[UUID, float], similar: Similarities, matching: Sequence[UUID]
) -> list[UUID]:
    """Every trace found, in turn by meaning and by words, each once: the seeds of stage 3."""
    nearest = {
        trace_id: max(recent.get(trace_id, -1.0), similar.get(trace_id, -1.0))
        for trace_id in {**recent, **similar}
    }
    by_meaning = sorted(nearest, key=lambda trace_id: (-nearest[trace_id], trace_id))
    in_turn = chain.from_iterable(zip_longest(by_meaning, matching))
    return list(dict.fromkeys(trace_id for trace_id in in_turn if trace_id is not None))
