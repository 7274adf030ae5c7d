"""Sketches of large memories, held in the process: comparing them here takes a tenth of what it takes in
PostgreSQL, where reading the rows is half of the work."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import UnavailableError
from app.language.time_window import BEGINNING
from app.log import places
from app.storage.database import Database, statement
from app.storage.held_sketches import HeldSketches
from app.storage.traces import Usage

HEAD = "semantic"  # the one that recall and search look into
FEWEST_TRACES = 5_000  # of whoever has fewer, PostgreSQL compares all in 2 ms
MOST_TRACES = 500_000  # of whoever has more, they would take much of the memory
MOST_BYTES = 256 * 1024 * 1024
IDLE_SECONDS = 300.0
LOOK_AGAIN_SECONDS = 30.0

log = structlog.get_logger()


@dataclass(slots=True)
class _Entry:
    held: HeldSketches
    asked_at: float


class SketchCache:
    """The sketches of those who asked last, up to ``most_bytes``.

    Whoever asks gets sketches up to the latest write that they know of, or none; then they are read in
    the background. A forgetting begins a generation, in which none of an earlier one are used. What
    nobody has asked for in ``IDLE_SECONDS`` is dropped, also where another process did the forgetting.
    """

    def __init__(
        self,
        database: Database,
        *,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._database = database
        self._most_bytes = most_bytes
        self._clock = clock
        self._entries: OrderedDict[UUID, _Entry] = OrderedDict()  # asked for last at the end
        self._wanted: set[UUID] = set()
        self._wake = asyncio.Event()

    @property
    def size(self) -> int:
        """Bytes held."""
        return sum(entry.held.size for entry in self._entries.values())

    async def current(
        self, session: AsyncSession, user_id: UUID, usage: Usage
    ) -> HeldSketches | None:
        """This person's, with all that was written up to ``usage``; None while they are not held."""
        if not FEWEST_TRACES <= usage.traces < MOST_TRACES:
            return None
        entry = self._entries.get(user_id)
        held = None if entry is None or entry.held.generation != usage.generation else entry.held
        if held is not None and held.sketched_at < usage.sketched_at:
            held = await _up_to_date(session, user_id, held)
        if held is None:
            self._entries.pop(user_id, None)
            self._wanted.add(user_id)
            self._wake.set()
            return None
        self._keep(user_id, held)
        return held

    async def run(self) -> None:
        """Read what was asked for and drop what nobody asks for, until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self.work_off()
            except UnavailableError as error:
                log.warning("sketches.waiting", reason=error.detail)
            except Exception as error:  # one bad memory must not end it for everybody
                log.error("sketches.failed", **places(error))
            self._drop_idle()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), timeout=LOOK_AGAIN_SECONDS)

    async def work_off(self) -> None:
        """Read the sketches of everybody who asked for theirs in vain.

        Raises:
            UnavailableError: the database does not answer.
        """
        while self._wanted:
            user_id = next(iter(self._wanted))
            try:
                async with self._database.reading() as work:
                    held = await _up_to_date(work.session, user_id, None)
            finally:
                self._wanted.discard(user_id)
            if held is not None:
                self._keep(user_id, held)

    def _keep(self, user_id: UUID, held: HeldSketches) -> None:
        entry = self._entries.get(user_id)
        if entry is not None:  # two that asked at once may come back in another order
            held = max(held, entry.held, key=lambda each: (each.generation, each.sketched_at))
        self._entries[user_id] = _Entry(held, self._clock())
        self._entries.move_to_end(user_id)
        while self.size > self._most_bytes:
            self._entries.popitem(last=False)

    def _drop_idle(self) -> None:
        before = self._clock() - IDLE_SECONDS
        for user_id in [each for each, entry in self._entries.items() if entry.asked_at < before]:
            del self._entries[user_id]


async def _up_to_date(
    session: AsyncSession, user_id: UUID, held: HeldSketches | None
) -> HeldSketches | None:
    """``held`` and what was written since, or all there is when nothing is held. None of somebody who is
    gone, and of whom something was forgotten since."""
    read = await session.execute(
        statement("held_sketches"),
        {
            "user_id": user_id,
            "head": HEAD,
            "since": BEGINNING if held is None else held.sketched_at,
        },
    )
    row = read.one_or_none()
    if row is None:
        return None
    if held is None:
        held = HeldSketches(row.generation, row.sketched_at)
    elif held.generation != row.generation:
        return None
    return await asyncio.to_thread(held.with_records, row.records, sketched_at=row.sketched_at)
