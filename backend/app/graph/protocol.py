"""What a graph store must be able to do, to be walked and to be kept in step.

Walks themselves are made in ``graph/walk.py`` out of these few questions, so that every store gives the
same answers. ``backend/tests/integration/test_graph_stores.py`` asks them of each.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.errors import UnavailableError
from app.storage.graph import GraphEdge
from app.storage.graph_outbox import Present


class GraphUnavailableError(UnavailableError):
    """The graph database does not answer: try again shortly."""


class Graph(Protocol):
    """One store of everybody's edges. Of equal weights the newer edge counts as the heavier one.

    Raises:
        GraphUnavailableError: any of these, when the store does not answer.
    """

    async def hubs(self, user_id: UUID, *, most: int, fan_out: int, at: datetime) -> list[UUID]:
        """The entities with the strongest ties, by their ``fan_out`` heaviest edges a direction."""

    async def strongest(
        self, user_id: UUID, nodes: Collection[UUID], *, fan_out: int, at: datetime
    ) -> list[GraphEdge]:
        """Of each node the ``fan_out`` heaviest edges in each direction, each edge once."""

    async def among(
        self, user_id: UUID, nodes: Collection[UUID], *, most: int, at: datetime
    ) -> list[GraphEdge]:
        """The ``most`` heaviest edges between these nodes, the heaviest first."""


class GraphMirror(Protocol):
    """A store beside Postgres that is told what has changed. Telling it twice changes nothing.

    Raises:
        GraphUnavailableError: any of these, when the store does not answer.
    """

    async def prepare(self) -> None:
        """Make the indexes that are missing."""

    async def tell(self, user_id: UUID, present: Present) -> None:
        """Make nodes, and the edges that leave them, exactly what is given; all of it or nothing."""

    async def forget(self, user_id: UUID) -> None:
        """Let go of everything of one person."""
