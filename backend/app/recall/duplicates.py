"""The same thing said twice is one result, which lists its copies."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from app.recall.stage4_rerank import Ranked


@dataclass(frozen=True, slots=True)
class Result:
    """The best of its copies, and the others' ids in the order of their scores."""

    best: Ranked
    copies: tuple[UUID, ...]


def collapse(ranked: Iterable[Ranked], *, k: int) -> list[Result]:
    """The first ``k`` that are no copies of a better one. What comes after them is not looked at."""
    found: list[tuple[Ranked, list[UUID]]] = []
    for item in ranked:
        original = next((copies for best, copies in found if _same(best, item)), None)
        if original is not None:
            original.append(item.candidate.fact.trace_id)
        elif len(found) < k:
            found.append((item, []))
    return [Result(best, tuple(copies)) for best, copies in found]


def _same(one: Ranked, other: Ranked) -> bool:
    a, b = one.candidate.fact, other.candidate.fact
    return (a.role, a.wording) == (b.role, b.wording)
