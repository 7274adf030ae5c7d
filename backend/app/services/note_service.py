"""Notes: written, read, and held together by their links. Deleting one is a forgetting."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import uuid_utils

from app.errors import ConflictError, ContentTooLargeError
from app.language.links import line_linking, linked_keys, title_key
from app.models import AppUser, Note
from app.services.note_links import NoteLinks
from app.services.note_memory import NoteMemory
from app.services.own_notes import own_note
from app.services.trace_draft import MAX_CONTENT_CHARACTERS
from app.services.turns import Turns, take_turn
from app.storage.database import UnitOfWork
from app.storage.notes import NoteStore
from app.storage.traces import TraceStore, Usage


@dataclass(frozen=True, slots=True)
class NoteText:
    """What somebody writes: None leaves title or content as it is. ``version`` is the one that they had
    before them, None when they do not say."""

    title: str | None = None
    content: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Backlink:
    """A note that refers to another one, and the line in which it links to it, if it does."""

    note: Note
    line: str | None


class NoteService:
    """One person's notes within one unit of work.

    While they have paused recording, notes are saved and their traces stay as they are; the next change
    after the pause is remembered.
    """

    def __init__(
        self,
        work: UnitOfWork,
        *,
        notes: NoteStore,
        traces: TraceStore,
        links: NoteLinks,
        memory: NoteMemory,
        turns: Turns,
        clock: Callable[[], datetime],
    ) -> None:
        self._work = work
        self._notes = notes
        self._traces = traces
        self._links = links
        self._memory = memory
        self._turns = turns
        self._clock = clock

    async def create(self, author: AppUser, *, title: str, content: str) -> Note:
        """A new note, which is remembered, and to which the links to its title lead.

        Raises:
            ContentTooLargeError: more than 100,000 characters.
        """
        _check_length(title, content)
        usage = await self._take_turn(author.id)
        now = self._clock()
        note = Note(
            user_id=author.id,
            id=UUID(int=uuid_utils.uuid7().int),
            title=title,
            title_key=title_key(title),
            content=content,
            version=1,
            trace_id=None,
            created_at=now,
            updated_at=now,
        )
        await self._notes.add(note)
        await self._links.settle(note, titles={note.title_key}, now=now)
        if not author.recording_paused:
            await self._memory.remember(author.id, [note], usage, now=now)
        return note

    async def save(self, author: AppUser, note_id: UUID, text: NoteText) -> Note:
        """Change a note. A new title goes into the links of other notes; what says the same is no change.

        Raises:
            NotFoundError: it does not exist or is somebody else's.
            ConflictError: it was changed since the version that was edited, or another note that links to
                it has no room for the new title.
            ContentTooLargeError: more than 100,000 characters.
        """
        usage = await self._take_turn(author.id)
        note = await self.note(author.id, note_id)
        if text.version not in (None, note.version):
            raise ConflictError(
                f"This note has been changed meanwhile and is at version {note.version}: get it, put "
                "your changes into it, and send that version along. Nothing was written."
            )
        title = note.title if text.title is None else text.title
        content = note.content if text.content is None else text.content
        if content != note.content:
            _check_length(title, content)
        if (title, content) != (note.title, note.content):
            await self._change(author, note, title, content, usage)
        return note

    async def note(self, user_id: UUID, note_id: UUID) -> Note:
        """One note.

        Raises:
            NotFoundError: it does not exist or is somebody else's.
        """
        return await own_note(self._notes, user_id, note_id)

    async def all(self, user_id: UUID) -> list[Note]:
        """Every note, the one written last first."""
        return await self._notes.all(user_id)

    async def page(self, user_id: UUID, *, page: int, per_page: int) -> tuple[list[Note], int]:
        """One page of them, and how many there are in all."""
        return await self._notes.page(user_id, page=page, per_page=per_page)

    async def backlinks(self, user_id: UUID, note_id: UUID) -> list[Backlink]:
        """The notes that refer to one, the one written last first.

        Raises:
            NotFoundError: it does not exist or is somebody else's.
        """
        note = await self.note(user_id, note_id)
        return [
            Backlink(other, line_linking(other.content, note.title_key))
            for other in await self._notes.referring(user_id, note_id)
        ]

    async def _change(
        self, author: AppUser, note: Note, title: str, content: str, usage: Usage
    ) -> None:
        now, before = self._clock(), note.title_key
        is_linked_anew = linked_keys(content) != linked_keys(note.content)
        note.title, note.title_key, note.content = title, title_key(title), content
        note.version += 1
        note.updated_at = now
        is_renamed = note.title_key != before
        followed = await self._links.rename(note, before=before) if is_renamed else []
        if is_renamed or is_linked_anew:
            titles = {before, note.title_key} if is_renamed else set()
            await self._links.settle(note, titles=titles, now=now)
        if not author.recording_paused:
            # What was forgotten of a note does not come back because another one has a new title.
            held = [other for other in followed if other.trace_id is not None]
            await self._memory.remember(author.id, [note, *held], usage, now=now)

    async def _take_turn(self, user_id: UUID) -> Usage:
        return await take_turn(user_id, turns=self._turns, work=self._work, traces=self._traces)


def _check_length(title: str, content: str) -> None:
    length = len(title) + len(content)
    if length > MAX_CONTENT_CHARACTERS:
        raise ContentTooLargeError(
            f"The note has {length:,} characters and the limit is {MAX_CONTENT_CHARACTERS:,}: split it "
            "into several notes that link to each other."
        )
