"""What is asked of a memory, and what comes to mind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.models import MemoryTrace
from app.storage.scope import Scope
from app.storage.traces import Usage

HEADS = ("semantic", "entity", "situation")


@dataclass(frozen=True, slots=True)
class Question:
    """``text``, how many results (``k``), the question's own time (``now``), and what narrows it:
    ``heads`` to compare, a ``scope`` by time and origin, and the moment ``as_of`` which the memory
    is asked as it stood. ``about`` is the span of time that the text speaks of, in days of the
    person's ``timezone``.
    ``is_windowed`` says that the scope's times came from the person's words."""

    text: str
    k: int
    now: datetime
    heads: tuple[str, ...] = HEADS
    scope: Scope = field(default_factory=Scope)
    as_of: datetime | None = None
    about: tuple[datetime, datetime] | None = None
    is_windowed: bool = False
    timezone: str = "UTC"

    @property
    def moment(self) -> datetime:
        """When the memory is asked: what is fresh, and what holds, is so at this moment."""
        return self.as_of or self.now


def most_per_channel(question: Question, usage: Usage) -> int:
    """How many traces each head and the words may bring into the pool.

    The more there is to remember, the more there is that looks right and is not: one in fifty, from
    30 to 40, and never fewer than the results asked for.
    """
    return max(30, question.k, min(usage.traces // 50, 40))


@dataclass(frozen=True, slots=True)
class Edge:
    """A directed association between two traces."""

    src: UUID
    dst: UUID
    type: str
    weight: float


@dataclass(frozen=True, slots=True)
class Memory:
    """One result: ``scores`` are the contributions of each component, and they add up to ``score``
    (0 to 1). ``head`` is the one it was found by best; ``edges`` tie it to
    other candidates, ``copies`` say the same again."""

    trace: MemoryTrace
    head: str
    score: float
    scores: Mapping[str, float]
    edges: tuple[Edge, ...]
    copies: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Recollection:
    """Results, best first; ``took_ms`` by part; ``degraded`` names the parts that did not answer."""

    memories: tuple[Memory, ...]
    took_ms: Mapping[str, float]
    degraded: tuple[str, ...]
