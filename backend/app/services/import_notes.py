"""Notes out of an export, into the account that it came from or another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.language.links import linked_keys
from app.services.export_lines import Line
from app.storage.note_transfer import (
    ConnectionOfExport,
    NoteImportStore,
    NoteOfExport,
    VerdictOfExport,
)
from app.storage.notes import NoteStore
from app.storage.transfer import ImportStore


@dataclass(frozen=True, slots=True)
class NotesTaken:
    """How many of each kind were written."""

    notes: int
    connections: int
    verdicts: int


class NoteImport:
    """One person's import of notes in this session's transaction; their write lock is held."""

    def __init__(self, session: AsyncSession, *, clock: Callable[[], datetime]) -> None:
        self._notes = NoteStore(session)
        self._store = NoteImportStore(session)
        self._named = ImportStore(session).named
        self._clock = clock

    async def take(self, user_id: UUID, lines: Sequence[Line]) -> NotesTaken:
        """Write what is not there. A note that was deleted here does not come back, nor what tied it."""
        notes = [line for line in lines if isinstance(line, NoteOfExport)]
        connections = [line for line in lines if isinstance(line, ConnectionOfExport)]
        verdicts = [line for line in lines if isinstance(line, VerdictOfExport)]
        return NotesTaken(
            await self._take_notes(user_id, notes) if notes else 0,
            await self._store.add_connections(user_id, connections) if connections else 0,
            await self._store.add_verdicts(user_id, verdicts) if verdicts else 0,
        )

    async def settle(self, user_id: UUID) -> None:
        """When all is written: references follow the links, between old notes and new ones too."""
        await self._notes.reconcile_links(
            user_id, await self._notes.ids(user_id), now=self._clock()
        )

    async def _take_notes(self, user_id: UUID, notes: Sequence[NoteOfExport]) -> int:
        gone = await self._named(user_id, {note.id for note in notes})
        added = await self._store.add_notes(user_id, [n for n in notes if n.id not in gone])
        keys = {note.id: linked_keys(note.content) for note in notes if note.id in added}
        await self._notes.link(user_id, keys)
        return len(added)
