"""Notes and the links in their texts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    cast,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Note, NoteConnection, NoteLink
from app.storage.database import any_of, statement, uuid_array
from app.storage.selection import Selection


class NoteStore:
    """One person's notes in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, note: Note) -> None:
        """Insert a new note."""
        self._session.add(note)
        await self._session.flush()

    async def get(self, user_id: UUID, note_id: UUID) -> Note | None:
        """One note."""
        return await self._session.get(Note, (user_id, note_id))

    async def by_ids(self, user_id: UUID, note_ids: Collection[UUID]) -> dict[UUID, Note]:
        """Several notes by id; unknown ids are left out."""
        query = select(Note).where(Note.user_id == user_id, Note.id == any_of(note_ids))
        return {note.id: note for note in await self._session.scalars(query)}

    async def ids(self, user_id: UUID) -> set[UUID]:
        """The ids of all notes."""
        return set(await self._session.scalars(select(Note.id).where(Note.user_id == user_id)))

    async def all(self, user_id: UUID) -> list[Note]:
        """Every note, the one written last first."""
        return list(await self._session.scalars(_latest_first(user_id)))

    async def page(self, user_id: UUID, *, page: int, per_page: int) -> tuple[list[Note], int]:
        """One page of them, and how many there are in all; pages count from 1."""
        total = await self._session.scalar(
            select(func.count()).select_from(Note).where(Note.user_id == user_id)
        )
        asked = _latest_first(user_id).limit(per_page).offset((page - 1) * per_page)
        return list(await self._session.scalars(asked)), total or 0

    async def link(self, user_id: UUID, keys: Mapping[UUID, Collection[str]]) -> None:
        """Make the titles that each of these notes links to exactly those of these keys."""
        await self._session.flush()
        await self._session.execute(
            delete(NoteLink).where(NoteLink.user_id == user_id, NoteLink.note_id == any_of(keys))
        )
        rows = [
            {"user_id": user_id, "note_id": note_id, "title_key": key}
            for note_id, found in keys.items()
            for key in found
        ]
        if rows:
            await self._session.execute(insert(NoteLink), rows)

    async def linking_to(self, user_id: UUID, keys: Collection[str]) -> set[UUID]:
        """The notes that link to any of these titles."""
        query = select(NoteLink.note_id).where(
            NoteLink.user_id == user_id, NoteLink.title_key.in_(list(keys))
        )
        return set(await self._session.scalars(query))

    async def referring(
        self, user_id: UUID, note_id: UUID, *, key: str | None = None
    ) -> list[Note]:
        """The notes that refer to one, the one written last first; with ``key`` only those that link to
        it by that title."""
        query = _latest_first(user_id).join(
            NoteConnection,
            (NoteConnection.user_id == Note.user_id) & (NoteConnection.source_note_id == Note.id),
        )
        query = query.where(
            NoteConnection.user_id == user_id,
            NoteConnection.target_note_id == note_id,
            NoteConnection.connection_type == "reference",
        )
        if key is not None:
            query = query.where(Note.id == any_of(await self.linking_to(user_id, [key])))
        return list(await self._session.scalars(query))

    async def reconcile_links(
        self, user_id: UUID, note_ids: Collection[UUID], *, now: datetime
    ) -> None:
        """Make the references that follow from the texts of these notes what their links say."""
        await self._session.flush()
        await self._session.execute(
            statement("reconcile_links"),
            {"user_id": user_id, "sources": uuid_array(note_ids), "now": now},
        )

    async def created_within(
        self, user_id: UUID, since: datetime, until: datetime, *, near: datetime, most: int
    ) -> list[Note]:
        """The notes of a span, those first that are nearest to a moment in it."""
        seconds = func.abs(func.extract("epoch", Note.created_at - near))
        query = select(Note).where(
            Note.user_id == user_id, Note.created_at >= since, Note.created_at < until
        )
        return list(await self._session.scalars(query.order_by(seconds, Note.id).limit(most)))

    async def meant(
        self, user_id: UUID, selection: Selection, *, trace_ids: Sequence[UUID]
    ) -> list[UUID]:
        """The notes that somebody means who wants these traces forgotten with their notes, and those
        that are meant themselves, though the memory does not hold them."""
        query = select(Note.id).where(
            Note.user_id == user_id,
            or_(Note.trace_id == any_of(trace_ids), _is_meant(selection)),
        )
        return list(await self._session.scalars(query))

    async def count_connections(self, user_id: UUID, note_ids: Collection[UUID]) -> int:
        """How many connections these notes have, with each other or with others."""
        ends = NoteConnection.source_note_id, NoteConnection.target_note_id
        query = select(func.count()).select_from(NoteConnection)
        found = await self._session.scalar(
            query.where(
                NoteConnection.user_id == user_id, or_(*(end == any_of(note_ids) for end in ends))
            )
        )
        return found or 0

    async def remove(self, user_id: UUID, note_ids: Collection[UUID]) -> set[str]:
        """Delete notes; their links, connections and suggestions go with them. The keys of the titles
        that they had."""
        gone = await self._session.scalars(
            delete(Note)
            .where(Note.user_id == user_id, Note.id == any_of(note_ids))
            .returning(Note.title_key)
            .execution_options(synchronize_session=False)
        )
        return set(gone)


def _latest_first(user_id: UUID) -> Select[Note]:
    return (
        select(Note).where(Note.user_id == user_id).order_by(Note.updated_at.desc(), Note.id.desc())
    )


def _is_meant(selection: Selection) -> ColumnElement[bool]:
    """Whether a selection is about a note whether or not there is a trace of it."""
    if selection.trace_ids is not None or selection.conversation_id is not None:
        return false()
    if selection.source_type is not None or selection.source_id is not None:
        if selection.source_type != "note":
            return false()
        is_any = selection.source_id is None
        return true() if is_any else cast(Note.id, Text) == selection.source_id
    if selection.since is not None and selection.until is not None:
        return (Note.created_at >= selection.since) & (Note.created_at < selection.until)
    return true()
