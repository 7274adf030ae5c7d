"""The client of a model that is in use, and its exchange for another one while calls are under way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class Closable(Protocol):
    """A client that has connections or threads to let go of."""

    async def close(self) -> None:
        """Let go of them."""
        ...


Client = TypeVar("Client", bound=Closable | None)


@dataclass(slots=True)
class _Counted(Generic[Client]):
    client: Client
    calls: int = 0


class InUse(Generic[Client]):
    """Whoever begins with a client ends with it: one that was exchanged is closed by its last call."""

    def __init__(self, client: Client) -> None:
        self._latest = _Counted(client)

    @property
    def now(self) -> Client:
        """The client that the next call goes through."""
        return self._latest.client

    @asynccontextmanager
    async def held(self) -> AsyncIterator[Client]:
        """The client, for one call."""
        counted = self._latest
        counted.calls += 1
        try:
            yield counted.client
        finally:
            counted.calls -= 1
            if counted is not self._latest:
                await _close_if_idle(counted)

    async def exchange(self, client: Client) -> None:
        """Use another client from now on."""
        old, self._latest = self._latest, _Counted(client)
        await _close_if_idle(old)

    async def close(self) -> None:
        """Let go of the client."""
        if self.now is not None:
            await self.now.close()


async def _close_if_idle(counted: _Counted[Client]) -> None:
    if counted.calls == 0 and counted.client is not None:
        await counted.client.close()
