"""Keeps ``[[Title]]`` links live: references follow the texts, and the texts follow a new title."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from app.errors import ConflictError
from app.language.links import linked_keys, relinked
from app.models import Note
from app.services.trace_draft import MAX_CONTENT_CHARACTERS
from app.storage.notes import NoteStore


class NoteLinks:
    """One person's links in this session's transaction; their turn is taken."""

    def __init__(self, notes: NoteStore) -> None:
        self._notes = notes

    async def settle(self, note: Note, *, titles: Collection[str], now: datetime) -> None:
        """Let the references from a note follow its text, and those of other notes that link to one of
        these ``titles``, given as keys: there is a note of it now, or there is one less."""
        await self._notes.link(note.user_id, {note.id: linked_keys(note.content)})
        linking = await self._notes.linking_to(note.user_id, titles)
        await self._notes.reconcile_links(note.user_id, linking | {note.id}, now=now)

    async def rename(self, note: Note, *, before: str) -> list[Note]:
        """Write the new title of a note into the links that lead to it by the title of the key
        ``before``; the notes that this has changed. When somebody last wrote them stays as it is.

        Raises:
            ConflictError: the title is so long that one of them would have more than 100,000 characters.
        """
        referring = await self._notes.referring(note.user_id, note.id, key=before)
        for other in referring:
            content = relinked(other.content, before, note.title)
            _check_growth(other, content)
            other.content = content
            other.version += 1
        await self._notes.link(
            note.user_id, {other.id: linked_keys(other.content) for other in referring}
        )
        return referring

    async def settle_without(
        self, user_id: UUID, *, titles: Collection[str], now: datetime
    ) -> None:
        """After notes of these titles are gone: what linked to them leads to another note of the title,
        if there is one."""
        linking = await self._notes.linking_to(user_id, titles)
        await self._notes.reconcile_links(user_id, linking, now=now)


def _check_growth(note: Note, content: str) -> None:
    length = len(note.title) + len(content)
    if len(content) > len(note.content) and length > MAX_CONTENT_CHARACTERS:
        raise ConflictError(
            f"The note {note.title!r} ({note.id}) links to this one, and with the new title in its links "
            f"it would have {length:,} characters, where the limit is {MAX_CONTENT_CHARACTERS:,}: choose "
            "a shorter title, or split that note first. Nothing was written."
        )
