"""Exports and imports are long: only a few run at the same time in one process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.errors import TooManyRequestsError

AT_ONCE = 2
TRY_AGAIN_SECONDS = 30


class Transfers:
    """The places there are. Nobody waits for one: a transfer holds a connection, or a file."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place while the block runs.

        Raises:
            TooManyRequestsError: all of them are taken.
        """
        if self._places.locked():
            raise TooManyRequestsError(
                f"{AT_ONCE} exports or imports are running already: "
                f"try again in {TRY_AGAIN_SECONDS} seconds.",
                retry_after=TRY_AGAIN_SECONDS,
            )
        async with self._places:
            yield
