"""Notes, connections and verdicts as an export holds them, and in again; what is there stays."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.models import MemoryTrace, Note, NoteConnection, NoteSuggestion
from app.storage.database import any_of


@dataclass(frozen=True, slots=True)
class NoteOfExport:
    """A note; ``trace_id`` is how the memory held it."""

    id: UUID
    title: str
    title_key: str
    content: str
    version: int
    trace_id: UUID | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ConnectionOfExport:
    """What ties two notes."""

    id: UUID
    source_note_id: UUID
    target_note_id: UUID
    connection_type: str
    strength: int
    origin: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class VerdictOfExport:
    """What somebody has said of a suggested tie, the lesser id first."""

    note_id: UUID
    other_id: UUID
    verdict: str
    judged_at: datetime


class NoteImportStore:
    """One person's notes in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add_notes(self, user_id: UUID, notes: Sequence[NoteOfExport]) -> set[UUID]:
        """Insert the notes that are not there; which those are. A trace that is gone is not named."""
        named = {note.trace_id for note in notes if note.trace_id is not None}
        held = await self._there(user_id, MemoryTrace.id, named)
        rows = [
            asdict(note if note.trace_id in held else replace(note, trace_id=None))
            for note in notes
        ]
        return set(await self._insert(user_id, Note.id, rows))

    async def add_connections(
        self, user_id: UUID, connections: Sequence[ConnectionOfExport]
    ) -> int:
        """Insert the connections that are not there, between notes that are; how many."""
        ends = {i for one in connections for i in (one.source_note_id, one.target_note_id)}
        notes = await self._there(user_id, Note.id, ends)
        rows = [
            asdict(one) for one in connections if {one.source_note_id, one.target_note_id} <= notes
        ]
        return len(await self._insert(user_id, NoteConnection.id, rows))

    async def add_verdicts(self, user_id: UUID, verdicts: Sequence[VerdictOfExport]) -> int:
        """Insert the verdicts that are not there, of notes that are; how many."""
        ends = {i for one in verdicts for i in (one.note_id, one.other_id)}
        notes = await self._there(user_id, Note.id, ends)
        rows = [asdict(one) for one in verdicts if {one.note_id, one.other_id} <= notes]
        return len(await self._insert(user_id, NoteSuggestion.note_id, rows))

    async def _there(
        self, user_id: UUID, column: InstrumentedAttribute[UUID], ids: Collection[UUID]
    ) -> set[UUID]:
        query = select(column).where(column.class_.user_id == user_id, column == any_of(ids))
        return set(await self._session.scalars(query))

    async def _insert(
        self, user_id: UUID, column: InstrumentedAttribute[UUID], rows: Sequence[dict[str, Any]]
    ) -> list[UUID]:
        """The given column of each row that was not there."""
        if not rows:
            return []
        added = await self._session.scalars(
            insert(column.class_)
            .values([{"user_id": user_id, **row} for row in rows])
            .on_conflict_do_nothing()
            .returning(column)
        )
        return list(added)
