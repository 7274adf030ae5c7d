"""The sketches of one memory as arrays: a hundred thousand are compared in a few milliseconds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from pgvector import Bit

from app.storage.sketches import SKETCH_BITS

# As PostgreSQL sends its types in binary: in network byte order, a moment as microseconds since 2000, a
# bit string behind its length.
RECORD = np.dtype(
    [
        ("high", ">u8"),
        ("low", ">u8"),
        ("created_at", ">i8"),
        ("chunk", ">i2"),
        ("is_note", "?"),
        ("length", ">i4"),
        ("sketch", "V128"),
    ]
)
CHUNK = np.dtype(
    [("high", "u8"), ("low", "u8"), ("created_at", "i8"), ("chunk", "i2"), ("is_note", "?")],
    align=True,  # a third of the time to read a column
)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
LENGTH = RECORD["length"].itemsize
MICROSECOND = timedelta(microseconds=1)
WORDS = SKETCH_BITS // 64
OUT_OF_SCOPE = SKETCH_BITS + 1
MOST_PARTS = 8


@dataclass(frozen=True, slots=True)
class NearSketches:
    """The chunks with the nearest sketches, nearest first; the last differs in ``furthest`` bits.
    Ids are in hexadecimal, moments microseconds since ``EPOCH``: what is written fastest."""

    trace_ids: Sequence[str]
    moments: Sequence[int]
    chunks: Sequence[int]
    furthest: int


@dataclass(frozen=True, slots=True)
class _Part:
    """What was read at once: ``chunks``, and their sketches in the columns of ``words``, shape
    (WORDS, n), so that comparing reads memory in order."""

    chunks: NDArray[np.void]
    words: NDArray[np.uint64]

    @classmethod
    def of(cls, records: bytes) -> "_Part":
        read = np.frombuffer(records, RECORD)
        chunks = np.empty(len(read), CHUNK)
        for name in CHUNK.names or ():
            chunks[name] = read[name]
        sketches = np.frombuffer(read["sketch"].tobytes(), np.uint64).reshape(-1, WORDS)
        return cls(chunks, np.ascontiguousarray(sketches.T))

    def without(self, other: "_Part") -> "_Part":
        """What of this was not written again in another part."""
        again = np.isin(self.chunks["low"], other.chunks["low"])
        if not again.any():
            return self
        theirs = set(other.chunks[["high", "low"]].tolist())
        at = np.flatnonzero(again)
        again[at] = [key in theirs for key in self.chunks[["high", "low"]][at].tolist()]
        stays = ~again
        return _Part(self.chunks[stays], np.ascontiguousarray(self.words[:, stays]))

    def nearest(
        self, asked: NDArray[np.uint64], *, since: int, until: int, of_notes: bool, most: int
    ) -> tuple[NDArray[np.uint16], NDArray[np.void]]:
        """Of the ``most`` nearest, and of those as near as the last of them, in how many bits they differ
        and which chunks they are."""
        bits = np.zeros(len(self.chunks), np.uint16)
        for word, other in zip(self.words, asked, strict=True):
            bits += np.bitwise_count(word ^ other)
        wanted = (self.chunks["created_at"] >= since) & (self.chunks["created_at"] < until)
        if of_notes:
            wanted &= self.chunks["is_note"]
        bits[~wanted] = OUT_OF_SCOPE
        up_to = np.cumsum(np.bincount(bits, minlength=OUT_OF_SCOPE + 1))
        last = min(int(np.searchsorted(up_to, most)), SKETCH_BITS)
        chosen = np.flatnonzero(bits <= last)
        return bits[chosen], self.chunks[chosen]


@dataclass(frozen=True, slots=True)
class HeldSketches:
    """All sketches of one head of a ``generation``, up to what was written at ``sketched_at``.

    A vector that was dropped without a forgetting, because its text changed, is still among them; the
    database knows, where the vectors are looked up.
    """

    generation: int
    sketched_at: datetime
    parts: tuple[_Part, ...] = ()

    @property
    def size(self) -> int:
        """Bytes that they take."""
        return sum(part.chunks.nbytes + part.words.nbytes for part in self.parts)

    def with_records(self, records: bytes, sketched_at: datetime | None) -> "HeldSketches":
        """These and the ``records`` of ``held_sketches.sql``, the latest written at ``sketched_at``; None
        when there are none any more."""
        parts = self.parts
        if records:
            new = _Part.of(records)
            parts = (*(part.without(new) for part in parts), new)
        if len(parts) > MOST_PARTS:
            chunks = np.concatenate([part.chunks for part in parts])
            parts = (_Part(chunks, np.concatenate([part.words for part in parts], axis=1)),)
        return replace(self, sketched_at=sketched_at or self.sketched_at, parts=parts)

    def nearest(
        self, sketch: Bit, *, since: datetime, until: datetime, of_notes: bool, most: int
    ) -> NearSketches:
        """The ``most`` nearest of those from ``since`` up to and without ``until``, with ``of_notes`` of
        traces of that role; of equals those with the least ids."""
        asked = np.frombuffer(sketch.to_binary(), np.uint64, offset=LENGTH)
        begin, end = (since - EPOCH) // MICROSECOND, (until - EPOCH) // MICROSECOND
        found = [
            part.nearest(asked, since=begin, until=end, of_notes=of_notes, most=most)
            for part in self.parts
        ]
        bits = np.concatenate([np.empty(0, np.uint16), *(bits for bits, _ in found)])
        chunks = np.concatenate([np.empty(0, CHUNK), *(chunks for _, chunks in found)])
        order = np.lexsort((chunks["low"], chunks["high"], bits))[:most]
        best = chunks[order]
        return NearSketches(
            [f"{high:016x}{low:016x}" for high, low in best[["high", "low"]].tolist()],
            best["created_at"].tolist(),
            best["chunk"].tolist(),
            int(bits[order[-1]]) if len(order) else 0,
        )
