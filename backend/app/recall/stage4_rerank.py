"""Stage 4, rank: one linear sum of features between 0 and 1, whose parts anybody can read.

Pure: candidates in, ranking out. No feature depends on which other traces are in the pool except
through words, edges and conversations, so a score means the same in a small memory and a large one.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from app.recall import bm25
from app.recall.activation import activation
from app.recall.candidate import AskedTerm, Candidate
from app.recall.question import Edge
from app.recall.threads import Threads

# A word of a neighbour counts less than a word of the trace itself, by its place in the conversation.
NEIGHBOUR_SHARE = {-2: 0.5, -1: 0.7, 1: 0.7}
FRESH_HALF_LIFE_HOURS = 24.0 * 30

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with the contribution of each feature to its score."""

    candidate: Candidate
    score: float
    scores: Mapping[str, float]


def rank(
    candidates: Sequence[Candidate],
    *,
    k: int,
    asked: Sequence[AskedTerm],
    edges: Sequence[Edge],
    weights: Mapping[str, float],
    average_length: float,
    now: datetime,
) -> list[Ranked]:
    """The ``k`` best candidates, best first; of equal scores the newer one, then the larger id.

    ``weights`` are not negative and add up to 1, so scores lie between 0 and 1.
    """
    if not candidates:
        return []
    threads = Threads.of(candidates, edges)
    features = {
        **_similarity_features(candidates),
        **_word_features(candidates, asked, threads, average_length=average_length),
        **_life_features(candidates, now=now),
    }
    features["edge"] = _edge_feature(features, threads)
    contributions = np.array([weight * features[name] for name, weight in weights.items()])
    totals = contributions.sum(axis=0)
    best = heapq.nlargest(
        k,
        range(len(candidates)),
        key=lambda at: (
            totals[at],
            candidates[at].fact.created_at,
            candidates[at].fact.trace_id.int,
        ),
    )
    return [
        Ranked(
            candidates[at],
            float(totals[at]),
            dict(zip(weights, map(float, contributions[:, at]), strict=True)),
        )
        for at in best
    ]


def _similarity_features(candidates: Sequence[Candidate]) -> dict[str, Floats]:
    """Cosines by head; what points away from the question counts as unrelated."""
    return {
        head: np.array([c.similarity(head) for c in candidates])
        for head in ("semantic", "situation", "entity")
    }


def _word_features(
    candidates: Sequence[Candidate],
    asked: Sequence[AskedTerm],
    threads: Threads,
    *,
    average_length: float,
) -> dict[str, Floats]:
    """How well the words match: BM25 of the trace itself (``lexical``), and which share of the
    question's words, weighed by rarity, it says together with its neighbours (``neighbours``)."""
    frequencies = np.array(
        [[c.frequencies.get(t.term, 0) for t in asked] for c in candidates], float
    )
    lengths = np.array([c.fact.length for c in candidates], float)
    idfs = np.array([term.idf for term in asked])
    said = (frequencies > 0).astype(float)
    heard = np.maximum.reduce(
        [said, *(share * threads.shifted(said, by) for by, share in NEIGHBOUR_SHARE.items())]
    )
    return {
        "lexical": bm25.share(frequencies, idfs, lengths / average_length),
        "neighbours": heard @ idfs / idfs.sum() if asked else np.zeros(len(candidates)),
    }


def _life_features(candidates: Sequence[Candidate], *, now: datetime) -> dict[str, Floats]:
    age = np.array([_hours(now, c.fact.created_at) for c in candidates])
    idle = np.array([_hours(now, c.fact.last_accessed_at or c.fact.created_at) for c in candidates])
    uses = np.array([c.fact.access_count + 1 for c in candidates], float)
    salience = np.array([c.fact.salience for c in candidates])
    return {
        "recency": 0.5 ** (age / FRESH_HALF_LIFE_HOURS),
        "activation": activation(
            age_hours=age, idle_hours=np.minimum(idle, age), uses=uses, salience=salience
        ),
        "salience": salience,
        "role": np.array([float(c.fact.role == "user") for c in candidates]),
    }


def _hours(now: datetime, then: datetime) -> float:
    return max(0.0, (now - then).total_seconds() / 3600)


def _edge_feature(features: Mapping[str, Floats], threads: Threads) -> Floats:
    """The strongest association with another candidate, times how well that one answers."""
    relevance = (features["semantic"] + features["lexical"]) / 2
    return threads.strongest(relevance)
