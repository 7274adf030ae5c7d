"""Writes what is brought over: a batch a transaction, each with the checkpoint that stands for it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.language.links import linked_keys
from app.language.words import Words
from app.migration.checkpoint import Checkpoint
from app.migration.episodes import Moved, drafts_of
from app.migration.notes import note_draft, trace_id_of
from app.models import AppUser, MemoryEdge, MemoryTrace, Note, NoteConnection
from app.services.trace_writer import TraceWriter
from app.storage.database import Database, VectorColumn, statement
from app.storage.note_connections import NoteConnectionStore
from app.storage.notes import NoteStore
from app.storage.pruned import PrunedStore
from app.storage.traces import TraceStore
from app.storage.transfer import ImportStore
from app.storage.users import UserStore

NOTES_AT_ONCE = 100
CHAINS = ("same_topic", "same_participant", "same_day")


class Target:
    """The database that is written to. Whatever is there already stays as it is."""

    def __init__(
        self,
        database: Database,
        column: VectorColumn,
        words: Words,
        *,
        key: str,
        model: str,
        threshold: float,
        heads: Sequence[str],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._words = words
        self._key = key
        self._clock = clock
        self._writer = partial(
            TraceWriter, column=column, model=model, threshold=threshold, heads=tuple(heads)
        )

    async def checkpoint(self) -> Checkpoint:
        """Where an earlier run was stopped."""
        async with self._database.reading() as work:
            return await Checkpoint.read(work.session, self._key)

    async def people(self) -> list[AppUser]:
        """Everybody who has an account here."""
        async with self._database.reading() as work:
            return list(await work.session.scalars(select(AppUser).order_by(AppUser.created_at)))

    async def add_people(self, new: Sequence[AppUser]) -> None:
        """Make the accounts that are not there; one sign-up at a time."""
        async with self._database.unit_of_work() as work:
            users = UserStore(work.session)
            await users.order_signups()
            for user in new:
                if await users.by_email(user.email) is None:
                    users.add(user)

    async def add_traces(self, user_id: UUID, items: Sequence[Moved], reached: Checkpoint) -> int:
        """Remember one person's; how many were new. Of a known one the count of repeats is renewed. What
        was forgotten here stays forgotten, and what was pruned stays pruned."""
        now = self._clock()
        async with self._database.unit_of_work() as work:
            store = TraceStore(work.session)
            await store.lock(user_id)
            ids = [item.id for item in items]
            stored = await store.by_ids(user_id, ids)
            gone = await ImportStore(work.session).named(user_id, ids)
            gone |= await PrunedStore(work.session).among(user_id, ids)
            new = [item for item in items if item.id not in stored and item.id not in gone]
            for item in items:
                if item.id in stored:
                    _count_again(stored[item.id], item)
            drafts = drafts_of(new, words=self._words, now=now)
            await self._writer(work.session).add(user_id, drafts, now=now)
            await reached.put(work.session, self._key, now=now)
        return len(new)

    async def add_notes(self, user_id: UUID, notes: Mapping[UUID, tuple[Note, str]]) -> int:
        """Write one person's notes and remember them; how many were new."""
        now = self._clock()
        async with self._database.unit_of_work() as work:
            store, traces = NoteStore(work.session), TraceStore(work.session)
            await traces.lock(user_id)
            stored = await store.by_ids(user_id, notes)
            named = [trace_id_of(note) for note, _ in notes.values()]
            gone = await ImportStore(work.session).named(user_id, named)
            known = await traces.by_ids(user_id, named)
            new = [
                (note, old_id)
                for note_id, (note, old_id) in notes.items()
                if note_id not in stored and trace_id_of(note) not in gone
            ]
            await self._writer(work.session).add(
                user_id,
                [
                    note_draft(note, old_id=old_id, words=self._words, now=now)
                    for note, old_id in new
                    if trace_id_of(note) not in known
                ],
                now=now,
            )
            for note, _ in new:
                note.trace_id = trace_id_of(note)
                await store.add(note)
            await store.link(user_id, {note.id: linked_keys(note.content) for note, _ in new})
        return len(new)

    async def tie(self, user_id: UUID, connections: Sequence[NoteConnection]) -> int:
        """Connect one person's notes; how many connections were new."""
        async with self._database.unit_of_work() as work:
            await TraceStore(work.session).lock(user_id)
            notes = NoteStore(work.session)
            ends = {c.source_note_id for c in connections} | {c.target_note_id for c in connections}
            there = await notes.by_ids(user_id, ends)
            store = NoteConnectionStore(work.session)
            return sum(
                [
                    await store.add(connection)
                    for connection in connections
                    if {connection.source_note_id, connection.target_note_id} <= set(there)
                ]
            )

    async def associate(self, user_id: UUID, *, zone: str) -> int:
        """Let the links of somebody's notes lead to notes, tie what shares a topic, a participant or a
        day, and have the working memory begin afresh; how many edges there are."""
        now = self._clock()
        async with self._database.unit_of_work() as work:
            traces = TraceStore(work.session)
            await traces.lock(user_id)
            linking = select(Note.id).where(Note.user_id == user_id)
            ids = set(await work.session.scalars(linking))
            await NoteStore(work.session).reconcile_links(user_id, ids, now=now)
            edges = await _associate(work.session, user_id, zone)
            await traces.count(user_id, traces=0, terms=0, forgets=True)
        return edges

    async def reach(self, checkpoint: Checkpoint) -> None:
        """Keep where the migration stands."""
        async with self._database.unit_of_work() as work:
            await checkpoint.put(work.session, self._key, now=self._clock())


async def _associate(session: AsyncSession, user_id: UUID, zone: str) -> int:
    """Anew, for what was brought over since may lie in between."""
    await session.execute(
        delete(MemoryEdge).where(MemoryEdge.user_id == user_id, MemoryEdge.type.in_(CHAINS))
    )
    rows = await session.execute(
        statement("migrated_edges"), {"user_id": user_id, "timezone": zone}
    )
    return len(rows.all())


def _count_again(trace: MemoryTrace, item: Moved) -> None:
    if trace.meta.get("repeats", item.repeats) != item.repeats:
        trace.meta = {**trace.meta, "repeats": item.repeats}
