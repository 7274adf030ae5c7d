"""Stage 3, edges: what is associated with the best so far, one and two hops away."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.recall.question import Edge
from app.storage.edges import EdgeStore

SEEDS = 10
HOPS = 2
FAN_OUT = 8
MOST_NODES = 60


async def walk(
    store: EdgeStore, user_id: UUID, seeds: Sequence[UUID], *, at: datetime
) -> list[Edge]:
    """The edges, valid at ``at``, among the ``MOST_NODES`` that the first ``SEEDS`` seeds lead to most
    strongly within ``HOPS`` hops. Entities are nodes as well: two traces that mention the same one are
    two hops apart."""
    if not seeds:
        return []
    rows = await store.walk(
        user_id, seeds[:SEEDS], hops=HOPS, fan_out=FAN_OUT, most=MOST_NODES, at=at
    )
    return [Edge(*row) for row in rows]
