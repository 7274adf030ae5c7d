"""The recall pipeline, read from top to bottom: look, compare, match, walk, gather, rank."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise, zip_longest
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.errors import EmbedderUnavailableError
from app.language.answer_types import answer_types
from app.language.preference import asks_for_advice
from app.language.words import Words
from app.recall import (
    stage1_recency,
    stage2_vectors,
    stage2_words,
    stage3_edges,
    stage4_rerank,
)
from app.recall.answering import answer_shares
from app.recall.as_of import edges_then, fact_then
from app.recall.candidate import Candidate
from app.recall.duplicates import Result, collapse, summaries_and_details
from app.recall.question import Edge, Memory, Question, Recollection
from app.recall.said import Asked, Said, said
from app.recall.stage2_vectors import Similarities
from app.recall.stopwatch import Stopwatch
from app.storage.candidates import CandidateStore, TraceFact
from app.storage.edges import EdgeStore
from app.storage.embeddings import EmbeddingStore
from app.storage.traces import TraceStore, Usage
from app.storage.vector_index import VectorIndex
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


@dataclass(frozen=True, slots=True)
class Pool:
    """Everything that stages 1 to 3 found, ready to be ranked."""

    candidates: Sequence[Candidate]
    asked: Asked
    said: Said
    edges: Sequence[Edge]
    usage: Usage
    degraded: tuple[str, ...]


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
        vector_index: VectorIndex,
        word_index: WordIndex,
        edges: EdgeStore,
        candidates: CandidateStore,
        release: Callable[[], Awaitable[None]],
    ) -> None:
        self._embed = embed
        self._words = words
        self._working_memory = working_memory
        self._traces = traces
        self._embeddings = embeddings
        self._vector_index = vector_index
        self._word_index = word_index
        self._edges = edges
        self._candidate_store = candidates
        self._release = release

    async def recall(self, user_id: UUID, question: Question) -> Recollection:
        """Stages 1 to 4, best first; a part that does not answer is named in ``degraded``."""
        watch = Stopwatch()
        pool = await self.gather(user_id, question, watch=watch)
        with watch.lap("rerank"):
            results = await self.best(user_id, pool, question, weights=weights())
            memories = await self._memories(user_id, results, pool.edges)
        return Recollection(memories, watch.read(PARTS), pool.degraded)

    async def gather(self, user_id: UUID, question: Question, *, watch: Stopwatch) -> Pool:
        """Stages 1 to 3. While the question is embedded, Redis and the word index are read; the
        connection is given back as soon as that is done, so that none waits for a model."""
        degraded: list[str] = []
        vector, held, (usage, asked, matching) = await asyncio.gather(
            self._question_vector(question, degraded, watch),
            self._held(user_id, degraded, watch),
            self._by_words(user_id, question, watch),
        )
        with watch.lap("working_memory"):
            recent = await self._refilled(user_id, held, usage, degraded)
            in_mind = await self._in_mind(user_id, recent, vector, question)
        with watch.lap("vectors"):
            similar = await self._similar(user_id, vector, question, usage)
        with watch.lap("edges"):
            seeds = best_so_far(in_mind, similar, matching)
            edges = await self._walked(user_id, seeds, question)
        with watch.lap("rerank"):
            found = {*seeds, *ends_of(edges)}
            typical = await self._typical(user_id, recent, question)
            facts, around = await self._candidate_store.facts(
                user_id,
                found,
                question=vector,
                typical=typical,
                heads=question.heads,
                scope=question.scope,
                as_of=question.as_of,
            )
            facts = await self._as_they_stood(user_id, facts, question)
            answering = await self._answering(user_id, facts, question)
            candidates = [
                Candidate(
                    fact,
                    heads=question.heads,
                    recent=in_mind.get(fact.trace_id),
                    answer_type=answering.get(fact.trace_id, 0.0),
                )
                for fact in facts
            ]
            codes = around | {fact.trace_id: fact.term_codes for fact in facts}
            words = said(codes, asked)
        return Pool(candidates, asked, words, edges, usage, tuple(degraded))

    async def best(
        self, user_id: UUID, pool: Pool, question: Question, *, weights: Mapping[str, float]
    ) -> list[Result]:
        """Stage 4: the ``k`` best, without copies, and without summaries of what is among the first
        ``2k``: a summary stands in for details that do not come to mind themselves."""
        ranked = stage4_rerank.rank(
            pool.candidates,
            asked=pool.asked,
            said=pool.said,
            edges=pool.edges,
            weights=weights,
            average_length=pool.usage.average_length,
            about=question.about,
            now=question.moment,
        )
        results = collapse(ranked, k=2 * question.k)
        summaries, details = summaries_and_details(results)
        retold = await self._edges.retelling(user_id, summaries, details)
        kept = [each for each in results if each.best.candidate.fact.trace_id not in retold]
        return kept[: question.k]

    async def _question_vector(
        self, question: Question, degraded: list[str], watch: Stopwatch
    ) -> Vector | None:
        try:
            with watch.lap("embed"):
                return await self._embed(question.text)
        except EmbedderUnavailableError:
            degraded.append("embedder")
            return None

    async def _held(self, user_id: UUID, degraded: list[str], watch: Stopwatch) -> Recent | None:
        """What the working memory holds, not yet known to be current."""
        try:
            with watch.lap("working_memory"):
                return await self._working_memory.recent(user_id)
        except WorkingMemoryDownError:
            degraded.append("working_memory")
            return None

    async def _refilled(
        self, user_id: UUID, held: Recent | None, usage: Usage, degraded: list[str]
    ) -> Recent | None:
        """A working memory that is cold or behind a forgetting is filled from Postgres."""
        if "working_memory" in degraded or (held and held.generation == usage.generation):
            return held
        latest = await self._embeddings.latest(user_id, most=CAPACITY)
        try:
            await self._working_memory.push(
                user_id, latest, generation=usage.generation, may_fill=True
            )
        except WorkingMemoryDownError:
            degraded.append("working_memory")
        return Recent.of(latest, generation=usage.generation)

    async def _in_mind(
        self, user_id: UUID, recent: Recent | None, vector: Vector | None, question: Question
    ) -> dict[UUID, float]:
        """Stage 1."""
        if recent is None or vector is None or "semantic" not in question.heads:
            return {}
        found = stage1_recency.compare(recent, vector, k=question.k)
        later = await self._later(user_id, found, question)
        return {trace_id: cosine for trace_id, cosine in found.items() if trace_id not in later}

    async def _similar(
        self, user_id: UUID, vector: Vector | None, question: Question, usage: Usage
    ) -> Similarities:
        """Stage 2, vectors."""
        if vector is None:
            return {}
        return await stage2_vectors.nearest(
            self._vector_index, user_id, vector, question=question, usage=usage
        )

    async def _walked(
        self, user_id: UUID, seeds: Sequence[UUID], question: Question
    ) -> Sequence[Edge]:
        """Stage 3."""
        edges = await stage3_edges.walk(self._edges, user_id, seeds, at=question.moment)
        later = await self._later(user_id, ends_of(edges), question)
        return edges_then(edges, seeds, later=later, hops=stage3_edges.HOPS) if later else edges

    async def _typical(
        self, user_id: UUID, recent: Recent | None, question: Question
    ) -> Vector | None:
        """What is typical of this memory, at the moment it is asked."""
        if recent is None or question.as_of is None:
            return None if recent is None else recent.typical()
        latest = await self._embeddings.latest(user_id, most=CAPACITY, until=question.as_of)
        return Recent.of(latest, generation=recent.generation).typical()

    async def _as_they_stood(
        self, user_id: UUID, facts: list[TraceFact], question: Question
    ) -> list[TraceFact]:
        if question.as_of is None:
            return facts
        after = {fact.after for fact in facts if fact.after is not None}
        later = await self._later(user_id, after, question)
        return [fact_then(fact, question.as_of, later=later) for fact in facts]

    async def _answering(
        self, user_id: UUID, facts: Sequence[TraceFact], question: Question
    ) -> Mapping[UUID, float]:
        """How much each of these traces may hold what the question asks for."""
        kinds = answer_types(question.text)
        if not kinds:
            return {}
        entities = await self._edges.mentioned(
            user_id, [fact.trace_id for fact in facts], kinds=kinds, at=question.moment
        )
        return answer_shares(entities, facts, question=question.text)

    async def _later(
        self, user_id: UUID, trace_ids: Collection[UUID], question: Question
    ) -> Collection[UUID]:
        """Those of these traces that the memory did not hold yet as of the moment asked about."""
        if question.as_of is None or not trace_ids:
            return ()
        return await self._traces.later_than(user_id, question.as_of, among=trace_ids)

    async def _by_words(
        self, user_id: UUID, question: Question, watch: Stopwatch
    ) -> tuple[Usage, Asked, list[UUID]]:
        """Stage 2, words, which need no vector."""
        with watch.lap("words"):
            terms = self._words.asked(question.text)
            usage, known = await stage2_words.asked_terms(self._word_index, user_id, set(terms))
            matching = await stage2_words.matches(
                self._word_index, user_id, known, question=question, usage=usage
            )
            await self._release()
        asked = Asked(known, frozenset(pairwise(terms)), asks_for_advice(question.text))
        return usage, asked, matching

    async def _memories(
        self, user_id: UUID, results: Sequence[Result], edges: Sequence[Edge]
    ) -> tuple[Memory, ...]:
        ids = [result.best.candidate.fact.trace_id for result in results]
        traces = await self._traces.by_ids(user_id, ids)
        touching = edges_by_end(edges, set(ids))
        return tuple(
            Memory(
                trace=traces[trace_id],
                head=result.best.candidate.best_head(),
                score=result.best.score,
                scores=result.best.scores,
                edges=tuple(touching.get(trace_id, ())),
                copies=result.copies,
            )
            for trace_id, result in zip(ids, results, strict=True)
            if trace_id in traces
        )


def ends_of(edges: Sequence[Edge]) -> set[UUID]:
    """Every trace that one of these edges touches."""
    return {end for edge in edges for end in (edge.src, edge.dst)}


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
