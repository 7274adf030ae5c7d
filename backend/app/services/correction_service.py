"""Corrections: a memory that is wrong is put right, pinned, or given another salience."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog

from app.embedders.protocol import Urgency, Vectors
from app.errors import ConflictError, EmbedderUnavailableError, NotFoundError
from app.language.words import Words
from app.models import MemoryEdge, MemoryTrace
from app.services.embedding_service import EmbeddingService
from app.services.trace_draft import NewTrace, TraceDraft, draft
from app.services.trace_writer import TraceWriter
from app.services.turns import Turns, take_turn
from app.storage.database import UnitOfWork
from app.storage.traces import TraceStore
from app.storage.working_memory import WorkingMemory

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be different about a trace; what is None stays as it is."""

    pinned: bool | None = None
    salience: float | None = None
    content: str | None = None


class CorrectionService:
    """One person's corrections within one unit of work."""

    def __init__(
        self,
        work: UnitOfWork,
        *,
        traces: TraceStore,
        writer: TraceWriter,
        embedding: EmbeddingService,
        working_memory: WorkingMemory,
        words: Words,
        turns: Turns,
        clock: Callable[[], datetime],
        wake_worker: Callable[[], None],
        wake_dreamer: Callable[[], None],
    ) -> None:
        self._work = work
        self._traces = traces
        self._writer = writer
        self._embedding = embedding
        self._working_memory = working_memory
        self._words = words
        self._turns = turns
        self._clock = clock
        self._wake_worker = wake_worker
        self._wake_dreamer = wake_dreamer

    async def correct(
        self, user_id: UUID, trace_id: UUID, changes: Changes
    ) -> tuple[MemoryTrace, list[MemoryEdge]]:
        """Change a trace, all that was wished or nothing; it as it is then, and its edges. A content
        that is replaced is nowhere afterwards.

        Raises:
            NotFoundError: there is no such trace, or it is somebody else's.
            ConflictError: a content that is made of something else, a note's or the dream's.
            ContentTooLargeError: see ``draft``.
        """
        now = self._clock()
        said = await self._said(user_id, trace_id, changes, now=now)
        usage = await take_turn(user_id, turns=self._turns, work=self._work, traces=self._traces)
        trace = await self._found(user_id, trace_id)
        if said is not None and said.trace.content_hash != trace.content_hash:
            said.trace.salience, said.trace.meta = trace.salience, trace.meta
            await self._writer.correct(user_id, trace, said, now=now)
            self._work.after_commit.append(
                lambda: self._drop_from_mind(user_id, generation=usage.generation + 1)
            )
        if changes.pinned is not None:
            trace.pinned = changes.pinned
        if changes.salience is not None:
            await self._writer.weigh(user_id, trace, salience=changes.salience, now=now)
            self._work.after_commit.append(self._look_for_work)
        await self._work.session.flush()
        return trace, await self._traces.edges(user_id, trace_id)

    async def _said(
        self, user_id: UUID, trace_id: UUID, changes: Changes, *, now: datetime
    ) -> TraceDraft | None:
        """What a trace is to say, embedded; no database connection is held while the model works."""
        if changes.content is None:
            return None
        trace = await self._found(user_id, trace_id)
        _require_own_words(trace)
        new = NewTrace(
            content=changes.content,
            role=trace.role,
            created_at=trace.created_at,
            salience=trace.salience,
            source=trace.source,
            meta=trace.meta,
        )
        self._work.session.expunge(trace)  # it is read again under the lock
        await self._work.session.commit()
        drafted = await asyncio.to_thread(draft, user_id, new, words=self._words, now=now)
        return replace(drafted, vectors=await self._embedded(changes.content))

    async def _found(self, user_id: UUID, trace_id: UUID) -> MemoryTrace:
        trace = await self._traces.get(user_id, trace_id)
        if trace is None:
            raise NotFoundError("There is no such trace, or it is not yours.")
        return trace

    async def _embedded(self, content: str) -> Vectors | None:
        """None while the embedder is down: the durable queue makes up for it."""
        try:
            (vectors,) = await self._embedding.passages([content], urgency=Urgency.WRITE)
        except EmbedderUnavailableError as error:
            log.warning("correct.embedder_down", reason=error.detail)
            return None
        return vectors

    async def _look_for_work(self) -> None:
        self._wake_worker()

    async def _drop_from_mind(self, user_id: UUID, *, generation: int) -> None:
        """What is to be dreamt with the new words is dreamt at once."""
        self._wake_worker()
        self._wake_dreamer()
        await self._working_memory.drop(user_id, generation=generation)


def _require_own_words(trace: MemoryTrace) -> None:
    """The next save of a note, and the next dream, would overwrite what is corrected in theirs."""
    if trace.source.get("type") == "dream":
        raise ConflictError(
            "The dream makes this out of other memories: correct the one that is wrong, "
            "and it is made anew."
        )
    if trace.source.get("type") == "note":
        raise ConflictError("This is what a note says: change the note itself.")
