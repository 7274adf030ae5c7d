"""Which of the question's words traces say, how often, and which of them side by side."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.language.term_codes import STORED, term_codes

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AskedTerm:
    """A word of the question and how rare it is in this memory (BM25's IDF)."""

    term: str
    idf: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question says: its ``terms`` that this memory knows, every ``pair`` of words that stand
    side by side in it, and whether it asks for advice."""

    terms: Sequence[AskedTerm] = ()
    pairs: Collection[tuple[str, str]] = ()
    for_advice: bool = False

    def idfs(self) -> Floats:
        """How rare each term is, shape (terms,)."""
        return np.array([term.idf for term in self.terms])


@dataclass(frozen=True, slots=True)
class Said:
    """``frequencies`` has shape (traces + 1, terms), ``share_in_a_row`` (traces + 1,): the share of the
    question's pairs that stand side by side. The last row is that of a trace that says nothing."""

    rows: Mapping[UUID, int]
    frequencies: Floats
    share_in_a_row: Floats

    def at(self, trace_ids: Sequence[UUID | None]) -> NDArray[np.intp]:
        """The rows of these traces; of None and of unknown ones the last."""
        nobody = len(self.rows)
        return np.array(
            [nobody if i is None else self.rows.get(i, nobody) for i in trace_ids], np.intp
        )


def said(codes: Mapping[UUID, bytes], asked: Asked) -> Said:
    """Read the packed term codes of traces, all of them in one go."""
    flat = np.frombuffer(b"".join(codes.values()), STORED)
    lengths = [len(stored) // STORED.itemsize for stored in codes.values()]
    owner = np.repeat(np.arange(len(lengths)), lengths)
    return Said(
        {trace_id: row for row, trace_id in enumerate(codes)},
        _frequencies(flat, owner, traces=len(codes), asked=asked),
        _share_in_a_row(flat, owner, traces=len(codes), asked=asked),
    )


def _frequencies(
    flat: NDArray[np.uint32], owner: NDArray[np.intp], *, traces: int, asked: Asked
) -> Floats:
    terms = len(asked.terms)
    if not terms:
        return np.zeros((traces + 1, 0))
    which = _which(flat, [term.term for term in asked.terms])
    hits = which >= 0
    counts = np.bincount(owner[hits] * terms + which[hits], minlength=(traces + 1) * terms)
    return counts.reshape(traces + 1, terms).astype(float)


def _share_in_a_row(
    flat: NDArray[np.uint32], owner: NDArray[np.intp], *, traces: int, asked: Asked
) -> Floats:
    """Each pair counts once for a trace, however often it stands there."""
    found = np.zeros(traces + 1)
    together = owner[1:] == owner[:-1]
    for first, second in asked.pairs:
        one, two = term_codes((first, second))
        at = np.flatnonzero((flat[:-1] == one) & (flat[1:] == two) & together)
        found[np.unique(owner[at])] += 1
    return found / max(1, len(asked.pairs))


def _which(flat: NDArray[np.uint32], terms: Sequence[str]) -> NDArray[np.intp]:
    """For each code the index of its term, -1 for any other word."""
    codes = term_codes(terms)
    order = np.argsort(codes)
    place = np.minimum(np.searchsorted(codes, flat, sorter=order), len(codes) - 1)
    nearest = order[place]
    return np.where(codes[nearest] == flat, nearest, -1)
