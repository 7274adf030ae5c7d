"""A note of one person's, or the answer that there is none."""

from uuid import UUID

from app.errors import NotFoundError
from app.models import Note
from app.storage.notes import NoteStore


async def own_note(notes: NoteStore, user_id: UUID, note_id: UUID) -> Note:
    """One note.

    Raises:
        NotFoundError: it does not exist or is somebody else's.
    """
    note = await notes.get(user_id, note_id)
    if note is None:
        raise NotFoundError("There is no such note, or it is not yours.")
    return note
