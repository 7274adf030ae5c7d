"""Search on the wire."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel

from app.models import MemoryTrace, Note
from app.recall.highlight import Snippet
from app.recall.search_pipeline import KINDS, Search
from app.services.note_memory import NOTE
from app.services.search_service import Hit, Results

Kind = Literal["notes", "memory", "summaries"]


class HighlightOut(BaseModel):
    """Where a word stands that was found: its first character and the one after its last, in Unicode code
    points of the text beside it."""

    start: int
    end: int


class HitOut(BaseModel):
    """One result. ``id`` is that of the note or else of the trace; ``snippet`` is plain text, whatever it
    looks like. ``score`` is null far down the list, where results are in the order of their words, and
    ``trace_id`` for a note that the memory does not hold."""

    kind: Kind
    id: UUID
    trace_id: UUID | None
    title: str | None
    title_highlights: list[HighlightOut]
    snippet: str
    highlights: list[HighlightOut]
    role: str
    created_at: datetime
    score: float | None
    source: dict[str, Any]

    @classmethod
    def of(cls, hit: Hit) -> Self:
        """From the service's answer."""
        return cls.model_validate(
            {
                "kind": hit.kind,
                "trace_id": None if hit.trace is None else hit.trace.id,
                "title": None if hit.title is None else hit.title.text,
                "title_highlights": [] if hit.title is None else _highlights(hit.title),
                "snippet": hit.snippet.text,
                "highlights": _highlights(hit.snippet),
                "score": hit.score,
                **_of_trace(hit.trace),
                **_of_note(hit.note),
            }
        )


class FacetsOut(BaseModel):
    """How many of all that was found are of which kind, and from which month (``2026-11``) in the
    person's time zone, newest first."""

    kinds: dict[Kind, int]
    months: dict[str, int]

    @classmethod
    def of(cls, kinds: Mapping[str, int], months: Mapping[str, int]) -> Self:
        """From counts."""
        return cls.model_validate(
            {
                "kinds": {kind: kinds.get(kind, 0) for kind in KINDS},
                "months": dict(sorted(months.items(), reverse=True)),
            }
        )


class SearchOut(BaseModel):
    """One page of results, best first. ``corrected`` tells which words were read otherwise than typed.
    ``total`` and the facets count what was found; where ``is_total`` is false, there is more."""

    query: str
    corrected: dict[str, str]
    results: list[HitOut]
    total: int
    is_total: bool
    page: int
    k: int
    facets: FacetsOut
    took_ms: dict[str, float]
    degraded: list[str]

    @classmethod
    def of(cls, wanted: Search, found: Results) -> Self:
        """From what was asked and what was found."""
        return cls(
            query=wanted.text,
            corrected=dict(found.corrected),
            results=[HitOut.of(hit) for hit in found.hits],
            total=found.total,
            is_total=found.is_total,
            page=wanted.page,
            k=wanted.k,
            facets=FacetsOut.of(found.kinds, found.months),
            took_ms=dict(found.took_ms),
            degraded=list(found.degraded),
        )


def _highlights(shown: Snippet) -> list[dict[str, int]]:
    return [{"start": start, "end": end} for start, end in shown.highlights]


def _of_trace(trace: MemoryTrace | None) -> dict[str, Any]:
    if trace is None:
        return {}
    names = ("id", "role", "created_at", "source")
    return {name: getattr(trace, name) for name in names}


def _of_note(note: Note | None) -> dict[str, Any]:
    """What a note shares with its trace, whether or not there is one, and the id of its own."""
    if note is None:
        return {}
    source = {"type": NOTE, "id": str(note.id)}
    return {"id": note.id, "role": NOTE, "created_at": note.created_at, "source": source}
