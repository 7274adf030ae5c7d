"""Stage 2, vectors: the traces nearest to the question in each head, in every tier."""

from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.recall.question import Question, most_per_channel
from app.storage.embeddings import EmbeddingStore
from app.storage.traces import Usage

Similarities = dict[UUID, float]


async def nearest(
    store: EmbeddingStore,
    user_id: UUID,
    vector: NDArray[np.float32],
    *,
    question: Question,
    usage: Usage,
) -> Similarities:
    """The best cosine of each trace found, ``most_per_channel`` of each head asked for."""
    found = await store.nearest(
        user_id,
        vector,
        heads=question.heads,
        scope=question.scope,
        most=most_per_channel(question, usage),
        traces=usage.traces,
    )
    best: Similarities = {}
    for item in found:
        best[item.trace_id] = max(best.get(item.trace_id, -1.0), item.similarity)
    return best
