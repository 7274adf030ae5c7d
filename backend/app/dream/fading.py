"""What lasts and what fades: activation from use decides, and some things never fade."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from app.activation import activation

FADE_BELOW = 0.5  # less likely than not to come to mind: about four weeks for small talk, unused


@dataclass(frozen=True, slots=True)
class Fadeable:
    """A raw trace below the write threshold. ``is_held`` says that a summary holds it, ``is_evidence``
    that a fact or an insight rests on it."""

    trace_id: UUID
    created_at: datetime
    salience: float
    uses: int
    last_used_at: datetime | None
    is_pinned: bool
    is_held: bool
    is_evidence: bool


@dataclass(frozen=True, slots=True)
class Faded:
    """A trace that fades, and its activation."""

    trace_id: UUID
    activation: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of the traces below the threshold; the others stay as they are."""

    promoted: tuple[UUID, ...]
    faded: tuple[Faded, ...]


def decide(traces: Sequence[Fadeable], *, at: datetime) -> Decision:
    """Promote what has been recalled, fade what is ``FADE_BELOW`` at ``at``.

    Never faded: what is pinned, what is evidence, and what no summary holds yet.
    """
    promoted = tuple(trace.trace_id for trace in traces if trace.uses > 0)
    idle = [
        trace
        for trace in traces
        if trace.uses == 0 and trace.is_held and not trace.is_pinned and not trace.is_evidence
    ]
    faded = [
        Faded(trace.trace_id, round(value, 3))
        for trace, value in zip(idle, activations(idle, at=at), strict=True)
        if value < FADE_BELOW
    ]
    return Decision(promoted, tuple(faded))


def activations(traces: Sequence[Fadeable], *, at: datetime) -> list[float]:
    """The chance, 0 to 1, that each of these is at hand."""
    if not traces:
        return []
    age = np.array([_hours(trace.created_at, at) for trace in traces])
    idle = np.array([_hours(trace.last_used_at or trace.created_at, at) for trace in traces])
    found: list[float] = activation(
        age_hours=age,
        idle_hours=np.minimum(idle, age),
        uses=np.array([1.0 + trace.uses for trace in traces]),
        salience=np.array([trace.salience for trace in traces]),
    ).tolist()
    return found


def _hours(since: datetime, until: datetime) -> float:
    return max(0.0, (until - since).total_seconds() / 3600)
