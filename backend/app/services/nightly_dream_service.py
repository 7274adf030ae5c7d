"""The nightly dream as a recipe: claim, read, think, write; one run a person and day, whatever happens.

Nothing is locked while models work. What was read is compared under the person's write lock before
anything is written, and results and the end of the run are one transaction; so a run that dies has
done nothing, and one that is overtaken by a write or a forgetting reads again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.dream.calendar import Kind, Period, day_of
from app.errors import InvalidInputError, UnavailableError
from app.log import places
from app.meters import Meters
from app.services.dream_author import DreamAuthor
from app.services.dream_reader import DreamReader
from app.services.dream_writer import DreamWriter, LeaseLostError
from app.services.turns import Turns
from app.storage.consolidations import ConsolidationStore, Lease
from app.storage.database import Database
from app.storage.replay import ReplayStore
from app.storage.traces import TraceStore
from app.storage.users import UserStore

PEOPLE_AT_ONCE = 4
PEOPLE_A_PAGE = 200
MOST_READINGS = 5
HEARTBEAT = timedelta(seconds=30)

log = structlog.get_logger()


class MemoryKeepsChangingError(Exception):
    """Every reading was overtaken by a write; the run is put off."""


@dataclass(frozen=True, slots=True)
class Night:
    """What was worked off for one person: the runs in order, whatever became of them."""

    user_id: UUID
    leases: tuple[Lease, ...]


class NightlyDreamService:
    """Works off the runs that are due. Any number of replicas may do so at the same time."""

    def __init__(
        self,
        database: Database,
        *,
        reader: DreamReader,
        author: DreamAuthor,
        writer: DreamWriter,
        turns: Turns,
        meters: Meters,
        clock: Callable[[], datetime],
        heartbeat: timedelta = HEARTBEAT,
    ) -> None:
        self._database = database
        self._reader = reader
        self._author = author
        self._writer = writer
        self._turns = turns
        self._meters = meters
        self._clock = clock
        self._heartbeat = heartbeat

    async def dream_for_all(self, *, ask: bool = False, only: date | None = None) -> list[Night]:
        """Everybody's runs that are due, several people at a time; nobody waits for another's failure.
        With ``ask`` also what waits for its night, or of one day ``only``.

        Raises:
            UnavailableError: the database does not answer.
        """
        limit = asyncio.Semaphore(PEOPLE_AT_ONCE)
        nights: list[Night] = []
        after: UUID | None = None
        while people := await self._people(after, waiting=ask):
            nights += await asyncio.gather(
                *(self._within(limit, one, ask=ask, only=only) for one in people)
            )
            after = people[-1]
        return nights

    async def dream_for(self, user_id: UUID, *, only: date | None = None) -> Night:
        """One person's runs that are due, oldest first, or that of one day alone."""
        leases: list[Lease] = []
        while (lease := await self._claim(user_id, only)) is not None:
            await self._run(lease)
            leases.append(lease)
        return Night(user_id, tuple(leases))

    async def ask(self, user_id: UUID, *, only: date | None = None) -> None:
        """Make what waits of one person due now, up to today or of one day ``only``, with days that
        nobody had opened yet.

        Raises:
            InvalidInputError: the day has not begun where the person is.
        """
        now = self._clock()
        async with self._database.unit_of_work() as work:
            zone = await UserStore(work.session).zone(user_id)
            today = day_of(now, zone).last_day
            if only is not None and only > today:
                raise InvalidInputError(f"day must not be after {today}, which is today there.")
            await _open_days(work.session, user_id, zone, now=now)
            runs = ConsolidationStore(work.session)
            await runs.ask(user_id, until=today, only=only, now=now)

    async def reopen_days(self, user_id: UUID, before: str) -> None:
        """Let the days wait for their night once more that have gained or lost something because it was
        another time zone ``before``."""
        async with self._database.unit_of_work() as work:
            zone = await UserStore(work.session).zone(user_id)
            quarters = await ReplayStore(work.session).told_quarters(user_id)
            both = [(day_of(each, ZoneInfo(before)), day_of(each, zone)) for each in quarters]
            days = {day for old, new in both if old != new for day in (old, new)}
            await ConsolidationStore(work.session).open(
                user_id,
                {(day.last_day, day.kind): day.night(zone) for day in days},
                now=self._clock(),
                again=True,
            )

    async def _within(
        self, limit: asyncio.Semaphore, user_id: UUID, *, ask: bool, only: date | None
    ) -> Night:
        async with limit:
            if ask:
                await self.ask(user_id, only=only)
            return await self.dream_for(user_id, only=only)

    async def _people(self, after: UUID | None, *, waiting: bool) -> Sequence[UUID]:
        async with self._database.unit_of_work() as work:
            runs = ConsolidationStore(work.session)
            if waiting:
                return await runs.people_waiting(after=after, most=PEOPLE_A_PAGE)
            return await runs.people_due(now=self._clock(), after=after, most=PEOPLE_A_PAGE)

    async def _claim(self, user_id: UUID, only: date | None) -> Lease | None:
        """The next run; the write lock orders the replicas that want one of the same person's."""
        async with self._database.unit_of_work() as work:
            await work.held.enter_async_context(self._turns.of(user_id))
            await TraceStore(work.session).wait_turn(user_id)
            return await ConsolidationStore(work.session).claim(
                user_id, owner=uuid4(), now=self._clock(), only=only
            )

    async def _run(self, lease: Lease) -> None:
        """One run to its end, good or bad. A failure is written down and tried again later."""
        try:
            with self._meters.dreaming(lease.kind):
                async with self._alive(lease):
                    await self._dream(lease)
            self._meters.dreamt(lease.kind, "done")
        except LeaseLostError:
            self._meters.dreamt(lease.kind, "lost")
            log.warning("dream.lease_lost", day=str(lease.day), kind=lease.kind)
        except Exception as error:  # one person's failure must not end everybody's night
            self._meters.dreamt(lease.kind, "failed")
            log.error("dream.failed", day=str(lease.day), kind=lease.kind, **places(error))
            await self._put_off(lease, error)

    async def _dream(self, lease: Lease) -> None:
        period = Period(cast(Kind, lease.kind), lease.day)
        for _ in range(MOST_READINGS):
            material = await self._reader.read(lease, period)
            dreamt = await self._author.compose(lease.user_id, material)
            if await self._writer.write(lease, material, dreamt):
                return
        raise MemoryKeepsChangingError

    @asynccontextmanager
    async def _alive(self, lease: Lease) -> AsyncIterator[None]:
        """Signs of life while the block runs."""
        beating = asyncio.create_task(self._beat(lease))
        try:
            yield
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating

    async def _beat(self, lease: Lease) -> None:
        while True:
            await asyncio.sleep(self._heartbeat.total_seconds())
            with suppress(UnavailableError):
                async with self._database.unit_of_work() as work:
                    await ConsolidationStore(work.session).renew(lease, now=self._clock())

    async def _put_off(self, lease: Lease, error: Exception) -> None:
        """When not even this can be written, the lease runs out by itself."""
        with suppress(UnavailableError):
            async with self._database.unit_of_work() as work:
                await ConsolidationStore(work.session).fail(
                    lease, error=type(error).__name__, now=self._clock()
                )


async def _open_days(
    session: AsyncSession, user_id: UUID, zone: ZoneInfo, *, now: datetime
) -> None:
    quarters = await ReplayStore(session).told_quarters(user_id)
    days = {day_of(quarter, zone) for quarter in quarters}
    await ConsolidationStore(session).open(
        user_id,
        {(day.last_day, day.kind): day.night(zone) for day in days},
        now=now,
        again=False,
    )
