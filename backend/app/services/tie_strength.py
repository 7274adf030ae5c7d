"""How strongly two notes belong together, and why, in words. Pure: no I/O, and no look at the clock.

Each kind of tie has a strength from 0 to 100; together they make one suggestion whose strength is that of
independent hints, of which each may be right: 1 - (1 - a)(1 - b)(1 - c).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log2, prod
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from app.services.note_connections import ConnectionType

TieKind = Literal["entities", "meaning", "day"]
RARE = 0.5  # what a name is worth that two notes alone speak of
LEAST_NEARNESS = 0.35
SAME_DAY = 40  # the strength of having been written at the same moment
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Tie:
    """One reason why two notes belong together; ``strength`` from 1 to 100."""

    kind: TieKind
    strength: int
    reason: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """That a note be connected with the note ``other_id``, the strongest reason first."""

    other_id: UUID
    connection_type: ConnectionType
    strength: int
    ties: tuple[Tie, ...]


def by_entities(shared: Sequence[tuple[str, int]]) -> Tie:
    """From names with the number of other notes that speak of each: the rarer, the stronger."""
    worth = {name: RARE / (1 + log2(max(1, notes)) / 4) for name, notes in shared}
    names = sorted(worth, key=lambda name: (-worth[name], name))
    told, more = names[:MOST_NAMED], len(names) - MOST_NAMED
    listed = told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
    also = f", and of {more} more" if more > 0 else ""
    return Tie("entities", _together(worth.values()), f"Both speak of {listed}{also}.")


def by_meaning(similarity: float, usual: float) -> Tie | None:
    """From the cosine of two notes and that which is usual: how much of the way from there to the same
    words they have come. None when that is not far."""
    nearness = (similarity - usual) / (1 - usual) if usual < 1 else 0.0
    if nearness < LEAST_NEARNESS:
        return None
    return Tie("meaning", min(100, round(100 * nearness)), "They say similar things.")


def by_day(one: datetime, other: datetime, zone: ZoneInfo) -> Tie:
    """From two moments of the same local day: the closer, the stronger."""
    apart = abs(one - other) / timedelta(days=1)
    day = one.astimezone(zone)
    reason = f"Both were begun on {day:%B} {day.day}, {day.year}."
    return Tie("day", max(1, round(SAME_DAY * (1 - apart / 2))), reason)


def suggested(other_id: UUID, ties: Sequence[Tie]) -> Suggestion:
    """One suggestion of all that ties a note to another. Only a day in common makes it temporal."""
    kinds = {tie.kind for tie in ties}
    return Suggestion(
        other_id,
        "temporal" if kinds == {"day"} else "semantic",
        _together(tie.strength / 100 for tie in ties),
        tuple(sorted(ties, key=lambda tie: (-tie.strength, tie.kind))),
    )


def _together(hints: Iterable[float]) -> int:
    return round(100 * (1 - prod(1 - hint for hint in hints)))
