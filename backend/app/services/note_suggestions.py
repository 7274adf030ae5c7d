"""Which notes belong together: found when it is asked, from what Postgres knows of their traces."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.dream.calendar import day_of
from app.errors import NotFoundError
from app.language.things import names_in
from app.language.words import Words
from app.models import Note
from app.services.note_connections import NewConnection, NoteConnections
from app.services.own_notes import own_note
from app.services.tie_strength import (
    Suggestion,
    Tie,
    by_day,
    by_entities,
    by_meaning,
    suggested,
)
from app.services.turns import Turns, take_turn
from app.storage.database import UnitOfWork
from app.storage.note_connections import NoteConnectionStore, Tied
from app.storage.note_ties import NoteTieStore
from app.storage.notes import NoteStore
from app.storage.traces import TraceStore
from app.storage.users import UserStore

MOST_NAMES = 40
MOST_NEAR = 30
MOST_OF_A_DAY = 30


@dataclass(frozen=True, slots=True)
class SuggestedNote:
    """A suggestion, and the note that it is about."""

    note: Note
    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class SimilarNote:
    """A note near another in meaning; ``similarity`` is their cosine."""

    note: Note
    similarity: float


class NoteSuggestions:
    """One person's suggestions within one unit of work.

    What is connected with a note already is not suggested to it, nor what somebody has accepted or
    dismissed once.
    """

    def __init__(
        self,
        work: UnitOfWork,
        *,
        notes: NoteStore,
        ties: NoteTieStore,
        connections: NoteConnectionStore,
        connecting: NoteConnections,
        traces: TraceStore,
        users: UserStore,
        turns: Turns,
        words: Words,
        clock: Callable[[], datetime],
    ) -> None:
        self._work = work
        self._notes = notes
        self._ties = ties
        self._connections = connections
        self._connecting = connecting
        self._traces = traces
        self._users = users
        self._turns = turns
        self._words = words
        self._clock = clock

    async def of(self, user_id: UUID, note_id: UUID, *, most: int) -> list[SuggestedNote]:
        """What a note might be connected with, the strongest first.

        Raises:
            NotFoundError: it does not exist or is somebody else's.
        """
        found = (await self._all(user_id, await own_note(self._notes, user_id, note_id)))[:most]
        notes = await self._notes.by_ids(user_id, {one.other_id for one in found})
        return [SuggestedNote(notes[one.other_id], one) for one in found if one.other_id in notes]

    async def accept(self, user_id: UUID, note_id: UUID, other_id: UUID) -> Tied:
        """Make the connection that was suggested.

        Raises:
            NotFoundError: it is not suggested, or not any more.
        """
        found = await self._all(user_id, await own_note(self._notes, user_id, note_id))
        wanted = next((one for one in found if one.other_id == other_id), None)
        if wanted is None:
            raise NotFoundError("This is not suggested, or not any more.")
        tied = await self._connecting.connect(
            user_id,
            NewConnection(
                note_id, other_id, wanted.connection_type, wanted.strength, origin="suggestion"
            ),
        )
        await self._judge(user_id, (note_id, other_id), verdict="accepted")
        return tied

    async def dismiss(self, user_id: UUID, note_id: UUID, other_id: UUID) -> None:
        """Never suggest these two to each other again.

        Raises:
            NotFoundError: one of them does not exist or is somebody else's.
        """
        await take_turn(user_id, turns=self._turns, work=self._work, traces=self._traces)
        await own_note(self._notes, user_id, note_id)
        await own_note(self._notes, user_id, other_id)
        if note_id != other_id:
            await self._judge(user_id, (note_id, other_id), verdict="dismissed")

    async def similar(self, user_id: UUID, note_id: UUID, *, most: int) -> list[SimilarNote]:
        """The notes nearest in meaning, nearest first; none while this one waits to be embedded.

        Raises:
            NotFoundError: it does not exist or is somebody else's.
        """
        await own_note(self._notes, user_id, note_id)
        near = await self._ties.nearest(user_id, note_id, most=most)
        notes = await self._notes.by_ids(user_id, {one.note_id for one in near})
        return [
            SimilarNote(notes[one.note_id], one.similarity) for one in near if one.note_id in notes
        ]

    async def _all(self, user_id: UUID, note: Note) -> list[Suggestion]:
        without = await self._connections.tied_to(user_id, note.id)
        without |= await self._connections.judged(user_id, note.id)
        ties: dict[UUID, list[Tie]] = defaultdict(list)
        for other_id, tie in (
            *await self._by_entities(user_id, note),
            *await self._by_meaning(user_id, note, without=without),
            *await self._by_day(user_id, note),
        ):
            if other_id not in without | {note.id}:
                ties[other_id].append(tie)
        found = [suggested(other_id, why) for other_id, why in ties.items()]
        return sorted(found, key=lambda one: (-one.strength, one.other_id))

    async def _by_entities(self, user_id: UUID, note: Note) -> list[tuple[UUID, Tie]]:
        """Names of the text, and what the dream has found in it."""
        names = await asyncio.to_thread(self._names, note)
        shared = await self._ties.shared_names(user_id, note.id, names)
        saying = Counter(one.name for one in shared)
        by_note: dict[UUID, list[tuple[str, int]]] = defaultdict(list)
        for one in shared:
            by_note[one.note_id].append((one.name, saying[one.name]))
        return [(other_id, by_entities(found)) for other_id, found in by_note.items()]

    async def _by_meaning(
        self, user_id: UUID, note: Note, *, without: set[UUID]
    ) -> list[tuple[UUID, Tie]]:
        near = await self._ties.nearest(user_id, note.id, most=MOST_NEAR, without=without)
        found = ((one.note_id, by_meaning(one.similarity, one.usual)) for one in near)
        return [(other_id, tie) for other_id, tie in found if tie is not None]

    async def _by_day(self, user_id: UUID, note: Note) -> list[tuple[UUID, Tie]]:
        zone = await self._users.zone(user_id)
        since, until = day_of(note.created_at, zone).span(zone)
        others = await self._notes.created_within(
            user_id, since, until, near=note.created_at, most=MOST_OF_A_DAY
        )
        return [(other.id, by_day(note.created_at, other.created_at, zone)) for other in others]

    def _names(self, note: Note) -> dict[str, Sequence[str]]:
        """The names in a note with their terms, each once."""
        names: dict[str, str] = {}
        for name in names_in(f"{note.title}\n\n{note.content}", self._words):
            names.setdefault(name.lower(), name)
        found = {name: self._words.terms(name) for name in list(names.values())[:MOST_NAMES]}
        return {name: terms for name, terms in found.items() if terms}

    async def _judge(self, user_id: UUID, pair: Sequence[UUID], *, verdict: str) -> None:
        await self._connections.judge(user_id, pair, verdict=verdict, at=self._clock())
