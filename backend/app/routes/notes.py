"""Notes: documents that link to each other, and that the memory remembers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from app.dependencies import UserDep, UserIdDep
from app.note_keeping import (
    NoteConnectionsDep,
    NoteServiceDep,
    NoteSuggestionsDep,
    NoteToForgetDep,
)
from app.ownership import ForgetServiceDep, ForgettingUserDep
from app.schemas.forget import TombstoneOut
from app.schemas.notes import (
    BacklinkOut,
    ConnectionIn,
    ConnectionOut,
    NoteIn,
    NoteOut,
    NotePatch,
    NotePut,
    NotesOut,
    SimilarNoteOut,
    SuggestionOut,
)

router = APIRouter(prefix="/notes", tags=["notes"])

Most = Annotated[int, Query(alias="limit", ge=1, le=50, description="How many at most")]


@router.get("")
async def notes(
    user_id: UserIdDep,
    note_service: NoteServiceDep,
    page: Annotated[
        int | None, Query(ge=1, le=1_000_000, description="All of them when left out")
    ] = None,
    per_page: Annotated[int, Query(ge=1, le=100)] = 20,
) -> list[NoteOut] | NotesOut:
    """All notes as a bare list or, with `page`, one page of them; the one written last first."""
    if page is None:
        return [NoteOut.of(note) for note in await note_service.all(user_id)]
    found, total = await note_service.page(user_id, page=page, per_page=per_page)
    return NotesOut(
        notes=[NoteOut.of(note) for note in found], total=total, page=page, per_page=per_page
    )


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_note(user: UserDep, note: NoteIn, note_service: NoteServiceDep) -> NoteOut:
    """Write a note. It is remembered, and no embedder is waited for; links that wait for its title lead
    to it from now on."""
    return NoteOut.of(await note_service.create(user, title=note.title, content=note.content))


@router.get("/{note_id}")
async def note(user_id: UserIdDep, note_id: UUID, note_service: NoteServiceDep) -> NoteOut:
    """One note."""
    return NoteOut.of(await note_service.note(user_id, note_id))


@router.put("/{note_id}")
async def replace_note(
    user: UserDep, note_id: UUID, text: NotePut, note_service: NoteServiceDep
) -> NoteOut:
    """Give a note a title and a content. A new title goes into the links of other notes. With `version`
    nobody's later change is written over."""
    return NoteOut.of(await note_service.save(user, note_id, text.to_text()))


@router.patch("/{note_id}")
async def change_note(
    user: UserDep, note_id: UUID, text: NotePatch, note_service: NoteServiceDep
) -> NoteOut:
    """Change title or content; what is left out stays."""
    return NoteOut.of(await note_service.save(user, note_id, text.to_text()))


@router.delete("/{note_id}")
async def delete_note(
    user: ForgettingUserDep, wanted: NoteToForgetDep, forgetting: ForgetServiceDep
) -> TombstoneOut:
    """Delete a note and forget what the memory has of it, for good. The answer counts what is gone; the
    same again gives the same answer."""
    return TombstoneOut.of(await forgetting.forget(user.id, wanted))


@router.get("/{note_id}/backlinks")
async def backlinks(
    user_id: UserIdDep, note_id: UUID, note_service: NoteServiceDep
) -> list[BacklinkOut]:
    """The notes that refer to this one, the one written last first."""
    return [BacklinkOut.of(found) for found in await note_service.backlinks(user_id, note_id)]


@router.get("/{note_id}/similar")
async def similar_notes(
    user_id: UserIdDep, note_id: UUID, suggestions: NoteSuggestionsDep, most: Most = 10
) -> list[SimilarNoteOut]:
    """The notes nearest in meaning, nearest first. Empty for the moment in which this note waits to be
    embedded."""
    found = await suggestions.similar(user_id, note_id, most=most)
    return [SimilarNoteOut.of(one) for one in found]


@router.get("/{note_id}/connections")
async def connections(
    user_id: UserIdDep, note_id: UUID, note_connections: NoteConnectionsDep
) -> list[ConnectionOut]:
    """Every connection of a note, those that lead to it as well, the strongest first."""
    return [ConnectionOut.of(tied) for tied in await note_connections.of(user_id, note_id)]


@router.post("/{note_id}/connections", status_code=status.HTTP_201_CREATED)
async def connect(
    user_id: UserIdDep, note_id: UUID, wanted: ConnectionIn, note_connections: NoteConnectionsDep
) -> ConnectionOut:
    """Connect a note with another one. Two notes have one connection of a type at most: of references one
    in each direction, of the others one in all."""
    return ConnectionOut.of(
        await note_connections.connect(user_id, wanted.to_new_connection(note_id))
    )


@router.delete("/{note_id}/connections/{connection_id}", status_code=status.HTTP_204_NO_CONTENT)
async def disconnect(
    user_id: UserIdDep, note_id: UUID, connection_id: UUID, note_connections: NoteConnectionsDep
) -> None:
    """Undo a connection. One that follows from a link goes when the link is taken out of the text."""
    await note_connections.disconnect(user_id, note_id, connection_id)


@router.get("/{note_id}/suggestions")
async def suggestions(
    user_id: UserIdDep, note_id: UUID, note_suggestions: NoteSuggestionsDep, most: Most = 10
) -> list[SuggestionOut]:
    """What this note might be connected with, and why: names and things that both speak of, meaning, the
    same day. What is connected already, or was accepted or dismissed once, is not suggested."""
    found = await note_suggestions.of(user_id, note_id, most=most)
    return [SuggestionOut.of(one) for one in found]


@router.post("/{note_id}/suggestions/{other_note_id}/accept", status_code=status.HTTP_201_CREATED)
async def accept_suggestion(
    user_id: UserIdDep, note_id: UUID, other_note_id: UUID, note_suggestions: NoteSuggestionsDep
) -> ConnectionOut:
    """Make the connection that is suggested, of its type and strength."""
    return ConnectionOut.of(await note_suggestions.accept(user_id, note_id, other_note_id))


@router.post(
    "/{note_id}/suggestions/{other_note_id}/dismiss", status_code=status.HTTP_204_NO_CONTENT
)
async def dismiss_suggestion(
    user_id: UserIdDep, note_id: UUID, other_note_id: UUID, note_suggestions: NoteSuggestionsDep
) -> None:
    """Never suggest these two to each other again, whatever the reason."""
    await note_suggestions.dismiss(user_id, note_id, other_note_id)
