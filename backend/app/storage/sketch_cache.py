"""Sketches of large memories, held in the process: comparing them here takes a tenth of what it takes in
PostgreSQL, where reading the rows is half of the work."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import UnavailableError
from app.language.time_window import BEGINNING
from app.log import places
from app.storage.database import Database, statement
from app.storage.held_sketches import RECORD, HeldSketches
from app.storage.traces import Usage

HEAD = "semantic"  # the one that recall and search look into
FEWEST_TRACES = 5_000  # of whoever has fewer, PostgreSQL compares all in 2 ms
MOST_TRACES = 500_000  # of whoever has more, they would be too large
MOST_BYTES = 256 * 1024 * 1024
MOST_NEW = 5_000  # chunks that a question waits for
IDLE_SECONDS = 300.0
GREATEST_AGE_SECONDS = 600.0  # whatever is wrong with them is not wrong for longer
LOOK_AGAIN_SECONDS = 30.0
MOST_SECONDS = 60.0  # for reading those of one person

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Entry:
    """``held`` is None of a memory that is too large."""

    generation: int
    held: HeldSketches | None
    read_at: float
    asked_at: float


class SketchCache:
    """The sketches of those who asked last, up to ``most_bytes``, and of nobody more than half of that.

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
        return sum(entry.held.size for entry in self._entries.values() if entry.held)

    async def current(
        self, session: AsyncSession, user_id: UUID, usage: Usage
    ) -> HeldSketches | None:
        """This person's, with all that was written up to ``usage``; None while they are not held."""
        entry = self._entries.get(user_id)
        if not FEWEST_TRACES <= usage.traces < MOST_TRACES:
            self._entries.pop(user_id, None)
            return None
        if entry is None or entry.generation < usage.generation:
            self._want(user_id)
            return None
        held = entry.held
        if held is None or entry.generation > usage.generation:
            self._keep(user_id, replace(entry, asked_at=self._clock()))
            return None
        if usage.sketched_at is not None and usage.sketched_at > held.sketched_at:
            held = await self._with_news(session, user_id, held)
            if held is None:
                self._want(user_id)
                return None
        self._keep(user_id, _Entry(held.generation, held, entry.read_at, self._clock()))
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
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), timeout=LOOK_AGAIN_SECONDS)

    async def work_off(self) -> None:
        """Drop what is too old or was not asked for, and read what was asked for in vain.

        Raises:
            UnavailableError, TimeoutError: the database does not answer.
        """
        now = self._clock()
        for user_id, entry in list(self._entries.items()):
            is_idle = entry.asked_at < now - IDLE_SECONDS
            is_old = entry.held is not None and entry.read_at < now - GREATEST_AGE_SECONDS
            if is_idle or is_old:
                del self._entries[user_id]
        while self._wanted:
            user_id = next(iter(self._wanted))
            try:
                async with asyncio.timeout(MOST_SECONDS):
                    await self._read(user_id)
            finally:
                self._wanted.discard(user_id)

    def _want(self, user_id: UUID) -> None:
        self._entries.pop(user_id, None)
        self._wanted.add(user_id)
        self._wake.set()

    async def _read(self, user_id: UUID) -> None:
        most = self._most_bytes // 2 // RECORD.itemsize
        async with self._database.reading() as work:
            row = await _written(work.session, user_id, since=BEGINNING, most=most + 1)
        if row is None:
            return
        held = None
        if len(row.records) <= most * RECORD.itemsize:
            nothing = HeldSketches(row.generation, BEGINNING)
            held = await asyncio.to_thread(nothing.with_records, row.records, row.sketched_at)
        now = self._clock()
        self._keep(user_id, _Entry(row.generation, held, read_at=now, asked_at=now))

    async def _with_news(
        self, session: AsyncSession, user_id: UUID, held: HeldSketches
    ) -> HeldSketches | None:
        """None where that would take long, and when something was forgotten meanwhile."""
        row = await _written(session, user_id, since=held.sketched_at, most=MOST_NEW + 1)
        if row is None or row.generation != held.generation:
            return None
        if len(row.records) > MOST_NEW * RECORD.itemsize:
            return None
        return await asyncio.to_thread(held.with_records, row.records, row.sketched_at)

    def _keep(self, user_id: UUID, entry: _Entry) -> None:
        """Unless what is there is newer: of two that asked at once the first may come back last."""
        there = self._entries.get(user_id)
        if there is None or _moment(there) <= _moment(entry):
            self._entries[user_id] = entry
        self._entries.move_to_end(user_id)
        while self.size > self._most_bytes:
            self._entries.popitem(last=False)


def _moment(entry: _Entry) -> tuple[int, datetime]:
    return entry.generation, entry.held.sketched_at if entry.held else BEGINNING


async def _written(
    session: AsyncSession, user_id: UUID, *, since: datetime, most: int
) -> Row[Any] | None:
    """What was written since a moment, as records; None of somebody who is gone."""
    found = await session.execute(
        statement("held_sketches"),
        {"user_id": user_id, "head": HEAD, "since": since, "most": most},
    )
    return found.one_or_none()
