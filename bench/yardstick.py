"""How fast this machine is just now: an exact scan of 30,000 vectors, the three heads of 10,000 traces.

Milliseconds mean little by themselves where machines differ and share their cores. A benchmark takes this
time in turn with its own, and tells both.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.dependencies import Resources

VECTORS = 30_000
LOOKS = 10
NEAREST = 50


class Yardstick:
    """A table of vectors to scan, and how many milliseconds each scan of it took."""

    def __init__(self, connection: AsyncConnection, shared: Resources) -> None:
        self._connection = connection
        self._column = shared.column
        self._rng = np.random.default_rng(0)
        self._laps: list[float] = []

    async def fill(self) -> None:
        """Vectors as long and of the type that the store has."""
        column = f"{self._column.type}({self._column.dim})"
        await self._connection.execute(text(f"CREATE UNLOGGED TABLE yardstick (vec {column})"))
        await self._connection.execute(
            text("INSERT INTO yardstick VALUES (:vec)"),
            [{"vec": self._column.encode(vector)} for vector in self._vectors(VECTORS)],
        )
        await self._connection.execute(text("VACUUM ANALYZE yardstick"))

    async def look(self) -> None:
        """Scan a few times."""
        nearest = text(f"SELECT ctid FROM yardstick ORDER BY vec <=> :vec LIMIT {NEAREST}")
        for vector in self._vectors(LOOKS):
            start = time.perf_counter()
            (await self._connection.execute(nearest, {"vec": self._column.encode(vector)})).all()
            self._laps.append(1000 * (time.perf_counter() - start))

    @property
    def ms(self) -> float:
        """The median of all scans so far."""
        return float(np.median(self._laps))

    def _vectors(self, count: int) -> NDArray[np.float32]:
        return self._rng.standard_normal((count, self._column.dim), np.float32)


@asynccontextmanager
async def yardstick(shared: Resources) -> AsyncIterator[Yardstick]:
    """One on this store's own database, gone afterwards."""
    async with shared.database.autocommit() as connection:
        await connection.execution_options(across_people="these vectors are nobody's")
        await connection.execute(text("DROP TABLE IF EXISTS yardstick"))
        measure = Yardstick(connection, shared)
        await measure.fill()
        try:
            yield measure
        finally:
            await connection.execute(text("DROP TABLE yardstick"))
