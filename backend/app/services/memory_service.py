"""Remember, recall and restore: the recipes behind ``routes/memory.py``."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog

from app.embedders.protocol import Urgency, Vectors
from app.errors import EmbedderUnavailableError, NotFoundError
from app.language.words import Words
from app.meters import Meters
from app.models import MemoryEdge, MemoryTrace
from app.recall.context import Block, assemble
from app.recall.pipeline import RecallPipeline
from app.recall.question import Question, Recollection
from app.recall.stopwatch import Stopwatch
from app.services.embedding_service import EmbeddingService
from app.services.intake import Intake, Sorted, is_repeat
from app.services.strengthening import Strengthening
from app.services.surroundings import Surroundings
from app.services.trace_draft import NewTrace, TraceDraft, draft_all
from app.services.trace_writer import TraceWriter
from app.services.turns import Turns, take_turn
from app.storage.database import UnitOfWork
from app.storage.pending import PendingEmbeddings
from app.storage.traces import TraceStore, Usage
from app.storage.working_memory import RecentTrace, WorkingMemory, WorkingMemoryDownError

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Remembered:
    """What became of a new trace: the heads it is found by now, those that follow within seconds,
    and whether it was written (``stored``) or known already."""

    trace_id: UUID
    heads: list[str]
    pending: list[str]
    stored: bool


@dataclass(frozen=True, slots=True)
class Context:
    """A recollection as a ``block`` of text, what its tokens were counted with (``tokenizer``), how
    long each part took, and which did not answer."""

    block: Block
    tokenizer: str
    took_ms: Mapping[str, float]
    degraded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MemoryStats:
    """What one person's memory holds; ``working_memory`` is None while Redis does not answer."""

    traces: int
    mean_salience: float | None
    pending_embeddings: int
    working_memory: int | None


