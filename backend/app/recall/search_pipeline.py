"""How a search finds: by words and by meaning, ranked together, over notes, memories and summaries.

It stands on recall's pieces: the word index, the vectors and the linear sum of stage 4, with weights of
its own. Recall answers a question out of a life; a search finds the text that one has in mind, so the
words count most, and neither the turns around a text nor who said it do.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.errors import EmbedderUnavailableError
from app.language.words import Words
from app.recall import bm25, stage4_rerank
from app.recall.candidate import Candidate
from app.recall.said import AskedTerm, said
from app.recall.spelling import Reading, read
from app.recall.stopwatch import Stopwatch
from app.storage.candidates import CandidateStore
from app.storage.scope import Scope
from app.storage.search import Outline, SearchStore
from app.storage.traces import Usage
from app.storage.vector_index import VectorIndex
from app.storage.words import WordIndex

KINDS = ("notes", "memory", "summaries")
ROLES = {"note": "notes", "summary": "summaries"}
WEIGHTS: Mapping[str, float] = {
    "lexical": 0.5,
    "phrase": 0.15,
    "semantic": 0.2,
    "recency": 0.05,
    "salience": 0.05,
    "activation": 0.05,
}
TITLE = 0.2  # of the score is what the title of a note says
MOST_MATCHES = 500
MOST_RANKED = 100
MOST_BY_MEANING = 50
# A cosine below which a text that has none of the words is about something else.
LEAST_MEANING = 0.3
FEW = 20_000  # traces of which each may be asked whether it is in scope
SEMANTIC = ("semantic",)

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: ``text`` among ``kinds``, within a scope by time, role and source type; ``k``
    results a page, pages count from 1. Months are those of the person's ``timezone``."""

    text: str
    now: datetime
    kinds: frozenset[str] = frozenset(KINDS)
    scope: Scope = Scope()  # noqa: RUF009  it is frozen
    k: int = 10
    page: int = 1
    timezone: str = "UTC"

    @property
    def is_of_notes(self) -> bool:
        """Whether notes alone are looked for."""
        return self.kinds == {"notes"}


@dataclass(frozen=True, slots=True)
class _ByWords:
    """What the words brought: outlines of traces, best first, and whether that is all there are."""

    usage: Usage
    reading: Reading
    outlines: Mapping[UUID, Outline]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """All that was found, the best ranked first with their ``scores``, the others after them in the order
    of their words; ``is_whole`` unless there are more. ``degraded`` names what did not answer."""

    outlines: Mapping[UUID, Outline]
    order: Sequence[UUID]
    scores: Mapping[UUID, float]
    reading: Reading
    is_whole: bool
    degraded: tuple[str, ...]


