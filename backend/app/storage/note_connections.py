"""What ties two notes, and what somebody has said of a suggested tie."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Note, NoteConnection, NoteSuggestion


@dataclass(frozen=True, slots=True)
class Tied:
    """A connection of a note with the title of the note at its other end."""

    connection: NoteConnection
    other_id: UUID
    other_title: str


class NoteConnectionStore:
    """One person's connections and verdicts in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, user_id: UUID, note_id: UUID) -> list[Tied]:
        """Every connection of a note, either way, the strongest first."""
        mine = NoteConnection
        query = (
            select(mine, Note.id, Note.title)
            .join(
                Note,
                (Note.user_id == mine.user_id)
                & Note.id.in_((mine.source_note_id, mine.target_note_id))
                & (Note.id != note_id),
            )
            .where(mine.user_id == user_id, _touches(note_id))
            .order_by(mine.strength.desc(), mine.created_at, mine.id)
        )
        return [Tied(*row) for row in (await self._session.execute(query)).all()]

    async def tied_to(self, user_id: UUID, note_id: UUID) -> set[UUID]:
        """The notes that one is connected with in any way."""
        query = select(NoteConnection.source_note_id, NoteConnection.target_note_id).where(
            NoteConnection.user_id == user_id, _touches(note_id)
        )
        found = (await self._session.execute(query)).all()
        return {end for ends in found for end in ends} - {note_id}

    async def get(self, user_id: UUID, connection_id: UUID) -> NoteConnection | None:
        """One connection."""
        return await self._session.get(NoteConnection, (user_id, connection_id))

    async def add(self, connection: NoteConnection) -> bool:
        """Insert a connection; False when there is one of its kind between the two already, in the same
        direction for a reference, in either for all else."""
        columns = NoteConnection.__table__.columns.keys()
        added = await self._session.scalar(
            insert(NoteConnection)
            .values({name: getattr(connection, name) for name in columns})
            .on_conflict_do_nothing()
            .returning(NoteConnection.id)
        )
        return added is not None

    async def remove(self, user_id: UUID, connection_id: UUID) -> None:
        """Delete a connection."""
        await self._session.execute(
            delete(NoteConnection).where(
                NoteConnection.user_id == user_id, NoteConnection.id == connection_id
            )
        )

    async def judged(self, user_id: UUID, note_id: UUID) -> set[UUID]:
        """The notes of which somebody has accepted or dismissed that they were suggested."""
        query = select(NoteSuggestion.note_id, NoteSuggestion.other_id).where(
            NoteSuggestion.user_id == user_id,
            or_(NoteSuggestion.note_id == note_id, NoteSuggestion.other_id == note_id),
        )
        found = (await self._session.execute(query)).all()
        return {end for ends in found for end in ends} - {note_id}

    async def judge(
        self, user_id: UUID, pair: Sequence[UUID], *, verdict: str, at: datetime
    ) -> None:
        """Keep what somebody says of a suggested tie of two notes; the last word counts."""
        note_id, other_id = sorted(pair)
        said = {"verdict": verdict, "judged_at": at}
        await self._session.execute(
            insert(NoteSuggestion)
            .values(user_id=user_id, note_id=note_id, other_id=other_id, **said)
            .on_conflict_do_update(index_elements=["user_id", "note_id", "other_id"], set_=said)
        )


def _touches(note_id: UUID) -> ColumnElement[bool]:
    return or_(NoteConnection.source_note_id == note_id, NoteConnection.target_note_id == note_id)
