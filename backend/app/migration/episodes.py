"""From what was said in the old database to traces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.language.words import Words
from app.migration.lenient import (
    fraction_of,
    json_of,
    labels_of,
    object_of,
    role_of,
    unique,
    uuid_of,
)
from app.migration.source import EpisodeRow
from app.migration.source_tables import UNSAID_IMPORTANCE, Lineage
from app.services.note_memory import NOTE
from app.services.trace_draft import MAX_CONTENT_CHARACTERS, NewTrace, TraceDraft, draft

LONGEST_NAME = 200
_PEOPLE = ("participants", "people", "persons", "speakers")


@dataclass(frozen=True, slots=True)
class Moved:
    """A trace of the old database, with the id that it has at every run."""

    user_id: UUID
    id: UUID
    new: NewTrace
    at: datetime
    access_count: int = 0
    last_accessed_at: datetime | None = None

    @property
    def repeats(self) -> int:
        """How often it was stored."""
        return int(self.new.meta["repeats"])


def moved(row: EpisodeRow, *, user_id: UUID, lineage: Lineage) -> list[Moved]:
    """One trace; several of one conversation where the text is too long for one."""
    size = MAX_CONTENT_CHARACTERS
    parts = [row.content[at : at + size] for at in range(0, len(row.content), size)]
    parts = [part for part in parts if part.strip()]
    return [
        Moved(
            user_id=user_id,
            id=uuid_of("episode", row.id, part=number),
            new=NewTrace(
                content=part,
                role=role_of(row.role),
                created_at=row.at.astimezone(UTC),
                salience=_salience(row.importance, lineage),
                source=_source(row, number=number, parts=len(parts)),
                meta=_meta(row, number=number, parts=len(parts)),
            ),
            at=row.at.astimezone(UTC),
            access_count=min(2**31 - 1, max(0, int(row.access_count or 0))),
            last_accessed_at=row.last_accessed and row.last_accessed.astimezone(UTC),
        )
        for number, part in enumerate(parts)
    ]


def drafts_of(items: Sequence[Moved], *, words: Words, now: datetime) -> list[TraceDraft]:
    """As the writer takes them."""
    return [_draft(item, words=words, now=now) for item in items]


def _draft(item: Moved, *, words: Words, now: datetime) -> TraceDraft:
    found = draft(item.user_id, item.new, words=words, now=now, trace_id=item.id)
    found.trace.access_count = item.access_count
    found.trace.last_accessed_at = item.last_accessed_at
    return found


def _salience(importance: float | None, lineage: Lineage) -> float | None:
    """What somebody said of it; the value that the old database gave by itself says nothing."""
    return None if importance == UNSAID_IMPORTANCE[lineage] else fraction_of(importance)


def _source(row: EpisodeRow, *, number: int, parts: int) -> dict[str, str]:
    """The old id makes it known when it is sent again; parts of a long text follow one another."""
    kind = (row.source or row.memory_type or "chat").strip()[:LONGEST_NAME] or "chat"
    meta = object_of(row.meta)
    talk = (
        _text(row.conversation)
        or _text(meta.get("session_id"))
        or _text(meta.get("conversation_id"))
    )
    if talk is None and parts > 1:
        talk = f"episode {row.id}"
    source = {
        "type": "episode" if kind.casefold() == NOTE else kind,
        "id": (row.id if number == 0 else f"{row.id} part {number}")[-LONGEST_NAME:],
    }
    return source if talk is None else {**source, "conversation_id": talk[:LONGEST_NAME]}


def _meta(row: EpisodeRow, *, number: int, parts: int) -> dict[str, Any]:
    """What else was known of it. ``migrated`` tells where it is from, ``repeats`` how often it was
    stored there."""
    old = object_of(row.meta)
    tags = labels_of(json_of(row.context_tags))
    known: Mapping[str, Any] = {
        "topics": unique([*labels_of(json_of(row.topics)), *labels_of(old.get("topics"))]),
        "participants": _participants(row, old, tags),
        "context_tags": tags,
        "emotional_tone": json_of(row.emotional_tone),
        "memory_type": row.memory_type,
        "role": row.role if role_of(row.role) != row.role else None,
        "old": old,
        "part": f"{number + 1}/{parts}" if parts > 1 else None,
        "time_guessed": row.is_guessed,
    }
    return {
        "migrated": {"table": "episode", "id": row.id},
        "repeats": row.repeats,
        **{name: value for name, value in known.items() if value not in (None, [], {}, False, "")},
    }


def _participants(row: EpisodeRow, old: Mapping[str, Any], tags: Sequence[str]) -> list[str]:
    """Who was there, as the row or its meta says, or a tag such as ``person:Ana``."""
    tagged = [
        tag.partition(":")[2].strip()
        for tag in tags
        if tag.partition(":")[0].strip().casefold() in {"person", "people", "participant"}
    ]
    listed = [name for key in _PEOPLE for name in labels_of(old.get(key))]
    return unique(name for name in (*labels_of(json_of(row.people)), *listed, *tagged) if name)


def _text(value: object) -> str | None:
    return str(value).strip() or None if isinstance(value, str | int) else None
