"""A day's traces by topic: conversations are cut where the talk turns, and pieces alike are joined."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.dream.material import DayTrace, Vector
from app.dream.phrases import key_phrases
from app.language.words import Words

CONVERSATION_GAP = timedelta(minutes=30)
WINDOW = 3  # traces on either side of a possible cut
SHORTEST_PIECE = 3
MOST_PIECES = 600
ALIKE = 0.7  # the cosine of two pieces' mean vectors, from which they are one topic
MOST_TOPICS = 8
UNNAMED = "other things"

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Topic:
    """Traces that speak of one thing, in the order of their times; ``label`` is a short key phrase."""

    label: str
    traces: tuple[DayTrace, ...]


def conversations(traces: Iterable[DayTrace]) -> list[list[DayTrace]]:
    """Traces by conversation, each in order of time: by id, else by gaps of 30 minutes."""
    named: defaultdict[str, list[DayTrace]] = defaultdict(list)
    loose: list[list[DayTrace]] = []
    for trace in _in_order(traces):
        if trace.conversation is not None:
            named[trace.conversation].append(trace)
        elif loose and trace.said_at - loose[-1][-1].said_at <= CONVERSATION_GAP:
            loose[-1].append(trace)
        else:
            loose.append([trace])
    return sorted([*named.values(), *loose], key=_begins)


def group(traces: Sequence[DayTrace], *, words: Words) -> list[Topic]:
    """The day's topics, the most important first: the one whose traces have the most salience.

    Conversations are cut where the vectors before and after differ most (TextTiling, Hearst, 1997,
    over embeddings). Then the two pieces whose mean vectors are nearest are joined, again and again,
    until no two are ``ALIKE`` and there are at most ``MOST_TOPICS``. A trace without a vector stays
    with its neighbours.
    """
    pieces = [piece for talk in conversations(traces) for piece in _cut(talk)]
    joined = _join(_fewer(pieces))
    ordered = sorted(joined, key=lambda piece: (-_importance(piece), _begins(piece)))
    labels = key_phrases([[trace.content for trace in piece] for piece in ordered], words)
    return [
        Topic(label or UNNAMED, tuple(piece)) for label, piece in zip(labels, ordered, strict=True)
    ]


def _in_order(traces: Iterable[DayTrace]) -> list[DayTrace]:
    return sorted(traces, key=lambda trace: (trace.said_at, trace.trace_id))


def _begins(traces: Sequence[DayTrace]) -> tuple[object, ...]:
    return traces[0].said_at, traces[0].trace_id


def _importance(traces: Sequence[DayTrace]) -> float:
    return sum(trace.salience for trace in traces)


def _cut(talk: list[DayTrace]) -> list[list[DayTrace]]:
    """A conversation in pieces of ``SHORTEST_PIECE`` traces and more."""
    cohesion = [_cohesion(talk, at) for at in range(1, len(talk))]
    if not cohesion:
        return [talk]
    deep_enough = float(np.mean(cohesion) - 0.5 * np.std(cohesion))
    cuts = [0]
    for at, value in enumerate(cohesion, start=1):
        around = cohesion[max(0, at - 2) : at + 1]
        if (
            value < deep_enough
            and value == min(around)
            and min(at - cuts[-1], len(talk) - at) >= SHORTEST_PIECE
        ):
            cuts.append(at)
    return [talk[start:end] for start, end in pairwise([*cuts, len(talk)])]


def _cohesion(talk: Sequence[DayTrace], at: int) -> float:
    """The cosine of what is said right before and right after; 1 where there is nothing to compare."""
    before, after = _mean(talk[max(0, at - WINDOW) : at]), _mean(talk[at : at + WINDOW])
    return 1.0 if before is None or after is None else float(before @ after)


def _mean(traces: Iterable[DayTrace]) -> Vector | None:
    """The mean of the vectors there are, of length 1."""
    total = _sum(traces)
    return None if total is None else _unit_rows(total[None])[0]


def _fewer(pieces: list[list[DayTrace]]) -> list[list[DayTrace]]:
    """At most ``MOST_PIECES``: on a very long day neighbouring pieces are taken together."""
    together = -(-len(pieces) // MOST_PIECES)
    if together <= 1:
        return pieces
    return [
        [trace for piece in pieces[at : at + together] for trace in piece]
        for at in range(0, len(pieces), together)
    ]


def _join(pieces: list[list[DayTrace]]) -> list[list[DayTrace]]:
    """Agglomerative clustering by the cosine of centroids, each piece weighing as its traces do."""
    seen = [(piece, total) for piece in pieces if (total := _sum(piece)) is not None]
    unseen = [trace for piece in pieces if _sum(piece) is None for trace in piece]
    groups = [list(piece) for piece, _ in seen]
    if groups:
        _merge(groups, np.stack([total for _, total in seen]))
    return [_in_order(piece) for piece in (*groups, unseen) if piece]


def _merge(groups: list[list[DayTrace]], sums: Matrix) -> None:
    """Empty each group into the one that it is most like, while that is like enough."""
    cosines = _unit_rows(sums) @ _unit_rows(sums).T
    np.fill_diagonal(cosines, -np.inf)
    for left in range(len(groups), 1, -1):
        kept, gone = sorted(divmod(int(np.argmax(cosines)), len(groups)))
        if cosines[kept, gone] < ALIKE and left <= MOST_TOPICS:
            return
        groups[kept] += groups[gone]
        groups[gone] = []
        sums[kept] += sums[gone]
        alive = np.isfinite(cosines[kept])
        cosines[kept, alive] = _unit_rows(sums[alive]) @ _unit_rows(sums[[kept]])[0]
        cosines[:, kept] = cosines[kept]
        cosines[kept, kept] = cosines[gone, :] = cosines[:, gone] = -np.inf


def _sum(traces: Iterable[DayTrace]) -> Vector | None:
    vectors = [trace.vector for trace in traces if trace.vector is not None]
    if not vectors:
        return None
    total: Vector = np.sum(vectors, axis=0, dtype=np.float32)
    return total


def _unit_rows(rows: Matrix) -> Matrix:
    lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    unit: Matrix = rows / lengths
    return unit
