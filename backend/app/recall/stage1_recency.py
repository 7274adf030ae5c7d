"""Stage 1, working memory: the latest traces, compared with the question, never injected blindly."""

from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.storage.working_memory import Recent

NEAREST = 10


def compare(recent: Recent, vector: NDArray[np.float32], *, k: int) -> dict[UUID, float]:
    """Cosines of the recent traces nearest to the question, by trace id: ``NEAREST`` of them, and never
    fewer than the ``k`` results asked for.

    It finds what no index holds: traces of low salience.
    """
    if not recent.ids:
        return {}
    cosines = recent.vectors @ vector
    nearest = np.argsort(-cosines, kind="stable")[: max(NEAREST, k)]
    return {UUID(recent.ids[at].decode()): float(cosines[at]) for at in nearest}
