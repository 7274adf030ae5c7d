"""Forgetting: what is meant, what hangs on it, and the tombstone that counts it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import uuid_utils

from app.errors import EmbedderUnavailableError, InvalidInputError, NotFoundError
from app.models import MemoryTombstone
from app.recall.pipeline import RecallPipeline
from app.recall.question import Memory, Question
from app.services.keyed_digest import KeyedDigest
from app.services.note_links import NoteLinks
from app.services.trace_writer import TraceWriter
from app.services.turns import Turns, take_turn
from app.storage.database import UnitOfWork
from app.storage.derived import Derived
from app.storage.notes import NoteStore
from app.storage.selection import Selection, selected
from app.storage.tombstones import TombstoneStore
from app.storage.traces import TraceStore
from app.storage.working_memory import WorkingMemory

ForgetScope = Literal["trace", "source", "conversation", "range", "query", "all"]
LOOKED_AT = 1_000  # the best so many, and twice as many until all that score enough are among them
MOST_MATCHES = 16_000  # traces that one query may mean
MOST_PREVIEWED = 100


@dataclass(frozen=True, slots=True)
class ToForget:
    """What somebody wants forgotten.

    ``selection`` finds it; for the scope ``query`` it is what a recall of ``question`` finds, all of
    it or what scores at least ``min_score``. ``words`` are what the person named it by. With
    ``include_notes`` the notes go whose traces go. A ``dry_run`` only asks what that would be.
    """

    scope: ForgetScope
    selection: Selection
    words: tuple[str | int | float | None, ...] = ()
    question: Question | None = None
    min_score: float | None = None
    include_notes: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What a forgetting would take away: counts of everything, and the first ``MOST_PREVIEWED`` ids."""

    scope: ForgetScope
    counts: dict[str, int]
    trace_ids: list[UUID]


