"""The candidates' places in their conversations and their other associations, as arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.recall.candidate import Candidate
from app.recall.question import Edge

Floats = NDArray[np.float64]
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Threads:
    """``following[i]`` is the place in the pool of the trace after candidate ``i``, or ``NOBODY``;
    ``preceding`` likewise. ``associations`` are (from, to, weight) of all other edges, both ways."""

    preceding: NDArray[np.intp]
    following: NDArray[np.intp]
    associations: tuple[tuple[int, int, float], ...]

    @classmethod
    def of(cls, candidates: Sequence[Candidate], edges: Sequence[Edge]) -> Self:
        """Edges to traces outside the pool are left out."""
        place: Mapping[UUID, int] = {c.fact.trace_id: at for at, c in enumerate(candidates)}
        preceding = np.full(len(candidates), NOBODY)
        following = np.full(len(candidates), NOBODY)
        associations: list[tuple[int, int, float]] = []
        for edge in edges:
            src, dst = place.get(edge.src), place.get(edge.dst)
            if src is None or dst is None:
                continue
            if edge.type == "next":
                following[src], preceding[dst] = dst, src
            else:
                associations += [(src, dst, edge.weight), (dst, src, edge.weight)]
        return cls(preceding, following, tuple(associations))

    def shifted(self, values: Floats, by: int, *, missing: float = 0.0) -> Floats:
        """Each candidate's neighbour's row: ``by`` -1 is the trace before, 2 the one after the next.

        ``values`` has shape (candidates, ...); where there is no neighbour the row is ``missing``.
        """
        step = self.following if by > 0 else self.preceding
        at = np.arange(len(step))
        for _ in range(abs(by)):
            at = np.where(at == NOBODY, NOBODY, step[at])
        found = values[at]
        found[at == NOBODY] = missing
        return found

    def strongest(self, values: Floats) -> Floats:
        """For each candidate the largest of its associations' weights times the other end's value."""
        best = np.zeros(len(values))
        for src, dst, weight in self.associations:
            best[dst] = max(best[dst], min(1.0, weight) * values[src])
        return best
