"""Stage 3, edges: what is associated with the best so far, one and two hops away."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.recall.question import Edge
from app.storage.edges import EdgeStore

SEEDS = 15
HOPS = 2
FAN_OUT = 8


async def walk(
    store: EdgeStore, user_id: UUID, seeds: Sequence[UUID], *, at: datetime
) -> list[Edge]:
    """Every edge, valid at ``at``, among what ``HOPS`` hops from the first ``SEEDS`` seeds reach."""
    if not seeds:
        return []
    rows = await store.walk(user_id, seeds[:SEEDS], hops=HOPS, fan_out=FAN_OUT, at=at)
    return [Edge(*row) for row in rows]
