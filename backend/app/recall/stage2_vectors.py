"""Stage 2, vectors: the traces nearest to the question, in every tier.

Only one head is searched where there is a choice. What the others would bring in as well, the words and
the turns before and after the best bring in already: recall@10 was the same on three sets, searched or
not (docs/benchmarks.md). All heads count in the ranking.
"""

from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.recall.question import Question, most_per_channel
from app.storage.traces import Usage
from app.storage.vector_index import VectorIndex

SEARCHED = ("semantic",)

Similarities = dict[UUID, float]


async def nearest(
    index: VectorIndex,
    user_id: UUID,
    vector: NDArray[np.float32],
    *,
    question: Question,
    usage: Usage,
) -> Similarities:
    """The best cosine of each trace found, ``most_per_channel`` of each head searched."""
    found = await index.nearest(
        user_id,
        vector,
        heads=SEARCHED if set(SEARCHED) <= set(question.heads) else question.heads,
        scope=question.scope,
        most=most_per_channel(question, usage),
        usage=usage,
    )
    best: Similarities = {}
    for item in found:
        best[item.trace_id] = max(best.get(item.trace_id, -1.0), item.similarity)
    return best