class ForgetService:
    """One person's forgetting within one unit of work."""

    def __init__(
        self,
        work: UnitOfWork,
        *,
        traces: TraceStore,
        writer: TraceWriter,
        notes: NoteStore,
        links: NoteLinks,
        tombstones: TombstoneStore,
        pipeline: RecallPipeline,
        working_memory: WorkingMemory,
        digest: KeyedDigest,
        turns: Turns,
        clock: Callable[[], datetime],
        wake_worker: Callable[[], None],
        wake_dreamer: Callable[[], None],
    ) -> None:
        self._work = work
        self._traces = traces
        self._writer = writer
        self._notes = notes
        self._links = links
        self._tombstones = tombstones
        self._pipeline = pipeline
        self._working_memory = working_memory
        self._digest = digest
        self._turns = turns
        self._clock = clock
        self._wake_worker = wake_worker
        self._wake_dreamer = wake_dreamer

    async def forget(self, user_id: UUID, wanted: ToForget) -> MemoryTombstone:
        """Forget all that is meant or nothing. Forgetting twice answers with the first tombstone.

        Raises:
            NotFoundError: there is nothing of the kind, and there never was.
            EmbedderUnavailableError: a query cannot be understood at the moment.
            InvalidInputError: a query means more than ``MOST_MATCHES``.
        """
        selection = await self._found(user_id, wanted)
        usage = await take_turn(user_id, turns=self._turns, work=self._work, traces=self._traces)
        ids, earlier = await self._ids(user_id, wanted, selection)
        note_ids = await self._note_ids(user_id, wanted, selection, ids)
        derived = await self._writer.made_of(user_id, ids, span=selection.reach)
        if not ids and not note_ids and not derived:
            if earlier is not None:
                return earlier
            raise NotFoundError("There is nothing like that to forget, or it is not yours.")
        tombstone = MemoryTombstone(
            user_id=user_id,
            id=UUID(int=uuid_utils.uuid7().int),
            scope=wanted.scope,
            target=self._targets(user_id, wanted, ids)[0],
            forgotten_by=user_id,
            forgotten_at=self._clock(),
            counts=await self._weighed(user_id, ids, derived, note_ids),
        )
        await self._tombstones.add(tombstone, [*ids, *note_ids])
        await self._writer.remove(user_id, ids, now=tombstone.forgotten_at, derived=derived)
        await self._remove_notes(user_id, note_ids, now=tombstone.forgotten_at)
        self._work.after_commit.append(
            lambda: self._drop_from_mind(
                user_id, generation=usage.generation + 1, dreams=bool(derived.periods)
            )
        )
        return tombstone

    async def preview(self, user_id: UUID, wanted: ToForget) -> Preview:
        """What ``forget`` would take away, without taking it.

        Raises:
            NotFoundError, EmbedderUnavailableError: as ``forget``, for ids that never were.
        """
        selection = await self._found(user_id, wanted)
        ids, _ = await self._ids(user_id, wanted, selection)
        note_ids = await self._note_ids(user_id, wanted, selection, ids)
        derived = await self._writer.made_of(user_id, ids, span=selection.reach)
        counts = await self._weighed(user_id, ids, derived, note_ids)
        return Preview(wanted.scope, counts, ids[:MOST_PREVIEWED])

    async def tombstones(
        self, user_id: UUID, *, page: int, per_page: int
    ) -> tuple[list[MemoryTombstone], int]:
        """One page of tombstones, newest first, and how many there are in all."""
        return await self._tombstones.page(user_id, page=page, per_page=per_page)

    async def _found(self, user_id: UUID, wanted: ToForget) -> Selection:
        """A query is turned into ids before the person's turn is taken: the model works meanwhile."""
        if wanted.question is None:
            return wanted.selection
        found = await self._recalled(user_id, wanted.question)
        if wanted.min_score is not None:
            found = await self._scoring(user_id, wanted.question, found, at_least=wanted.min_score)
        ids = [i for memory in found for i in (memory.trace.id, *memory.copies)]
        return replace(wanted.selection, trace_ids=ids)

    async def _scoring(
        self, user_id: UUID, question: Question, best: Sequence[Memory], *, at_least: float
    ) -> list[Memory]:
        """All that score enough, of which the ``best`` are known."""
        while len(best) == question.k and best[-1].score >= at_least:
            if question.k >= MOST_MATCHES:
                raise InvalidInputError(
                    f"More than {MOST_MATCHES:,} traces score that much. Nothing was forgotten: raise "
                    "min_score, or forget a span of time or everything."
                )
            question = replace(question, k=2 * question.k)
            best = await self._recalled(user_id, question)
        return [memory for memory in best if memory.score >= at_least]

    async def _recalled(self, user_id: UUID, question: Question) -> Sequence[Memory]:
        recollection = await self._pipeline.recall(user_id, question)
        if "embedder" in recollection.degraded:
            raise EmbedderUnavailableError(
                "What the query means cannot be found while the embedder does not answer. "
                "Nothing was forgotten."
            )
        return recollection.memories

    async def _ids(
        self, user_id: UUID, wanted: ToForget, selection: Selection
    ) -> tuple[list[UUID], MemoryTombstone | None]:
        """What is there to be forgotten, and the tombstone of what has been already."""
        ids = await selected(self._work.session, user_id, selection)
        if wanted.scope == "trace":
            missing = set(selection.trace_ids or ()).difference(ids)
            return ids, await self._earlier(user_id, missing) if missing else None
        earlier = await self._tombstones.latest(
            user_id, wanted.scope, self._targets(user_id, wanted, ids)
        )
        if earlier is not None and wanted.question is not None and wanted.min_score is None:
            # A recall always finds the next best, and a request sent twice must not take them as well.
            since = await self._tombstones.stored_since(user_id, earlier, ids)
            ids = [trace_id for trace_id in ids if trace_id in since]
        return ids, earlier

    async def _note_ids(
        self, user_id: UUID, wanted: ToForget, selection: Selection, ids: Sequence[UUID]
    ) -> list[UUID]:
        """The notes that go as well: they stay unless somebody says otherwise."""
        if not wanted.include_notes:
            return []
        return await self._notes.meant(user_id, selection, trace_ids=ids)

    async def _remove_notes(
        self, user_id: UUID, note_ids: Sequence[UUID], *, now: datetime
    ) -> None:
        titles = await self._notes.remove(user_id, note_ids)
        await self._links.settle_without(user_id, titles=titles, now=now)

    async def _weighed(
        self, user_id: UUID, ids: Sequence[UUID], derived: Derived, note_ids: Sequence[UUID]
    ) -> dict[str, int]:
        """Counts of every store, with what the dream has made of these traces counted beside them."""
        counts = await self._tombstones.weigh(user_id, derived.with_their(ids))
        made = derived.summaries | derived.entities
        notes = {
            "notes": len(note_ids),
            "note_links": await self._notes.count_connections(user_id, note_ids),
        }
        traces = len(set(ids) - made) - counts["pruned"]
        return {**counts, "traces": traces, **derived.counts(), **notes}

    async def _earlier(self, user_id: UUID, missing: set[UUID]) -> MemoryTombstone:
        earlier = await self._tombstones.naming(user_id, missing)
        if earlier is None:
            raise NotFoundError(
                "There is no such trace, or it is not yours. Nothing was forgotten."
            )
        return earlier

    def _targets(
        self, user_id: UUID, wanted: ToForget, ids: Sequence[UUID]
    ) -> list[dict[str, Any]]:
        """What a tombstone says was named, as it is written today and as it may have been before."""
        if wanted.scope == "trace":
            return [{"ids": sorted(map(str, ids))}]
        notes: dict[str, Any] = {"with_notes": True} if wanted.selection.with_notes else {}
        if wanted.scope == "all":
            return [notes]
        if wanted.selection.span is not None:
            since, until = wanted.selection.span
            return [{"from": since.isoformat(), "to": until.isoformat(), **notes}]
        return [{"digest": found, **notes} for found in self._digest.of(user_id, wanted.words)]

    async def _drop_from_mind(self, user_id: UUID, *, generation: int, dreams: bool) -> None:
        """What is to be dreamt without the forgotten is dreamt at once."""
        self._wake_worker()
        if dreams:
            self._wake_dreamer()
        await self._working_memory.drop(user_id, generation=generation)
