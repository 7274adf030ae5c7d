"""What a search has to know of what it found: which kind, from when, and which note it is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Note
from app.storage.database import any_of, statement, uuid_array
from app.storage.scope import Scope


@dataclass(frozen=True, slots=True)
class Outline:
    """A trace, or a note without one, in a few words: no more than counting takes."""

    id: UUID
    role: str
    created_at: datetime
    is_of_note: bool


class SearchStore:
    """One person's traces and notes in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def outlines(
        self, user_id: UUID, trace_ids: Collection[UUID], *, scope: Scope
    ) -> dict[UUID, Outline]:
        """Those of these traces that are in scope and have not faded; entity nodes are no results."""
        rows = await self._session.execute(
            statement("outlines"),
            {"user_id": user_id, "trace_ids": uuid_array(trace_ids), **scope.parameters()},
        )
        return {row.id: Outline(*row) for row in rows}

    async def notes(self, user_id: UUID, trace_ids: Sequence[UUID]) -> dict[UUID, Note]:
        """The notes that these traces are of, by the id of the trace."""
        query = select(Note).where(Note.user_id == user_id, Note.trace_id == any_of(trace_ids))
        found = await self._session.scalars(query)
        return {note.trace_id: note for note in found if note.trace_id is not None}

    async def untraced_notes(self, user_id: UUID, *, scope: Scope, most: int) -> list[Note]:
        """The notes in scope that the memory does not hold, those written last first.

        They are found by ``ix_note_trace``. ``nulls_last`` keeps Postgres from looking through all notes
        in the order of ``ix_note_updated``, which it does where other people have many such notes.
        """
        query = select(Note).where(
            Note.user_id == user_id,
            Note.trace_id.is_(None),
            Note.created_at >= scope.since,
            Note.created_at < scope.until,
        )
        latest = query.order_by(Note.updated_at.desc().nulls_last(), Note.id.desc()).limit(most)
        return list(await self._session.scalars(latest))
