"""One writer a person at a time in this process, so that who waits holds no connection."""

import asyncio
from uuid import UUID
from weakref import WeakValueDictionary


class Turns:
    """A lock per person. The database's own lock orders the writers of several processes."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    def of(self, user_id: UUID) -> asyncio.Lock:
        """This person's, for as long as anybody holds or awaits it."""
        return self._locks.setdefault(user_id, asyncio.Lock())
