"""Two ways to make one ranking out of several scores of the same turns."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

RRF_K = 60


def ranked(scores: Scores) -> list[int]:
    """Positions by falling score; equal scores keep their order."""
    return [int(position) for position in np.argsort(-scores, kind="stable")]


def reciprocal_ranks(channels: Sequence[Scores], *, k: int = RRF_K) -> Scores:
    """Reciprocal rank fusion: the sum of 1 / (k + rank), ranks from 1 (Cormack et al., 2009)."""
    fused = np.zeros_like(channels[0])
    for scores in channels:
        fused[ranked(scores)] += 1 / (k + np.arange(1, len(scores) + 1))
    return fused


def z_sum(channels: Sequence[Scores]) -> Scores:
    """The sum of each channel's standard scores; a channel that tells nothing apart adds 0."""
    fused = np.zeros_like(channels[0])
    for scores in channels:
        fused += _standardised(scores)
    return fused


def _standardised(scores: Scores) -> Scores:
    deviation = scores.std()
    if deviation == 0:
        return np.zeros_like(scores)
    standardised: Scores = (scores - scores.mean()) / deviation
    return standardised
