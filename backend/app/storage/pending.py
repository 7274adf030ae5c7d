"""The durable queue of heads that are still to be embedded."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import PendingEmbedding
from app.storage.database import any_of, statement
from app.storage.queue import Queue

QUEUE = "the queue is worked off for everybody, oldest first"
LEASE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Request:
    """One head of one trace to embed, as it was asked for at ``requested_at``."""

    user_id: UUID
    trace_id: UUID
    head: str
    requested_at: datetime
    attempts: int


class PendingEmbeddings:
    """A worker claims requests, embeds outside any transaction, then settles or postpones them."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(
        self, user_id: UUID, wanted: Iterable[tuple[UUID, str]], *, now: datetime
    ) -> None:
        """Ask for heads as (trace id, head) pairs, in the transaction that makes them necessary."""
        pairs = sorted(set(wanted))
        if not pairs:
            return
        trace_ids, heads = map(list, zip(*pairs, strict=True))
        await self._session.execute(
            statement("request_embeddings"),
            {"user_id": user_id, "trace_ids": trace_ids, "heads": heads, "now": now},
        )

    async def claim(self, *, most: int, now: datetime) -> list[Request]:
        """Up to ``most`` requests that are due, for ``LEASE``: those of whoever waits longest first.
        What another worker claims in the same moment is left to it."""
        claimed: list[Request] = []
        for user_id, count in (await self._due(most=most, now=now)).items():
            rows = await self._session.execute(
                statement("claim_embeddings"),
                {"user_id": user_id, "most": count, "now": now, "lease_until": now + LEASE},
            )
            claimed += [Request(*row) for row in rows]
        return claimed

    async def _due(self, *, most: int, now: datetime) -> Counter[UUID]:
        """How many of the ``most`` oldest requests are whose, oldest first."""
        query = (
            select(PendingEmbedding.user_id)
            .where(PendingEmbedding.due_at <= now)
            .order_by(PendingEmbedding.due_at, PendingEmbedding.requested_at)
            .limit(most)
            .execution_options(across_people=QUEUE)
        )
        return Counter(await self._session.scalars(query))

    async def wanted(self, requests: Sequence[Request]) -> set[Request]:
        """Those of these requests that nobody has cancelled or made anew meanwhile."""
        keys = [(r.user_id, r.trace_id, r.head, r.requested_at) for r in requests]
        rows = await self._session.execute(select(*_columns).where(_key.in_(keys)))
        found = {tuple(row) for row in rows.all()}
        return {request for request, key in zip(requests, keys, strict=True) if key in found}

    async def cancel(
        self, user_id: UUID, trace_ids: Iterable[UUID], *, head: str | None = None
    ) -> None:
        """Nothing that was asked for of these traces, or no such ``head``, is wanted any more."""
        theirs = delete(PendingEmbedding).where(
            PendingEmbedding.user_id == user_id, PendingEmbedding.trace_id == any_of(trace_ids)
        )
        await self._session.execute(
            theirs if head is None else theirs.where(PendingEmbedding.head == head)
        )

    async def settle(self, done: Sequence[Request]) -> None:
        """Take finished requests off the queue; one that was asked for anew meanwhile stays."""
        keys = [(r.user_id, r.trace_id, r.head, r.requested_at) for r in done]
        await self._session.execute(delete(PendingEmbedding).where(_key.in_(keys)))

    async def postpone(self, failed: Sequence[Request], *, now: datetime) -> None:
        """Try again later: after 1, 2, 4 … seconds, at most a minute."""
        for request in failed:
            pause = min(timedelta(seconds=2 ** min(request.attempts - 1, 6)), LONGEST_PAUSE)
            await self._session.execute(
                update(PendingEmbedding)
                .where(
                    _key == (request.user_id, request.trace_id, request.head, request.requested_at)
                )
                .values(due_at=now + pause)
            )

    async def release(self) -> None:
        """Let go of every claim, when nobody else is working on the queue."""
        await self._session.execute(
            update(PendingEmbedding)
            .values(due_at=func.now())
            .execution_options(across_people=QUEUE)
        )

    async def count(self, user_id: UUID | None = None) -> int:
        """How many heads wait, of one person or of all."""
        query = select(func.count()).select_from(PendingEmbedding)
        if user_id is None:
            query = query.execution_options(across_people=QUEUE)
        else:
            query = query.where(PendingEmbedding.user_id == user_id)
        return await self._session.scalar(query) or 0

    async def queue(self) -> Queue:
        """What waits of everybody, and since when."""
        query = select(func.count(), func.min(PendingEmbedding.requested_at))
        rows = await self._session.execute(query.execution_options(across_people=QUEUE))
        return Queue(*rows.one())


_columns = (
    PendingEmbedding.user_id,
    PendingEmbedding.trace_id,
    PendingEmbedding.head,
    PendingEmbedding.requested_at,
)
_key = tuple_(*_columns)
