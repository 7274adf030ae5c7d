"""Search: one ranked list over notes, memories and summaries.

It stands on recall's pieces: the word index, the vectors and the linear sum of stage 4, with weights of
its own. Recall answers a question out of a life; a search finds the text that one has in mind, so the
words count most, and neither the turns around a text nor who said it do.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from app.errors import EmbedderUnavailableError
from app.language.words import Words
from app.models import MemoryTrace, Note
from app.recall import bm25, stage4_rerank
from app.recall.candidate import Candidate
from app.recall.highlight import Snippet, marked, snippet
from app.recall.said import AskedTerm, said
from app.recall.spelling import Reading, read
from app.recall.stopwatch import Stopwatch
from app.storage.candidates import CandidateStore
from app.storage.embeddings import EmbeddingStore
from app.storage.scope import Scope
from app.storage.search import Outline, SearchStore
from app.storage.traces import TraceStore, Usage
from app.storage.words import WordIndex

PARTS = ("embed", "words", "vectors", "rank", "show")
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
MOST_MATCHES = 2_000
MOST_RANKED = 150
MOST_BY_MEANING = 50
LEAST_MEANING = (
    0.3  # a cosine below which a text that has none of the words is about something else
)
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


@dataclass(frozen=True, slots=True)
class Hit:
    """One result: its kind, its ``score`` (0 to 1; None beyond what was ranked exactly), the piece of it
    that shows why, and, of a note, the note and its title with what was found there."""

    kind: str
    trace: MemoryTrace
    score: float | None
    snippet: Snippet
    note: Note | None
    title: Snippet | None


@dataclass(frozen=True, slots=True)
class Results:
    """One page of hits. ``total`` counts all that was found, at least so many unless ``is_total``;
    ``kinds`` and ``months`` count them apart. ``corrected`` tells what was read otherwise than typed."""

    hits: Sequence[Hit]
    total: int
    is_total: bool
    kinds: Mapping[str, int]
    months: Mapping[str, int]
    corrected: Mapping[str, str]
    took_ms: Mapping[str, float]
    degraded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """What the channels brought: traces by words, best first, and by meaning with their cosines."""

    usage: Usage
    reading: Reading
    matching: Sequence[UUID]
    similar: Mapping[UUID, float]
    vector: Vector | None


class SearchService:
    """One person's search within one unit of work."""

    def __init__(
        self,
        *,
        embed: Callable[[str], Awaitable[Vector]],
        words: Words,
        word_index: WordIndex,
        embeddings: EmbeddingStore,
        candidates: CandidateStore,
        traces: TraceStore,
        store: SearchStore,
        release: Callable[[], Awaitable[None]],
    ) -> None:
        self._embed = embed
        self._words = words
        self._word_index = word_index
        self._embeddings = embeddings
        self._candidates = candidates
        self._traces = traces
        self._store = store
        self._release = release

    async def search(self, user_id: UUID, wanted: Search) -> Results:
        """One page of what is found, best first."""
        watch = Stopwatch()
        degraded: list[str] = []
        found = await self._gather(user_id, wanted, degraded, watch)
        with watch.lap("rank"):
            outlines = await self._outlines(user_id, found, wanted)
            scores = await self._scores(user_id, found, outlines, wanted)
            rest = [trace_id for trace_id in outlines if trace_id not in scores]
            order = [*scores, *rest]
        with watch.lap("show"):
            page = order[(wanted.page - 1) * wanted.k : wanted.page * wanted.k]
            hits = await self._hits(user_id, page, scores, found.reading)
        zone = ZoneInfo(wanted.timezone)
        return Results(
            hits=hits,
            total=len(order),
            is_total=len(found.matching) < MOST_MATCHES,
            kinds=Counter(_kind(outline.role) for outline in outlines.values()),
            months=Counter(f"{o.created_at.astimezone(zone):%Y-%m}" for o in outlines.values()),
            corrected=self._as_written(found.reading, hits),
            took_ms=watch.read(PARTS),
            degraded=tuple(degraded),
        )

    async def notes(self, user_id: UUID, wanted: Search) -> list[Note]:
        """One page of notes alone, best first."""
        found = await self.search(user_id, replace(wanted, kinds=frozenset({"notes"})))
        return [hit.note for hit in found.hits if hit.note is not None]

    async def memories(self, user_id: UUID, wanted: Search) -> Results:
        """One page without notes, best first."""
        return await self.search(user_id, replace(wanted, kinds=wanted.kinds - {"notes"}))

    async def _gather(
        self, user_id: UUID, wanted: Search, degraded: list[str], watch: Stopwatch
    ) -> _Found:
        """While the search is embedded, the word index is read; no connection waits for a model."""
        vector, (usage, reading, matching) = await asyncio.gather(
            self._vector(wanted, degraded, watch), self._by_words(user_id, wanted, watch)
        )
        with watch.lap("vectors"):
            similar = await self._by_meaning(user_id, vector, wanted, usage)
        return _Found(usage, reading, matching, similar, vector)

    async def _vector(self, wanted: Search, degraded: list[str], watch: Stopwatch) -> Vector | None:
        try:
            with watch.lap("embed"):
                return await self._embed(wanted.text)
        except EmbedderUnavailableError:
            degraded.append("embedder")
            return None

    async def _by_words(
        self, user_id: UUID, wanted: Search, watch: Stopwatch
    ) -> tuple[Usage, Reading, list[UUID]]:
        with watch.lap("words"):
            usage, reading = await read(self._word_index, self._words, user_id, wanted.text)
            idfs = reading.idfs()
            matching = (
                await self._word_index.best(
                    user_id,
                    idfs,
                    scope=_scope_of(wanted),
                    k1=bm25.K1,
                    b=bm25.B,
                    average_length=usage.average_length,
                    most=MOST_MATCHES,
                )
                if idfs
                else []
            )
            await self._release()
        return usage, reading, matching

    async def _by_meaning(
        self, user_id: UUID, vector: Vector | None, wanted: Search, usage: Usage
    ) -> dict[UUID, float]:
        """The nearest that are near at all. In a large memory roles and sources are looked at afterwards,
        among more of them: asking each of its vectors would be slow."""
        if vector is None:
            return {}
        scope, most = _scope_of(wanted), MOST_BY_MEANING
        if usage.traces > FEW and (scope.role is not None or scope.source is not None):
            scope, most = replace(scope, role=None, source=None), 4 * MOST_BY_MEANING
        nearest = await self._embeddings.nearest(
            user_id, vector, heads=SEMANTIC, scope=scope, most=most, traces=usage.traces
        )
        return {n.trace_id: n.similarity for n in nearest if n.similarity >= LEAST_MEANING}

    async def _outlines(self, user_id: UUID, found: _Found, wanted: Search) -> dict[UUID, Outline]:
        """All that was found and is wanted, in the order of the words and then of meaning."""
        ids = list(dict.fromkeys([*found.matching, *found.similar]))
        outlines = await self._store.outlines(user_id, ids, scope=wanted.scope)
        return {
            trace_id: outlines[trace_id]
            for trace_id in ids
            if trace_id in outlines and _kind(outlines[trace_id].role) in wanted.kinds
        }

    async def _scores(
        self, user_id: UUID, found: _Found, outlines: Mapping[UUID, Outline], wanted: Search
    ) -> dict[UUID, float]:
        """The best so far with their scores, best first."""
        similar = [trace_id for trace_id in found.similar if trace_id in outlines]
        pool = dict.fromkeys([*list(outlines)[:MOST_RANKED], *similar[:MOST_BY_MEANING]])
        facts = await self._candidates.facts(
            user_id,
            pool,
            question=found.vector,
            typical=None,
            heads=SEMANTIC,
            scope=wanted.scope,
            as_of=None,
        )
        asked = found.reading.asked()
        codes = await self._candidates.term_codes(user_id, pool)
        each = replace(asked, terms=[AskedTerm(term, 1.0) for term in found.reading.terms()])
        ranked = stage4_rerank.rank(
            [Candidate(fact, heads=SEMANTIC) for fact in facts],
            asked=asked,
            said=found.reading.together(said(codes, each)),
            edges=(),
            weights=WEIGHTS,
            average_length=found.usage.average_length,
            about=None,
            now=wanted.now,
        )
        scores = {item.candidate.fact.trace_id: item.score for item in ranked}
        return await self._with_titles(user_id, scores, outlines, found.reading)

    async def _with_titles(
        self,
        user_id: UUID,
        scores: Mapping[UUID, float],
        outlines: Mapping[UUID, Outline],
        reading: Reading,
    ) -> dict[UUID, float]:
        of_notes = [trace_id for trace_id in scores if outlines[trace_id].role == "note"]
        notes = await self._store.notes(user_id, of_notes) if of_notes else {}
        titled = {
            trace_id: reading.share_in(self._words.terms(note.title))
            for trace_id, note in notes.items()
        }
        weighed = {
            trace_id: (1 - TITLE) * score + TITLE * titled.get(trace_id, 0.0)
            for trace_id, score in scores.items()
        }
        return dict(sorted(weighed.items(), key=lambda item: -item[1]))

    async def _hits(
        self,
        user_id: UUID,
        page: Sequence[UUID],
        scores: Mapping[UUID, float],
        reading: Reading,
    ) -> list[Hit]:
        traces = await self._traces.by_ids(user_id, page)
        notes = await self._store.notes(user_id, page)
        weights = {
            term: word.idf * share for word in reading.words for term, share in word.terms.items()
        }
        return [
            self._hit(traces[trace_id], notes.get(trace_id), scores.get(trace_id), weights)
            for trace_id in page
            if trace_id in traces
        ]

    def _hit(
        self,
        trace: MemoryTrace,
        note: Note | None,
        score: float | None,
        weights: Mapping[str, float],
    ) -> Hit:
        """A note's own text is shown without its title, which stands beside it."""
        text = trace.content if note is None else note.content
        return Hit(
            kind=_kind(trace.role),
            trace=trace,
            score=score,
            snippet=snippet(text, weights, words=self._words),
            note=note,
            title=None if note is None else marked(note.title, weights, words=self._words),
        )

    def _as_written(self, reading: Reading, hits: Sequence[Hit]) -> dict[str, str]:
        """What was corrected, as the word is written in what was found: terms are stems."""
        written: dict[str, str] = {}
        for hit in hits:
            for begin, end, term in self._words.spans(hit.snippet.text):
                written.setdefault(term, hit.snippet.text[begin:end].casefold())
        return {typed: written.get(term, term) for typed, term in reading.corrected.items()}


def _kind(role: str) -> str:
    return ROLES.get(role, "memory")


def _scope_of(wanted: Search) -> Scope:
    """The scope that every channel can look into: a kind that is one role is one."""
    roles = {kind: role for role, kind in ROLES.items()}
    if len(wanted.kinds) == 1 and wanted.scope.role is None:
        (kind,) = wanted.kinds
        return replace(wanted.scope, role=roles.get(kind))
    return wanted.scope
