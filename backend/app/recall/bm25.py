"""BM25 (Robertson & Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009)."""

from math import log

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

K1 = 1.5
B = 1.0
SHORTEST = 0.01  # of the average length: no trace divides by zero


def idf(traces_with_term: int, traces: int) -> float:
    """How much a term tells: near 0 when every trace says it, never negative."""
    return log(
        1 + (max(traces, traces_with_term) - traces_with_term + 0.5) / (traces_with_term + 0.5)
    )


def share(frequencies: Floats, idfs: Floats, relative_lengths: Floats) -> Floats:
    """BM25 as a share of the most that these terms can reach, 0 to 1.

    ``frequencies`` has shape (traces, terms), ``idfs`` (terms,), ``relative_lengths`` (traces,): a
    trace's length over the average one. The factor K1 + 1 of the usual formula cancels out.
    """
    if not idfs.size:
        return np.zeros(len(relative_lengths))
    dampening = K1 * (1 - B + B * np.maximum(relative_lengths, SHORTEST))[:, None]
    found: Floats = (frequencies / (frequencies + dampening)) @ idfs / idfs.sum()
    return found
