"""Search: a page of one ranked list, and what of each result is shown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID
from zoneinfo import ZoneInfo

from app.language.words import Words
from app.models import MemoryTrace, Note
from app.recall.highlight import Snippet, marked, snippet
from app.recall.search_pipeline import Listing, Search, SearchPipeline, kind_of
from app.recall.spelling import Reading
from app.recall.stopwatch import Stopwatch
from app.storage.search import SearchStore
from app.storage.traces import TraceStore

PARTS = ("embed", "words", "vectors", "rank", "show")


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


class SearchService:
    """One person's search within one unit of work."""

    def __init__(
        self, *, pipeline: SearchPipeline, words: Words, traces: TraceStore, store: SearchStore
    ) -> None:
        self._pipeline = pipeline
        self._words = words
        self._traces = traces
        self._store = store

    async def search(self, user_id: UUID, wanted: Search) -> Results:
        """One page of what is found, best first."""
        watch = Stopwatch()
        found = await self._pipeline.find(user_id, wanted, watch=watch)
        with watch.lap("show"):
            page = found.order[(wanted.page - 1) * wanted.k : wanted.page * wanted.k]
            hits = await self._hits(user_id, page, found)
        zone = ZoneInfo(wanted.timezone)
        outlines = found.outlines.values()
        return Results(
            hits=hits,
            total=len(found.order),
            is_total=found.is_whole,
            kinds=Counter(kind_of(outline.role) for outline in outlines),
            months=Counter(f"{o.created_at.astimezone(zone):%Y-%m}" for o in outlines),
            corrected=self._as_written(found.reading, hits),
            took_ms=watch.read(PARTS),
            degraded=found.degraded,
        )

    async def notes(self, user_id: UUID, wanted: Search) -> list[Note]:
        """One page of notes alone, best first."""
        found = await self.search(user_id, replace(wanted, kinds=frozenset({"notes"})))
        return [hit.note for hit in found.hits if hit.note is not None]

    async def memories(self, user_id: UUID, wanted: Search) -> Results:
        """One page without notes, best first."""
        return await self.search(user_id, replace(wanted, kinds=wanted.kinds - {"notes"}))

    async def _hits(
        self,
        user_id: UUID,
        page: Sequence[UUID],
        found: Listing,
    ) -> list[Hit]:
        traces = await self._traces.by_ids(user_id, page)
        of_notes = [trace_id for trace_id in page if found.outlines[trace_id].role == "note"]
        notes = await self._store.notes(user_id, of_notes) if of_notes else {}
        weights = {
            term: word.idf * share
            for word in found.reading.words
            for term, share in word.shares.items()
        }
        return [
            self._hit(traces[trace_id], notes.get(trace_id), found.scores.get(trace_id), weights)
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
            kind=kind_of(trace.role),
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
