"""Search: a page of one ranked list, and what of each result is shown."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID
from zoneinfo import ZoneInfo

from app.language.words import Words
from app.models import MemoryTrace, Note
from app.recall.highlight import Snippet, marked, snippet
from app.recall.search_pipeline import Listing, Search, SearchPipeline, kind_of
from app.recall.spelling import Reading
from app.recall.stopwatch import Stopwatch
from app.recall.untraced import UntracedNote, matching
from app.services.note_memory import NOTE
from app.storage.search import Outline, SearchStore
from app.storage.traces import TraceStore

PARTS = ("embed", "words", "vectors", "rank", "show")
MOST_UNTRACED = 500


@dataclass(frozen=True, slots=True)
class Hit:
    """One result: its kind, the piece of it that shows why, its ``score`` (0 to 1; None beyond what was
    ranked exactly), and, of a note, the note and its title with what was found there. There is a trace of
    all but a note that the memory does not hold."""

    kind: str
    snippet: Snippet
    score: float | None
    trace: MemoryTrace | None = None
    note: Note | None = None
    title: Snippet | None = None


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
        with watch.lap("words"):
            notes = await self._untraced_notes(user_id, wanted)
            untraced = await self._matching(notes, wanted.text, found.reading)
        found = _with_untraced(found, untraced, is_whole=len(notes) < MOST_UNTRACED)
        with watch.lap("show"):
            page = found.order[(wanted.page - 1) * wanted.k : wanted.page * wanted.k]
            hits = await self._hits(user_id, page, found, untraced)
        outlines = found.outlines.values()
        return Results(
            hits=hits,
            total=len(found.order),
            is_total=found.is_whole,
            kinds=Counter(kind_of(outline) for outline in outlines),
            months=_by_month(outlines, ZoneInfo(wanted.timezone)),
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

    async def _untraced_notes(self, user_id: UUID, wanted: Search) -> list[Note]:
        """The notes that the memory does not hold, as far as notes are looked for."""
        scope = wanted.scope
        is_wanted = scope.role in (None, NOTE) and scope.source in (None, NOTE)
        if "notes" not in wanted.kinds or not is_wanted:
            return []
        return await self._store.untraced_notes(user_id, scope=scope, most=MOST_UNTRACED)

    async def _matching(
        self, notes: Sequence[Note], text: str, reading: Reading
    ) -> dict[UUID, UntracedNote]:
        if not notes:
            return {}
        found = await asyncio.to_thread(matching, notes, text, reading, words=self._words)
        return {one.note.id: one for one in found}

    async def _hits(
        self,
        user_id: UUID,
        page: Sequence[UUID],
        found: Listing,
        untraced: Mapping[UUID, UntracedNote],
    ) -> list[Hit]:
        of_traces = [one for one in page if one not in untraced]
        traces = await self._traces.by_ids(user_id, of_traces)
        of_notes = [trace_id for trace_id in of_traces if found.outlines[trace_id].is_of_note]
        notes = await self._store.notes(user_id, of_notes) if of_notes else {}
        weights = {
            term: word.idf * share
            for word in found.reading.words
            for term, share in word.shares.items()
        }
        hits: list[Hit] = []
        for one in page:
            outline, score = found.outlines[one], found.scores.get(one)
            if one in untraced:
                item = untraced[one]
                found_in = {**weights, **item.weights}
                hits.append(self._of_note(item.note, None, score, found_in))
            elif one in traces and one in notes:
                hits.append(self._of_note(notes[one], traces[one], score, weights))
            elif one in traces:
                shown = snippet(traces[one].content, weights, words=self._words)
                hits.append(Hit(kind_of(outline), shown, score, trace=traces[one]))
        return hits

    def _of_note(
        self,
        note: Note,
        trace: MemoryTrace | None,
        score: float | None,
        weights: Mapping[str, float],
    ) -> Hit:
        """A note's own text is shown without its title, which stands beside it."""
        shown = snippet(note.content, weights, words=self._words)
        title = marked(note.title, weights, words=self._words)
        return Hit("notes", shown, score, trace=trace, note=note, title=title)

    def _as_written(self, reading: Reading, hits: Sequence[Hit]) -> dict[str, str]:
        """What was corrected, as the word is written in what was found: terms are stems."""
        written: dict[str, str] = {}
        for hit in hits if reading.corrected else ():
            for begin, end, term in self._words.spans(hit.snippet.text):
                written.setdefault(term, hit.snippet.text[begin:end].casefold())
        return {typed: written.get(term, term) for typed, term in reading.corrected.items()}


def _by_month(outlines: Iterable[Outline], zone: ZoneInfo) -> dict[str, int]:
    """How many are of each month, as ``2026-05``, where the person is."""
    moments = (outline.created_at.astimezone(zone) for outline in outlines)
    counts = Counter((moment.year, moment.month) for moment in moments)
    return {f"{year:04}-{month:02}": count for (year, month), count in counts.items()}


def _with_untraced(
    found: Listing, untraced: Mapping[UUID, UntracedNote], *, is_whole: bool
) -> Listing:
    """All of it as one list, the best first; ``is_whole`` when every untraced note was looked at."""
    scores = {**found.scores, **{note_id: one.score for note_id, one in untraced.items()}}
    best = sorted(scores, key=lambda one: -scores[one])
    rest = [one for one in found.order if one not in scores]
    outlines = {
        note_id: Outline(note_id, NOTE, one.note.created_at, is_of_note=True)
        for note_id, one in untraced.items()
    }
    return replace(
        found,
        outlines={**found.outlines, **outlines},
        order=[*best, *rest],
        scores=scores,
        is_whole=found.is_whole and is_whole,
    )
