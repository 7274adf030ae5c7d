"""How the memory holds notes: each as one trace, which follows its text. No model is asked here."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from app.language.words import Words
from app.models import MemoryTrace, Note
from app.services.trace_draft import MAX_CONTENT_CHARACTERS, NewTrace, TraceDraft, draft
from app.services.trace_writer import TraceWriter
from app.storage.database import UnitOfWork
from app.storage.traces import SourceKey, TraceStore, Usage
from app.storage.working_memory import WorkingMemory

NOTE = "note"  # the role and the type of the source of its trace
LEAST_SALIENCE = 0.6  # somebody wrote it down to keep it


class NoteMemory:
    """Writes one person's notes into their memory, in one unit of work; their turn is taken.

    All heads are left to the worker, so that no note waits for an embedder.
    """

    def __init__(
        self,
        work: UnitOfWork,
        *,
        traces: TraceStore,
        writer: TraceWriter,
        words: Words,
        working_memory: WorkingMemory,
        wake_worker: Callable[[], None],
    ) -> None:
        self._work = work
        self._traces = traces
        self._writer = writer
        self._words = words
        self._working_memory = working_memory
        self._wake_worker = wake_worker

    async def remember(
        self, user_id: UUID, notes: Sequence[Note], usage: Usage, *, now: datetime
    ) -> None:
        """Make the traces of notes what the notes say now: those that there are, or else new ones."""
        drafts = await asyncio.to_thread(lambda: [self._draft(note, now) for note in notes])
        known = await self._traces.by_sources(user_id, [_source_key(note) for note in notes])
        new: list[TraceDraft] = []
        revised: list[tuple[MemoryTrace, TraceDraft]] = []
        for note, item in zip(notes, drafts, strict=True):
            stored = known.get(_source_key(note))
            if stored is None:
                new.append(item)
            elif stored.content_hash != item.trace.content_hash:
                revised.append((stored, item))
        await self._writer.add(user_id, new, now=now)
        for note, item in zip(notes, drafts, strict=True):
            note.trace_id = known.get(_source_key(note), item.trace).id
        await self._writer.revise_all(user_id, revised, now=now)
        self._work.after_commit.append(
            lambda: self._bring_to_mind(user_id, usage, is_revised=bool(revised))
        )

    def _draft(self, note: Note, now: datetime) -> TraceDraft:
        new = NewTrace(
            content=f"{note.title}\n\n{note.content}".strip()[:MAX_CONTENT_CHARACTERS],
            role=NOTE,
            created_at=note.created_at,
            salience=None,
            source={"type": NOTE, "id": str(note.id)},
            meta={},
        )
        item = draft(note.user_id, new, words=self._words, now=now)
        item.trace.salience = max(item.trace.salience, LEAST_SALIENCE)
        return item

    async def _bring_to_mind(self, user_id: UUID, usage: Usage, *, is_revised: bool) -> None:
        """Show the worker what is to be embedded. A working memory that may hold what a note said before
        is emptied, and filled by the next recall."""
        self._wake_worker()
        if not is_revised:
            return
        await self._working_memory.drop(user_id, generation=usage.generation)


def _source_key(note: Note) -> SourceKey:
    return NOTE, str(note.id)
