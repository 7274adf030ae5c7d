"""How long a queue in Postgres is."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Queue:
    """How many wait, and ``since`` when the oldest of them does; None when nothing does."""

    count: int
    since: datetime | None
