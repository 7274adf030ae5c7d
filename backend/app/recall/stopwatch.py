"""How long each part of a recall took."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter


class Stopwatch:
    """Laps in milliseconds; a part that is timed twice adds up."""

    def __init__(self) -> None:
        self._began = perf_counter()
        self._laps: dict[str, float] = {}

    @contextmanager
    def lap(self, part: str) -> Iterator[None]:
        """Time the block as ``part``."""
        began = perf_counter()
        try:
            yield
        finally:
            self._laps[part] = self._laps.get(part, 0.0) + _ms(perf_counter() - began)

    def read(self, parts: tuple[str, ...]) -> dict[str, float]:
        """Every part, zero where it did not run, and the ``total`` since the start."""
        laps = {part: round(self._laps.get(part, 0.0), 3) for part in parts}
        return {**laps, "total": round(_ms(perf_counter() - self._began), 3)}


def _ms(seconds: float) -> float:
    return seconds * 1000
