"""Writes traces and everything that hangs on them, inside one transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.dream.calendar import day_of
from app.models import MemoryTrace
from app.services.trace_draft import TraceDraft
from app.storage.consolidations import ConsolidationStore
from app.storage.database import VectorColumn
from app.storage.derived import Derived, DerivedStore
from app.storage.embeddings import EmbeddingStore, Head
from app.storage.pending import PendingEmbeddings
from app.storage.pruned import PrunedStore
from app.storage.traces import TraceStore
from app.storage.users import UserStore
from app.storage.words import WordIndex

HEADS = ("semantic", "entity", "situation")
DREAMT = ("summary", "entity")  # the roles of what the dream makes, which it never replays


class TraceWriter:
    """Keeps traces, words, vectors, conversation edges, waiting heads and counts in step.

    The caller holds the person's write lock.
    """

    def __init__(
        self,
        session: AsyncSession,
        column: VectorColumn,
        *,
        model: str,
        threshold: float,
        heads: Sequence[str] = HEADS,
    ) -> None:
        """``heads`` are those that a trace gets when it matters enough to be indexed."""
        self._traces = TraceStore(session)
        self._words = WordIndex(session)
        self._embeddings = EmbeddingStore(session, column)
        self._pending = PendingEmbeddings(session)
        self._users = UserStore(session)
        self._runs = ConsolidationStore(session)
        self._derived = DerivedStore(session)
        self._pruned = PrunedStore(session)
        self._model = model
        self._threshold = threshold
        self._heads = heads

    async def add(
        self, user_id: UUID, drafts: Sequence[TraceDraft], *, now: datetime, again: bool = True
    ) -> None:
        """Insert new traces and index them. Their days wait for the dream, with ``again`` even those
        that were dreamt already."""
        if not drafts:
            return
        await self._traces.add([draft.trace for draft in drafts])
        await self._traces.count(
            user_id, traces=len(drafts), terms=sum(draft.trace.term_count for draft in drafts)
        )
        written = {draft.trace.id for draft in drafts}
        await self._traces.link_conversations(user_id, written, now=now)
        await self._index(user_id, drafts, now=now)
        around = await self._traces.overhearing(user_id, written)
        await self._ask_for_situations(user_id, around, now=now)
        await self._open_days(user_id, [draft.trace for draft in drafts], now=now, again=again)

    async def revise(
        self, user_id: UUID, trace: MemoryTrace, draft: TraceDraft, *, now: datetime
    ) -> TraceDraft:
        """Give a stored trace the content, salience and meta of a draft; its time and id stay."""
        (revised,) = await self.revise_all(user_id, [(trace, draft)], now=now)
        return revised

    async def correct(
        self, user_id: UUID, trace: MemoryTrace, draft: TraceDraft, *, now: datetime
    ) -> None:
        """Revise a trace that was wrong: what the dream has made of its old words goes as if they were
        forgotten, and so do the kept answers of requests that said them."""
        derived = await self.made_of(user_id, [trace.id])
        await self._derived.trim(user_id, derived, without=[trace.id])
        await self._derived.unsay(user_id, trace.id)
        await self._let_go(user_id, derived.with_their(()), now=now)
        await self._derived.settle(user_id, derived, now=now)
        await self.revise(user_id, trace, draft, now=now)
        trace.corrected_at = now

    async def weigh(
        self, user_id: UUID, trace: MemoryTrace, *, salience: float, now: datetime
    ) -> None:
        """Give a trace another salience. One that reaches the threshold is embedded like the others;
        one that falls below keeps its vectors until the dream takes them."""
        was_indexed = self._is_indexed(trace)
        trace.salience = salience
        if self._is_indexed(trace) and not was_indexed:
            await self._pending.add(user_id, [(trace.id, head) for head in self._heads], now=now)

    async def revise_all(
        self, user_id: UUID, pairs: Sequence[tuple[MemoryTrace, TraceDraft]], *, now: datetime
    ) -> list[TraceDraft]:
        """Revise many at once, none of them twice: as many statements as for one."""
        if not pairs:
            return []
        ids = [trace.id for trace, _ in pairs]
        await self._words.remove(user_id, ids)
        await self._embeddings.remove(user_id, ids)
        await self._pending.cancel(user_id, ids)
        more = sum(draft.trace.term_count - trace.term_count for trace, draft in pairs)
        await self._traces.count(user_id, traces=0, terms=more)
        revised = [_revised(trace, draft) for trace, draft in pairs]
        await self._index(user_id, revised, now=now)
        around = await self._traces.overhearing(user_id, ids)
        await self._renew_situations(user_id, around, now=now)
        await self._open_days(user_id, [trace for trace, _ in pairs], now=now, again=True)
        return revised

    async def made_of(
        self,
        user_id: UUID,
        ids: Collection[UUID],
        *,
        span: tuple[datetime, datetime] | None = None,
    ) -> Derived:
        """What the dream has made of traces, pruned ones too, and of a span of time, which goes when they
        are removed."""
        return await self._derived.of(user_id, ids, span=span)

    async def remove(
        self,
        user_id: UUID,
        ids: Collection[UUID],
        *,
        now: datetime,
        derived: Derived | None = None,
    ) -> None:
        """Forget traces with all that hangs on them and all that the dream has made of them, pruned ones
        too, and close the gap in their conversations; ``derived`` is what ``made_of`` has found."""
        derived = derived or await self.made_of(user_id, ids)
        await self._derived.trim(user_id, derived, without=ids)
        await self._let_go(user_id, derived.with_their(ids), now=now)
        await self._pruned.remove(user_id, ids)
        await self._derived.settle(user_id, derived, now=now)

    async def prune(self, user_id: UUID, ids: Collection[UUID], *, now: datetime) -> None:
        """Let traces go for good. What the dream has made of them stays, for it holds them now, and so
        does what leads there, so that they can still be forgotten."""
        await self._pruned.keep(user_id, ids, now=now)
        await self._let_go(user_id, ids, now=now)

    async def _let_go(self, user_id: UUID, ids: Collection[UUID], *, now: datetime) -> None:
        """Delete traces with all that hangs on them, and close the gap in their conversations."""
        bereft = await self._traces.overhearing(user_id, ids)
        await self._words.remove(user_id, ids)
        gone = await self._traces.remove(user_id, ids)
        await self._traces.count(user_id, traces=-gone.traces, terms=-gone.terms, forgets=True)
        await self._traces.link_conversations(user_id, bereft, now=now)
        await self._renew_situations(user_id, bereft, now=now)

    async def _open_days(
        self, user_id: UUID, traces: Sequence[MemoryTrace], *, now: datetime, again: bool
    ) -> None:
        """The days on which these were said wait for their dream."""
        zone = await self._users.zone(user_id)
        days = {day_of(t.created_at, zone) for t in traces if t.role not in DREAMT}
        await self._runs.open(
            user_id,
            {(day.last_day, day.kind): day.night(zone) for day in days},
            now=now,
            again=again,
        )

    async def _renew_situations(
        self, user_id: UUID, trace_ids: set[UUID], *, now: datetime
    ) -> None:
        """Drop the situation heads that embed words which are said no more, and ask for new ones."""
        await self._embeddings.remove(user_id, trace_ids, head="situation")
        await self._pending.cancel(user_id, trace_ids, head="situation")
        await self._ask_for_situations(user_id, trace_ids, now=now)

    async def _ask_for_situations(
        self, user_id: UUID, trace_ids: set[UUID], *, now: datetime
    ) -> None:
        """As far as these matter enough to be indexed."""
        if not trace_ids or "situation" not in self._heads:
            return
        stored = await self._traces.by_ids(user_id, trace_ids)
        await self._pending.add(
            user_id,
            [(trace.id, "situation") for trace in stored.values() if self._is_indexed(trace)],
            now=now,
        )

    async def _index(self, user_id: UUID, drafts: Sequence[TraceDraft], *, now: datetime) -> None:
        await self._words.add(user_id, {draft.trace.id: draft.terms for draft in drafts})
        indexed = [draft for draft in drafts if self._is_indexed(draft.trace)]
        await self._embeddings.put(
            user_id,
            [
                Head(draft.trace.id, "semantic", draft.vectors)
                for draft in indexed
                if draft.vectors is not None
            ],
            model=self._model,
        )
        await self._pending.add(
            user_id,
            [(draft.trace.id, head) for draft in indexed for head in self.waiting_heads(draft)],
            now=now,
        )

    def ready_heads(self, draft: TraceDraft) -> list[str]:
        """The heads under which a draft can be found as soon as it is written."""
        is_ready = self._is_indexed(draft.trace) and draft.vectors is not None
        return ["semantic"] if is_ready else []

    def waiting_heads(self, draft: TraceDraft) -> list[str]:
        """The heads that a worker embeds later."""
        ready = self.ready_heads(draft)
        return (
            [head for head in self._heads if head not in ready]
            if self._is_indexed(draft.trace)
            else []
        )

    def _is_indexed(self, trace: MemoryTrace) -> bool:
        return trace.salience >= self._threshold


def _revised(trace: MemoryTrace, draft: TraceDraft) -> TraceDraft:
    """The draft of a stored trace that says what another draft says."""
    trace.content = draft.trace.content
    trace.content_hash = draft.trace.content_hash
    trace.term_count = draft.trace.term_count
    trace.states_preference = draft.trace.states_preference
    trace.wording = draft.trace.wording
    trace.term_codes = draft.trace.term_codes
    trace.salience = draft.trace.salience
    trace.meta = draft.trace.meta
    return TraceDraft(draft.new, trace, draft.terms, draft.vectors)
