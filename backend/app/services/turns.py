"""One writer a person at a time in this process, so that who waits holds no connection."""

import asyncio
from uuid import UUID
from weakref import WeakValueDictionary

from app.storage.database import UnitOfWork
from app.storage.traces import TraceStore, Usage


class Turns:
    """A lock per person. The database's own lock orders the writers of several processes."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    def of(self, user_id: UUID) -> asyncio.Lock:
        """This person's, for as long as anybody holds or awaits it."""
        return self._locks.setdefault(user_id, asyncio.Lock())


async def take_turn(user_id: UUID, *, turns: Turns, work: UnitOfWork, traces: TraceStore) -> Usage:
    """Become the one who writes for this person, until the unit of work has ended."""
    await work.held.enter_async_context(turns.of(user_id))
    return await traces.lock(user_id)
