"""A text's terms as numbers, in their order: small enough to be kept with the trace and read with it."""

from collections.abc import Iterable
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]
STORED = np.dtype("<u4")


def term_codes(terms: Iterable[str]) -> Codes:
    """CRC-32 of each term. Two terms share one by a chance of 1 in 4 billion."""
    return np.fromiter((crc32(term.encode()) for term in terms), np.uint32)


def packed(codes: Codes) -> bytes:
    """As the database stores them, four bytes each."""
    return codes.astype(STORED).tobytes()


def unpacked(stored: bytes) -> Codes:
    """What ``packed`` made."""
    return np.frombuffer(stored, STORED)