class MemoryService:
    """One person's memory within one unit of work."""

    def __init__(
        self,
        work: UnitOfWork,
        *,
        traces: TraceStore,
        intake: Intake,
        writer: TraceWriter,
        pending: PendingEmbeddings,
        pipeline: RecallPipeline,
        surroundings: Surroundings,
        embedding: EmbeddingService,
        working_memory: WorkingMemory,
        strengthening: Strengthening,
        words: Words,
        turns: Turns,
        meters: Meters,
        clock: Callable[[], datetime],
        wake_worker: Callable[[], None],
    ) -> None:
        self._work = work
        self._traces = traces
        self._intake = intake
        self._writer = writer
        self._pending = pending
        self._pipeline = pipeline
        self._surroundings = surroundings
        self._embedding = embedding
        self._working_memory = working_memory
        self._strengthening = strengthening
        self._words = words
        self._turns = turns
        self._meters = meters
        self._clock = clock
        self._wake_worker = wake_worker

    async def remember(
        self, user_id: UUID, new: Sequence[NewTrace], *, idempotency_key: str | None = None
    ) -> list[Remembered]:
        """Write traces, all or none, and answer in the order given.

        Raises:
            ConflictError: a source id or the idempotency key was used before with other content.
            InvalidInputError, ContentTooLargeError: see ``draft_all``.
        """
        now = self._clock()
        drafts = await self._with_vectors(
            user_id, await asyncio.to_thread(draft_all, user_id, new, words=self._words, now=now)
        )
        with self._meters.writing("turn"):
            usage = await take_turn(
                user_id, turns=self._turns, work=self._work, traces=self._traces
            )
        if idempotency_key is not None:
            earlier = await self._intake.earlier_answer(user_id, idempotency_key, new)
            if earlier is not None:
                return [Remembered(trace_id, [], [], stored=False) for trace_id in earlier]
        with self._meters.writing("write"):
            sorted_ = await self._intake.sort(user_id, drafts)
            await self._writer.add(user_id, sorted_.new, now=now)
            for trace, revision in sorted_.revised:
                await self._writer.revise(user_id, trace, revision, now=now)
        answers = self._answers(drafts, sorted_)
        if idempotency_key is not None:
            trace_ids = [answer.trace_id for answer in answers]
            self._intake.note_answer(user_id, idempotency_key, new, trace_ids=trace_ids, now=now)
        self._work.after_commit.append(lambda: self._keep_in_mind(user_id, sorted_, usage))
        return answers

    async def recall(self, user_id: UUID, question: Question, *, strengthen: bool) -> Recollection:
        """What comes to mind, best first, and what it cost."""
        recollection = await self._pipeline.recall(user_id, question)
        self._meters.recalled(recollection.took_ms, recollection.degraded)
        if strengthen:
            found = [memory.trace.id for memory in recollection.memories]
            self._strengthening.note(user_id, found, at=self._clock())
        return recollection

    async def context(
        self, user_id: UUID, question: Question, *, max_tokens: int, strengthen: bool
    ) -> Context:
        """What comes to mind, as text for a prompt of at most ``max_tokens``."""
        watch = Stopwatch()
        recollection = await self.recall(user_id, question, strengthen=strengthen)
        with watch.lap("context"):
            recalled = await self._surroundings.of(user_id, recollection.memories, question)
            block = await asyncio.to_thread(
                assemble,
                recalled,
                terms=self._words.asked(question.text),
                max_tokens=max_tokens,
                tokens=self._embedding.tokens,
            )
        took_ms = {**recollection.took_ms, **watch.read(("context",))}
        return Context(block, self._embedding.tokens.name, took_ms, recollection.degraded)

    async def restore(self, user_id: UUID, trace_id: UUID) -> MemoryTrace:
        """Bring a faded trace back. That counts as a use, so that it does not fade again at once.

        Raises:
            NotFoundError: it is not there, is somebody else's, or its days of grace are over.
        """
        await take_turn(user_id, turns=self._turns, work=self._work, traces=self._traces)
        trace = await self._traces.get(user_id, trace_id)
        if trace is None:
            raise NotFoundError(
                "There is no such trace, it is not yours, or it faded too long ago to be restored."
            )
        if trace.faded_at is not None:
            trace.faded_at = None
            trace.access_count += 1
            trace.last_accessed_at = self._clock()
        return trace

    async def trace(self, user_id: UUID, trace_id: UUID) -> tuple[MemoryTrace, list[MemoryEdge]]:
        """One trace and its edges.

        Raises:
            NotFoundError: it does not exist or is somebody else's.
        """
        trace = await self._traces.get(user_id, trace_id)
        if trace is None:
            raise NotFoundError("There is no such trace, or it is not yours.")
        return trace, await self._traces.edges(user_id, trace_id)

    async def stats(self, user_id: UUID) -> MemoryStats:
        """What this memory holds."""
        usage = await self._traces.usage(user_id)
        return MemoryStats(
            traces=usage.traces,
            mean_salience=await self._traces.mean_salience(user_id),
            pending_embeddings=await self._pending.count(user_id),
            working_memory=await self._kept_in_mind(user_id, usage),
        )

    async def _with_vectors(self, user_id: UUID, drafts: list[TraceDraft]) -> list[TraceDraft]:
        """Embed what is not known yet; no database connection is held while the model works."""
        known = await self._intake.known(user_id, drafts)
        await self._work.session.commit()
        unknown = [item for item in drafts if not is_repeat(item, known)]
        vectors = await self._embed([item.trace.content for item in unknown])
        by_id = {item.trace.id: found for item, found in zip(unknown, vectors, strict=False)}
        return [replace(item, vectors=by_id.get(item.trace.id)) for item in drafts]

    async def _embed(self, texts: list[str]) -> list[Vectors]:
        """Nothing while the embedder is down: the durable queue makes up for it."""
        try:
            with self._meters.writing("embed"):
                return await self._embedding.passages(texts, urgency=Urgency.WRITE)
        except EmbedderUnavailableError as error:
            log.warning("remember.embedder_down", traces=len(texts), reason=error.detail)
            return []

    def _answers(self, drafts: Sequence[TraceDraft], sorted_: Sorted) -> list[Remembered]:
        revised = {item.trace.id: trace.id for trace, item in sorted_.revised}
        return [
            Remembered(sorted_.known[place], [], [], stored=False)
            if place in sorted_.known
            else Remembered(
                revised.get(item.trace.id, item.trace.id),
                self._writer.ready_heads(item),
                self._writer.waiting_heads(item),
                stored=True,
            )
            for place, item in enumerate(drafts)
        ]

    async def _keep_in_mind(self, user_id: UUID, sorted_: Sorted, usage: Usage) -> None:
        """Show the worker and the working memory what was written. A first write fills the latter;
        one that has gone cold, or holds what a note said before, is filled by the next recall."""
        self._wake_worker()
        self._meters.remembered(
            stored=len(sorted_.new), revised=len(sorted_.revised), repeated=len(sorted_.known)
        )
        recent = [
            RecentTrace(item.trace.id, item.trace.created_at, item.vectors[0])
            for item in sorted_.new
            if item.vectors is not None
        ]
        try:
            if sorted_.revised:
                await self._working_memory.drop(user_id, generation=usage.generation)
            else:
                await self._working_memory.push(
                    user_id, recent, generation=usage.generation, may_fill=usage.traces == 0
                )
        except WorkingMemoryDownError:
            log.warning("remember.working_memory_down")

    async def _kept_in_mind(self, user_id: UUID, usage: Usage) -> int | None:
        try:
            held = await self._working_memory.recent(user_id)
        except WorkingMemoryDownError:
            return None
        is_current = held is not None and held.generation == usage.generation
        return len(held.ids) if held is not None and is_current else 0
