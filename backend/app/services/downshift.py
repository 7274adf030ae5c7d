"""Downshift: what is not hot any more gets a smaller index and loses what nobody needs of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from app.errors import UnavailableError
from app.services.turns import Turns
from app.storage.database import Database, VectorColumn
from app.storage.downshift import DownshiftStore, Shifted, alone, compact, shift_indexes
from app.storage.traces import TraceStore
from app.storage.users import UserStore
from app.storage.warm_vectors import WarmVectors

LITTLE_SALIENCE = 0.45  # a sentence of three words, without a name or a figure
PEOPLE_A_PAGE = 500

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Downshifted:
    """What was done to everything before a moment: the months whose index changed, with its size
    before and after, and how many heads were dropped."""

    before: datetime
    months: tuple[Shifted, ...]
    heads_dropped: int


class Downshift:
    """Looks every night, and has something to do once a month begins to be old."""

    def __init__(
        self,
        database: Database,
        column: VectorColumn,
        turns: Turns,
        *,
        hot_days: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._column = column
        self._turns = turns
        self._hot_days = hot_days
        self._clock = clock

    async def run(self) -> Downshifted | None:
        """None when everything old is warm already, or another replica is at it. What cannot be done
        now is done tomorrow."""
        before = _month_of(self._clock() - timedelta(days=self._hot_days))
        try:
            async with alone(self._database) as connection:
                if connection is None or (since := await self._done_before()) == before:
                    return None
                months: list[Shifted] = []
                if self._column.iterative_scan:  # older servers know neither bits nor such scans
                    months = await shift_indexes(connection, self._column, before=before)
                dropped = await self._drop_extra_heads(before)
                await compact(connection, since=since, before=before)
                async with self._database.unit_of_work() as work:
                    await DownshiftStore(work.session).note(before)
        except UnavailableError as error:
            log.warning("downshift.postponed", reason=error.detail)
            return None
        log.info(
            "downshift.done",
            months=len(months),
            bytes_before=sum(month.index_bytes_before for month in months),
            bytes_after=sum(month.index_bytes_after for month in months),
            heads_dropped=dropped,
        )
        return Downshifted(before, tuple(months), dropped)

    async def _done_before(self) -> datetime | None:
        async with self._database.unit_of_work() as work:
            return await WarmVectors(work.session, self._column).before()

    async def _drop_extra_heads(self, before: datetime) -> int:
        """One person after the other, each under their write lock, as every writer."""
        dropped, after = 0, None
        while people := await self._people(after):
            for user_id in people:
                async with self._database.unit_of_work() as work:
                    await work.held.enter_async_context(self._turns.of(user_id))
                    await TraceStore(work.session).wait_turn(user_id)
                    dropped += await DownshiftStore(work.session).drop_extra_heads(
                        user_id, before=before, below=LITTLE_SALIENCE
                    )
            after = people[-1]
        return dropped

    async def _people(self, after: UUID | None) -> list[UUID]:
        async with self._database.unit_of_work() as work:
            return await UserStore(work.session).ids(after=after, most=PEOPLE_A_PAGE)


def _month_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
