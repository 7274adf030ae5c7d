"""Sketches of vectors: 1,024 bits that keep cosines well enough to look for the nearest among them.

A bit says on which side of a random hyperplane a vector lies; the share of bits in which two sketches
differ estimates the angle between the vectors (Charikar, Similarity Estimation Techniques from Rounding
Algorithms, 2002). The hyperplanes are orthogonal, which lowers the error (Ji et al., Super-Bit
Locality-Sensitive Hashing, 2012).
"""

from functools import cache
from math import cos, pi

import numpy as np
from numpy.typing import NDArray
from pgvector import Bit

SKETCH_BITS = 1024
SEED = 5_747_104

Floats = NDArray[np.float32]


def sketches(vectors: Floats) -> list[Bit]:
    """One for each row of ``vectors``, shape (n, EMBEDDING_DIM)."""
    sides = vectors @ hyperplanes(vectors.shape[1]) > 0
    return [Bit(packed.tobytes()) for packed in np.packbits(sides, axis=1)]


def cosine_of(differing_bits: float) -> float:
    """What two sketches say about the cosine of their vectors, with a standard deviation of 0.035."""
    return cos(pi * differing_bits / SKETCH_BITS)


@cache
def hyperplanes(dim: int) -> Floats:
    """Their normals as columns, shape (dim, SKETCH_BITS), the same on every machine.

    ``RandomState`` promises never to change its stream, and a positive diagonal makes the QR
    decomposition unique; rounding moves no more than a bit that a vector leaves open anyway.
    """
    side = max(dim, SKETCH_BITS)
    drawn = np.random.RandomState(SEED).standard_normal((side, side))
    orthogonal, upper = np.linalg.qr(drawn)
    orthogonal *= np.sign(np.diag(upper))
    return np.ascontiguousarray(orthogonal[:dim, :SKETCH_BITS], dtype=np.float32)
