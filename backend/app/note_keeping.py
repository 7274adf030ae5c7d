"""What routes ask for when people keep notes."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from app.dependencies import ResourcesDep, WorkDep
from app.services.forget_service import ToForget
from app.services.note_connections import NoteConnections
from app.services.note_links import NoteLinks
from app.services.note_memory import NOTE, NoteMemory
from app.services.note_service import NoteService
from app.services.note_suggestions import NoteSuggestions
from app.storage.note_connections import NoteConnectionStore
from app.storage.note_ties import NoteTieStore
from app.storage.notes import NoteStore
from app.storage.selection import Selection
from app.storage.traces import TraceStore
from app.storage.users import UserStore


def note_service(shared: ResourcesDep, work: WorkDep) -> NoteService:
    """One person's notes."""
    notes, traces = NoteStore(work.session), TraceStore(work.session)
    return NoteService(
        work,
        notes=notes,
        traces=traces,
        links=NoteLinks(notes),
        memory=NoteMemory(
            work,
            traces=traces,
            writer=shared.trace_writer(work.session),
            words=shared.words,
            working_memory=shared.working_memory,
            wake_worker=shared.worker.wake,
        ),
        turns=shared.turns,
        clock=shared.clock,
    )


NoteServiceDep = Annotated[NoteService, Depends(note_service)]


def note_connections(shared: ResourcesDep, work: WorkDep) -> NoteConnections:
    """What ties one person's notes."""
    return NoteConnections(
        work,
        notes=NoteStore(work.session),
        connections=NoteConnectionStore(work.session),
        traces=TraceStore(work.session),
        turns=shared.turns,
        clock=shared.clock,
    )


NoteConnectionsDep = Annotated[NoteConnections, Depends(note_connections)]


def note_suggestions(
    shared: ResourcesDep, work: WorkDep, connecting: NoteConnectionsDep
) -> NoteSuggestions:
    """What might tie them."""
    return NoteSuggestions(
        work,
        notes=NoteStore(work.session),
        ties=NoteTieStore(work.session),
        connections=NoteConnectionStore(work.session),
        connecting=connecting,
        traces=TraceStore(work.session),
        users=UserStore(work.session),
        turns=shared.turns,
        words=shared.words,
        clock=shared.clock,
    )


NoteSuggestionsDep = Annotated[NoteSuggestions, Depends(note_suggestions)]


def note_to_forget(note_id: UUID) -> ToForget:
    """A note, with the trace that the memory has of it."""
    return ToForget(
        "source",
        Selection(source_type=NOTE, source_id=str(note_id), with_notes=True),
        words=(NOTE, str(note_id)),
        include_notes=True,
    )


NoteToForgetDep = Annotated[ToForget, Depends(note_to_forget)]
