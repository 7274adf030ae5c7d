"""Stage 1, working memory: the latest traces, compared with the question, never injected blindly."""

from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.storage.working_memory import Recent

FEWEST = 10
MOST = 50


def compare(recent: Recent, vector: NDArray[np.float32], *, k: int) -> dict[UUID, float]:
    """Cosines of the recent traces nearest to the question, by trace id: as many as the ``k`` results
    asked for, from ``FEWEST`` to ``MOST``.

    It finds what no index holds: traces of low salience.
    """
    if not recent.ids:
        return {}
    cosines = recent.vectors @ vector
    nearest = np.argsort(-cosines, kind="stable")[: min(max(FEWEST, k), MOST)]
    return {UUID(recent.ids[at].decode()): float(cosines[at]) for at in nearest}
