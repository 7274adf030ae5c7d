"""Stage 4, rank: one linear sum of features between 0 and 1, whose parts anybody can read.

Pure: candidates in, ranking out. No feature is relative to the other candidates, so a score means the
same in a small memory and a large one. What each feature says:

- ``semantic``, ``situation``, ``entity``: how near the head is to the question (cosine);
- ``lexical``: BM25 of the trace, as a share of what a perfect match reaches;
- ``neighbours``: which share of the question's words, weighed by rarity, the trace says together with
  its neighbours in the conversation;
- ``phrase``: which share of the question's word pairs stand side by side in the trace;
- ``novelty``: the turn before does not answer the question already;
- ``distinction``: it is unlike what is typical of this memory;
- ``substance``: it says more than a nod;
- ``role``: the person said it, not the assistant;
- ``preference``: it states a preference, and the question asks for advice;
- ``time``: it happened when the question says;
- ``recency``, ``activation``, ``salience``: how fresh, how much used, how important it is;
- ``edge``: what it is associated with answers the question.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from app.recall import bm25
from app.recall.activation import activation
from app.recall.candidate import Asked, Candidate
from app.recall.question import Edge

# A word of a neighbour counts less than a word of the trace itself.
SHARE_OF_BEFORE = 0.7
SHARE_OF_BEFORE_THAT = 0.5
SHARE_OF_AFTER = 0.7
TERMS_OF_SUBSTANCE = 6
FRESH_HALF_LIFE_HOURS = 24.0 * 30

Floats = NDArray[np.float64]
Features = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate and its score, which is the sum of its ``parts``: one a feature in ``names``."""

    candidate: Candidate
    score: float
    names: tuple[str, ...]
    parts: Floats

    @property
    def scores(self) -> dict[str, float]:
        """The contribution of each feature."""
        return dict(zip(self.names, self.parts.tolist(), strict=True))


def rank(
    candidates: Sequence[Candidate],
    *,
    asked: Asked,
    edges: Sequence[Edge],
    weights: Mapping[str, float],
    average_length: float,
    about: tuple[datetime, datetime] | None,
    now: datetime,
) -> list[Ranked]:
    """All candidates, best first; of equal scores the newer one, then the larger id.

    ``weights`` are not negative and add up to 1, so scores lie between 0 and 1.
    """
    if not candidates:
        return []
    found = features(
        candidates,
        asked=asked,
        edges=edges,
        average_length=average_length,
        about=about,
        now=now,
    )
    contributions = np.array([weight * found[name] for name, weight in weights.items()])
    totals = contributions.sum(axis=0)
    order = sorted(
        range(len(candidates)),
        key=lambda at: (
            totals[at],
            candidates[at].fact.created_at,
            candidates[at].fact.trace_id.int,
        ),
        reverse=True,
    )
    names = tuple(weights)
    return [Ranked(candidates[at], float(totals[at]), names, contributions[:, at]) for at in order]


def features(
    candidates: Sequence[Candidate],
    *,
    asked: Asked,
    edges: Sequence[Edge],
    average_length: float,
    about: tuple[datetime, datetime] | None,
    now: datetime,
) -> Features:
    """Every feature by name, an array over the candidates, each value between 0 and 1."""
    found = {
        **_similarity_features(candidates),
        **_word_features(candidates, asked, average_length=average_length),
        **_speech_features(candidates, asked),
        **_life_features(candidates, about=about, now=now),
    }
    found["edge"] = _edge_feature(candidates, edges, found)
    return found


def _similarity_features(candidates: Sequence[Candidate]) -> dict[str, Floats]:
    typicality = np.array(
        [1.0 if c.fact.typicality is None else c.fact.typicality for c in candidates]
    )
    before = np.array([c.fact.nearness_before or 0.0 for c in candidates])
    heads = {
        head: np.array([c.similarity(head) for c in candidates])
        for head in ("semantic", "situation", "entity")
    }
    return {
        **heads,
        "novelty": 1 - np.clip(before, 0, 1),
        "distinction": 1 - np.clip(typicality, 0, 1),
    }


def _word_features(
    candidates: Sequence[Candidate], asked: Asked, *, average_length: float
) -> dict[str, Floats]:
    terms = asked.terms
    idfs = np.array([term.idf for term in terms])
    lengths = np.array([c.fact.length for c in candidates], float)
    frequencies = np.array(
        [[c.words[t.term].frequency if c.says(t.term) else 0 for t in terms] for c in candidates],
        float,
    )
    heard = np.array([[_heard(c, t.term) for t in terms] for c in candidates])
    return {
        "lexical": bm25.share(frequencies, idfs, lengths / average_length),
        "neighbours": heard @ idfs / idfs.sum() if terms else np.zeros(len(candidates)),
        "phrase": np.array([_share_in_a_row(c, asked) for c in candidates]),
    }


def _heard(candidate: Candidate, term: str) -> float:
    """How clearly a word is heard at a trace's place in its conversation."""
    if candidate.says(term):
        return 1.0
    fact = candidate.fact
    return max(
        SHARE_OF_BEFORE * candidate.hears(term, fact.before),
        SHARE_OF_AFTER * candidate.hears(term, fact.after),
        SHARE_OF_BEFORE_THAT * candidate.hears(term, fact.before_that),
    )


def _share_in_a_row(candidate: Candidate, asked: Asked) -> float:
    if not asked.pairs:
        return 0.0
    return sum(candidate.says_in_a_row(*pair) for pair in asked.pairs) / len(asked.pairs)


def _speech_features(candidates: Sequence[Candidate], asked: Asked) -> dict[str, Floats]:
    by_person = np.array([c.fact.role == "user" for c in candidates], float)
    preference = np.array([c.fact.states_preference for c in candidates], float)
    substance = np.array([c.fact.length >= TERMS_OF_SUBSTANCE for c in candidates], float)
    return {
        "role": by_person,
        "preference": by_person * preference * asked.for_advice,
        "substance": substance,
    }


def _life_features(
    candidates: Sequence[Candidate], *, about: tuple[datetime, datetime] | None, now: datetime
) -> dict[str, Floats]:
    age = np.array([_hours(now, c.fact.created_at) for c in candidates])
    idle = np.array([_hours(now, c.fact.last_accessed_at or c.fact.created_at) for c in candidates])
    uses = np.array([c.fact.access_count + 1 for c in candidates], float)
    salience = np.array([c.fact.salience for c in candidates])
    is_then = [about is not None and about[0] <= c.fact.created_at < about[1] for c in candidates]
    return {
        "time": np.array(is_then, float),
        "recency": 0.5 ** (age / FRESH_HALF_LIFE_HOURS),
        "activation": activation(
            age_hours=age, idle_hours=np.minimum(idle, age), uses=uses, salience=salience
        ),
        "salience": salience,
    }


def _hours(now: datetime, then: datetime) -> float:
    return max(0.0, (now - then).total_seconds() / 3600)


def _edge_feature(
    candidates: Sequence[Candidate], edges: Sequence[Edge], found: Features
) -> Floats:
    """The strongest association with another candidate, times how well that one answers."""
    relevance = (found["semantic"] + found["lexical"]) / 2
    place = {c.fact.trace_id: at for at, c in enumerate(candidates)}
    best = np.zeros(len(candidates))
    for edge in edges:
        src, dst = place.get(edge.src), place.get(edge.dst)
        if edge.type == "next" or src is None or dst is None:
            continue
        weight = min(1.0, edge.weight)
        best[src] = max(best[src], weight * relevance[dst])
        best[dst] = max(best[dst], weight * relevance[src])
    return best
