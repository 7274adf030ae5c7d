"""Strengthen and fade: what has been used is promoted, what has not is let go, in two steps."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.dream import fading
from app.dream.fading import Decision, Fadeable
from app.errors import UnavailableError
from app.services.trace_writer import HEADS, TraceWriter
from app.services.turns import Turns
from app.storage.database import Database, UnitOfWork
from app.storage.fading import FadeableRow, FadingStore
from app.storage.pending import PendingEmbeddings
from app.storage.traces import TraceStore

AT_ONCE = 500

log = structlog.get_logger()


class Fading:
    """Decides for one person, in the transaction of whoever asks."""

    def __init__(self, *, threshold: float) -> None:
        self._threshold = threshold

    async def preview(self, session: AsyncSession, user_id: UUID, *, at: datetime) -> Decision:
        """What would become of the traces below the threshold; nothing is changed."""
        rows = await FadingStore(session).fadeable(user_id, threshold=self._threshold, until=at)
        return fading.decide([_fadeable(row) for row in rows], at=at)

    async def settle(
        self, session: AsyncSession, user_id: UUID, *, at: datetime, now: datetime
    ) -> Decision:
        """Do what was decided for ``at``, the end of the day that is dreamt."""
        decision = await self.preview(session, user_id, at=at)
        store = FadingStore(session)
        await store.promote(user_id, decision.promoted, salience=self._threshold)
        await PendingEmbeddings(session).add(
            user_id,
            [(trace_id, head) for trace_id in decision.promoted for head in HEADS],
            now=now,
        )
        await store.fade(user_id, [one.trace_id for one in decision.faded], now=now)
        return decision


class Pruning:
    """Lets go for good of what faded long enough ago, a few hundred traces at a time."""

    def __init__(
        self,
        database: Database,
        turns: Turns,
        *,
        writer: Callable[[AsyncSession], TraceWriter],
        grace: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._turns = turns
        self._writer = writer
        self._grace = grace
        self._clock = clock

    async def run(self) -> int:
        """How many traces went; what cannot be done now is done tomorrow."""
        pruned = 0
        try:
            while people := await self._people():
                for user_id in people:
                    pruned += await self._prune(user_id)
        except UnavailableError as error:
            log.warning("pruning.postponed", reason=error.detail)
        return pruned

    async def _people(self) -> list[UUID]:
        async with self._database.unit_of_work() as work:
            return await FadingStore(work.session).people_with_expired(
                faded_before=self._clock() - self._grace, most=AT_ONCE
            )

    async def _prune(self, user_id: UUID) -> int:
        async with self._database.unit_of_work() as work:
            await _take_turn(work, self._turns, user_id)
            expired = await FadingStore(work.session).expired(
                user_id, faded_before=self._clock() - self._grace, most=AT_ONCE
            )
            if expired:
                await self._writer(work.session).prune(user_id, expired, now=self._clock())
        return len(expired)


async def _take_turn(work: UnitOfWork, turns: Turns, user_id: UUID) -> None:
    await work.held.enter_async_context(turns.of(user_id))
    await TraceStore(work.session).wait_turn(user_id)


def _fadeable(row: FadeableRow) -> Fadeable:
    return Fadeable(
        trace_id=row.trace_id,
        created_at=row.created_at,
        salience=row.salience,
        uses=row.access_count,
        last_used_at=row.last_accessed_at,
        is_pinned=row.pinned,
        is_held=row.is_held,
        is_evidence=row.is_evidence,
    )
