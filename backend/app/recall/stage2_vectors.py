"""Stage 2, vectors: the traces nearest to the question in each head, in every tier."""

from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.recall.question import Question
from app.storage.embeddings import EmbeddingStore

NEAREST_PER_HEAD = 100

Similarities = dict[UUID, float]


async def nearest(
    store: EmbeddingStore,
    user_id: UUID,
    vector: NDArray[np.float32],
    *,
    question: Question,
    traces: int,
) -> Similarities:
    """The best cosine of each trace found, ``NEAREST_PER_HEAD`` traces of each head asked for."""
    found = await store.nearest(
        user_id,
        vector,
        heads=question.heads,
        scope=question.scope,
        most=NEAREST_PER_HEAD,
        traces=traces,
    )
    best: Similarities = {}
    for item in found:
        best[item.trace_id] = max(best.get(item.trace_id, -1.0), item.similarity)
    return best
