"""From the notes of the old database, and what ties them, to notes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from app.language.links import MAX_TITLE_CHARACTERS, title_key
from app.language.words import Words
from app.migration.lenient import is_true, uuid_of
from app.migration.source import ConnectionRow, NoteRow
from app.models import Note, NoteConnection
from app.services.note_memory import LEAST_SALIENCE, NOTE
from app.services.trace_draft import MAX_CONTENT_CHARACTERS, NewTrace, TraceDraft, draft

UNTITLED = "Untitled"
UNSAID_STRENGTH = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BRACKETS = re.compile(r"\[{2,}|\]{2,}")
_TYPES = {
    "reference": "reference",
    "link": "reference",
    "manual": "reference",
    "temporal": "temporal",
    "same_day": "temporal",
}


@dataclass(frozen=True, slots=True)
class MovedTie:
    """A connection, or why there is none."""

    id: str
    connection: NoteConnection | None
    skipped: str | None = None


def note_of(row: NoteRow, *, user_id: UUID) -> Note | None:
    """A note; None where it says nothing. A title that no link could name is changed so that one can, and
    one that is too long begins the text."""
    title = _linkable(row.title or "")
    content = row.content or ""
    if not title and not content.strip():
        return None
    if len(title) > MAX_TITLE_CHARACTERS:
        content = f"{title}\n\n{content}".strip()
        title = title[:MAX_TITLE_CHARACTERS].rstrip()
    title = title or UNTITLED
    created_at = (row.created_at or EPOCH).astimezone(UTC)
    return Note(
        user_id=user_id,
        id=uuid_of("note", row.id),
        title=title,
        title_key=title_key(title),
        content=content,
        version=1,
        trace_id=None,
        created_at=created_at,
        updated_at=max(created_at, (row.updated_at or created_at).astimezone(UTC)),
    )


def trace_id_of(note: Note) -> UUID:
    """The id of the trace of a note that was brought over."""
    return uuid_of("note trace", str(note.id))


def note_draft(note: Note, *, old_id: str, words: Words, now: datetime) -> TraceDraft:
    """How the memory holds a note."""
    new = NewTrace(
        content=f"{note.title}\n\n{note.content}".strip()[:MAX_CONTENT_CHARACTERS],
        role=NOTE,
        created_at=note.created_at,
        salience=None,
        source={"type": NOTE, "id": str(note.id)},
        meta={"migrated": {"table": "note", "id": old_id}},
    )
    item = draft(note.user_id, new, words=words, now=now, trace_id=trace_id_of(note))
    item.trace.salience = max(item.trace.salience, LEAST_SALIENCE)
    return item


class Ties:
    """Tells connections from what is none: orphans, loops, and what is tied already."""

    def __init__(self, owners: Mapping[UUID, UUID]) -> None:
        """``owners`` are the people of all notes that are brought over."""
        self._owners = owners
        self._seen: set[tuple[str, UUID, UUID]] = set()

    def of(self, row: ConnectionRow) -> MovedTie:
        """One connection."""
        source = uuid_of("note", row.source_note_id or "")
        target = uuid_of("note", row.target_note_id or "")
        owner = self._owners.get(source)
        if owner is None or target not in self._owners:
            return MovedTie(row.id, None, "orphan")
        if owner != self._owners[target]:
            return MovedTie(row.id, None, "two_people")
        if source == target:
            return MovedTie(row.id, None, "loop")
        kind = _TYPES.get((row.connection_type or "").strip().casefold(), "semantic")
        ends = (
            (source, target) if kind == "reference" else (min(source, target), max(source, target))
        )
        if (kind, *ends) in self._seen:
            return MovedTie(row.id, None, "tied_already")
        self._seen.add((kind, *ends))
        return MovedTie(row.id, _connection(row, owner, source, target, kind))


def _linkable(title: str) -> str:
    """On one line, without the signs that make a link."""
    title = _BRACKETS.sub(lambda found: found[0][0], " ".join(title.split()))
    return title.replace("|", "/")


def _connection(
    row: ConnectionRow, owner: UUID, source: UUID, target: UUID, kind: str
) -> NoteConnection:
    return NoteConnection(
        user_id=owner,
        id=uuid_of("note_connection", row.id),
        source_note_id=source,
        target_note_id=target,
        connection_type=kind,
        strength=_strength(row.strength, is_fraction=row.is_fraction),
        origin="suggestion" if is_true(row.auto_generated) else "person",
        created_at=(row.created_at or EPOCH).astimezone(UTC),
    )


def _strength(raw: float | None, *, is_fraction: bool) -> int:
    """0 to 100, whether the old one ended at 1 or at 100."""
    if raw is None or raw != raw:  # noqa: PLR0124  NaN is unlike itself
        return UNSAID_STRENGTH
    return round(min(100.0, max(0.0, raw * 100 if is_fraction else raw)))
