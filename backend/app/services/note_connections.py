"""Connections between notes: looked at, made and undone by people."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import uuid_utils

from app.errors import ConflictError, InvalidInputError, NotFoundError
from app.models import NoteConnection
from app.services.own_notes import own_note
from app.services.turns import Turns, take_turn
from app.storage.database import UnitOfWork
from app.storage.note_connections import NoteConnectionStore, Tied
from app.storage.notes import NoteStore
from app.storage.traces import TraceStore

ConnectionType = Literal["reference", "semantic", "temporal"]
Origin = Literal["person", "link", "suggestion"]


@dataclass(frozen=True, slots=True)
class NewConnection:
    """A connection from one note to another; ``strength`` from 0 to 100."""

    source_id: UUID
    target_id: UUID
    type: ConnectionType
    strength: int
    origin: Origin = "person"


class NoteConnections:
    """One person's connections within one unit of work."""

    def __init__(
        self,
        work: UnitOfWork,
        *,
        notes: NoteStore,
        connections: NoteConnectionStore,
        traces: TraceStore,
        turns: Turns,
        clock: Callable[[], datetime],
    ) -> None:
        self._work = work
        self._notes = notes
        self._connections = connections
        self._traces = traces
        self._turns = turns
        self._clock = clock

    async def of(self, user_id: UUID, note_id: UUID) -> list[Tied]:
        """Every connection of a note, either way, the strongest first.

        Raises:
            NotFoundError: it does not exist or is somebody else's.
        """
        await own_note(self._notes, user_id, note_id)
        return await self._connections.of(user_id, note_id)

    async def connect(self, user_id: UUID, new: NewConnection) -> Tied:
        """Tie two notes.

        Raises:
            InvalidInputError: it is one note.
            NotFoundError: one of them does not exist or is somebody else's.
            ConflictError: they are tied like this already.
        """
        if new.source_id == new.target_id:
            raise InvalidInputError("A note cannot be connected with itself: name another one.")
        await take_turn(user_id, turns=self._turns, work=self._work, traces=self._traces)
        for note_id in (new.source_id, new.target_id):
            await own_note(self._notes, user_id, note_id)
        connection = NoteConnection(
            user_id=user_id,
            id=UUID(int=uuid_utils.uuid7().int),
            source_note_id=new.source_id,
            target_note_id=new.target_id,
            connection_type=new.type,
            strength=new.strength,
            origin=new.origin,
            created_at=self._clock(),
        )
        if not await self._connections.add(connection):
            raise ConflictError(
                f"These two notes have a {new.type} connection already. Nothing was written."
            )
        found = await self._connections.of(user_id, new.source_id)
        return next(tied for tied in found if tied.connection.id == connection.id)

    async def disconnect(self, user_id: UUID, note_id: UUID, connection_id: UUID) -> None:
        """Undo a connection of a note.

        Raises:
            NotFoundError: there is none like it.
            ConflictError: it follows from a link in a text.
        """
        await take_turn(user_id, turns=self._turns, work=self._work, traces=self._traces)
        found = await self._connections.get(user_id, connection_id)
        if found is None or note_id not in (found.source_note_id, found.target_note_id):
            raise NotFoundError("There is no such connection of this note, or it is not yours.")
        if found.origin == "link":
            raise ConflictError(
                "This connection follows from a [[link]] in the text of the note "
                f"{found.source_note_id}: take the link out, and it is gone."
            )
        await self._connections.remove(user_id, connection_id)