class SearchPipeline:
    """One person's search within one unit of work."""

    def __init__(
        self,
        *,
        embed: Callable[[str], Awaitable[Vector]],
        words: Words,
        word_index: WordIndex,
        vector_index: VectorIndex,
        candidates: CandidateStore,
        store: SearchStore,
        release: Callable[[], Awaitable[None]],
    ) -> None:
        self._embed = embed
        self._words = words
        self._word_index = word_index
        self._vector_index = vector_index
        self._candidates = candidates
        self._store = store
        self._release = release

    async def find(self, user_id: UUID, wanted: Search, *, watch: Stopwatch) -> Listing:
        """Everything that fits, best first; a part that does not answer is named in ``degraded``. While
        the search is embedded, the word index is read; no connection waits for a model."""
        degraded: list[str] = []
        vector, by_words = await asyncio.gather(
            self._vector(wanted, degraded, watch), self._by_words(user_id, wanted, watch)
        )
        outlines = dict(by_words.outlines)
        if len(outlines) < MOST_RANKED:  # who has enough by words needs none without them
            with watch.lap("vectors"):
                outlines |= await self._by_meaning(user_id, vector, wanted, by_words)
        with watch.lap("rank"):
            scores = await self._scores(user_id, vector, wanted, by_words, outlines)
        rest = [trace_id for trace_id in outlines if trace_id not in scores]
        return Listing(
            outlines=outlines,
            order=[*scores, *rest],
            scores=scores,
            reading=by_words.reading,
            is_whole=by_words.is_whole,
            degraded=tuple(degraded),
        )

    async def _vector(self, wanted: Search, degraded: list[str], watch: Stopwatch) -> Vector | None:
        try:
            with watch.lap("embed"):
                return await self._embed(wanted.text)
        except EmbedderUnavailableError:
            degraded.append("embedder")
            return None

    async def _by_words(self, user_id: UUID, wanted: Search, watch: Stopwatch) -> _ByWords:
        """Scope and kinds are looked at afterwards, where that leaves enough: asking each posting's trace
        would be slow."""
        with watch.lap("words"):
            usage, reading = await read(self._word_index, self._words, user_id, wanted.text)
            idfs = reading.idfs()
            of_notes, scope = wanted.is_of_notes, _scope_of(wanted)
            matching = await self._matching(user_id, idfs, Scope(), usage, of_notes=of_notes)
            outlines = await self._outlines(user_id, matching, wanted)
            is_cut = len(matching) == MOST_MATCHES
            if is_cut and len(outlines) < MOST_RANKED and scope != Scope():
                matching = await self._matching(user_id, idfs, scope, usage, of_notes=of_notes)
                outlines = await self._outlines(user_id, matching, wanted)
                is_cut = len(matching) == MOST_MATCHES
            await self._release()
        is_whole = not is_cut and len(idfs) == len(set(reading.terms()))
        return _ByWords(usage, reading, outlines, is_whole)

    async def _matching(
        self,
        user_id: UUID,
        idfs: Mapping[str, float],
        scope: Scope,
        usage: Usage,
        *,
        of_notes: bool,
    ) -> list[UUID]:
        if not idfs:
            return []
        return await self._word_index.best(
            user_id,
            idfs,
            scope=scope,
            k1=bm25.K1,
            b=bm25.B,
            average_length=usage.average_length,
            most=MOST_MATCHES,
            of_notes=of_notes,
        )

    async def _by_meaning(
        self, user_id: UUID, vector: Vector | None, wanted: Search, by_words: _ByWords
    ) -> dict[UUID, Outline]:
        """The nearest that are near at all and that the words did not bring. In a large memory roles and
        sources are looked at afterwards, among more of them: asking each vector's trace would be slow."""
        if vector is None:
            return {}
        usage, scope, most = by_words.usage, _scope_of(wanted), MOST_BY_MEANING
        if usage.traces > FEW and (scope.role is not None or scope.source is not None):
            scope, most = replace(scope, role=None, source=None), 2 * MOST_BY_MEANING
        nearest = await self._vector_index.near(
            user_id,
            vector,
            scope=scope,
            most=most,
            usage=usage,
            of_notes=wanted.is_of_notes,
        )
        near = {n.trace_id: n.similarity for n in nearest if n.similarity >= LEAST_MEANING}
        new = sorted(near.keys() - by_words.outlines.keys(), key=lambda i: (-near[i], i))
        outlines = await self._outlines(user_id, new, wanted)
        return dict(islice(outlines.items(), MOST_BY_MEANING))

    async def _outlines(
        self, user_id: UUID, trace_ids: Sequence[UUID], wanted: Search
    ) -> dict[UUID, Outline]:
        """Those of these that are wanted, in their order."""
        found = await self._store.outlines(user_id, trace_ids, scope=wanted.scope)
        return {
            trace_id: found[trace_id]
            for trace_id in trace_ids
            if trace_id in found and kind_of(found[trace_id]) in wanted.kinds
        }

    async def _scores(
        self,
        user_id: UUID,
        vector: Vector | None,
        wanted: Search,
        by_words: _ByWords,
        outlines: Mapping[UUID, Outline],
    ) -> dict[UUID, float]:
        """The best so far with their scores, best first."""
        reading = by_words.reading
        pool = list(islice(outlines, MOST_RANKED + MOST_BY_MEANING))
        facts, titles = await self._candidates.texts(
            user_id, pool, question=vector, scope=wanted.scope
        )
        codes = {fact.trace_id: fact.term_codes for fact in facts}
        asked = reading.asked()
        each = replace(asked, terms=[AskedTerm(term, 1.0) for term in reading.terms()])
        ranked = stage4_rerank.rank(
            [Candidate(fact, heads=SEMANTIC) for fact in facts],
            asked=asked,
            said=reading.together(said(codes, each)),
            edges=(),
            weights=WEIGHTS,
            average_length=by_words.usage.average_length,
            about=None,
            now=wanted.now,
        )
        scores = {item.candidate.fact.trace_id: item.score for item in ranked}
        return self._with_titles(scores, titles, reading)

    def _with_titles(
        self, scores: Mapping[UUID, float], titles: Mapping[UUID, str], reading: Reading
    ) -> dict[UUID, float]:
        titled = {
            trace_id: reading.share_in(self._words.terms(title))
            for trace_id, title in titles.items()
        }
        weighed = {
            trace_id: (1 - TITLE) * score + TITLE * titled.get(trace_id, 0.0)
            for trace_id, score in scores.items()
        }
        return dict(sorted(weighed.items(), key=lambda item: -item[1]))


def kind_of(outline: Outline) -> str:
    """Among what a trace is listed. One of the role note that is of no note is a memory."""
    if outline.role == "note" and not outline.is_of_note:
        return "memory"
    return ROLES.get(outline.role, "memory")


def _scope_of(wanted: Search) -> Scope:
    """The scope that every channel can look into: summaries have a role of their own."""
    if wanted.kinds == {"summaries"} and wanted.scope.role is None:
        return replace(wanted.scope, role="summary")
    return wanted.scope
