"""Stage 4, rank: one linear sum of features between 0 and 1, whose parts anybody can read.

Pure: candidates in, ranking out. No feature is relative to the other candidates, so a score means the
same in a small memory and a large one; only `answer_type` and `edge` say less where many candidates
mention the same. What each feature says:

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
- ``answer_type``: it mentions what the question asks for: a person for "who", a place for "where";
- ``time``: it happened when the question says;
- ``recency``, ``activation``, ``salience``: how fresh, how much used, how important it is;
- ``edge``: what it is associated with answers the question.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from math import log2
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.activation import activation
from app.recall import bm25
from app.recall.candidate import Candidate
from app.recall.question import Edge
from app.recall.said import Asked, Said

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
    said: Said,
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
        said=said,
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
    said: Said,
    edges: Sequence[Edge],
    average_length: float,
    about: tuple[datetime, datetime] | None,
    now: datetime,
) -> Features:
    """Every feature by name, an array over the candidates, each value between 0 and 1."""
    found = {
        **_similarity_features(candidates),
        **_word_features(candidates, asked, said, average_length=average_length),
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
    candidates: Sequence[Candidate], asked: Asked, said: Said, *, average_length: float
) -> dict[str, Floats]:
    idfs = asked.idfs()
    lengths = np.array([c.fact.length for c in candidates], float)
    own = said.at([c.fact.trace_id for c in candidates])
    heard = _heard(candidates, said, own)
    return {
        "lexical": bm25.share(said.frequencies[own], idfs, lengths / average_length),
        "neighbours": heard @ idfs / idfs.sum() if idfs.size else np.zeros(len(candidates)),
        "phrase": said.share_in_a_row[own],
    }


def _heard(candidates: Sequence[Candidate], said: Said, own: NDArray[np.intp]) -> Floats:
    """How clearly each word is heard at each trace's place in its conversation, 0 to 1."""
    says = said.frequencies > 0
    before = said.at([c.fact.before for c in candidates])
    before_that = said.at([c.fact.before_that for c in candidates])
    after = said.at([c.fact.after for c in candidates])
    heard: Floats = np.maximum.reduce(
        [
            says[own] * 1.0,
            says[before] * SHARE_OF_BEFORE,
            says[before_that] * SHARE_OF_BEFORE_THAT,
            says[after] * SHARE_OF_AFTER,
        ]
    )
    return heard


def _speech_features(candidates: Sequence[Candidate], asked: Asked) -> dict[str, Floats]:
    by_person = np.array([c.fact.role == "user" for c in candidates], float)
    preference = np.array([c.fact.states_preference for c in candidates], float)
    substance = np.array([c.fact.length >= TERMS_OF_SUBSTANCE for c in candidates], float)
    return {
        "role": by_person,
        "preference": by_person * preference * asked.for_advice,
        "answer_type": np.array([c.answer_type for c in candidates]),
        "substance": substance,
    }


def _life_features(
    candidates: Sequence[Candidate], *, about: tuple[datetime, datetime] | None, now: datetime
) -> dict[str, Floats]:
    age = _hours_since([c.fact.created_at for c in candidates], now)
    idle = _hours_since([c.fact.last_accessed_at or c.fact.created_at for c in candidates], now)
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


def _hours_since(moments: Sequence[datetime], now: datetime) -> Floats:
    """0 for what is still to come."""
    seconds = now.timestamp() - np.array([moment.timestamp() for moment in moments])
    hours: Floats = np.maximum(seconds, 0) / 3600
    return hours


def _edge_feature(
    candidates: Sequence[Candidate], edges: Sequence[Edge], found: Features
) -> Floats:
    """How well the best associate answers, times the weight of the association.

    ``next`` edges are left out: `situation` and `neighbours` speak of them.
    """
    relevance = (found["semantic"] + found["lexical"]) / 2
    place = {c.fact.trace_id: at for at, c in enumerate(candidates)}
    best = np.zeros(len(candidates))
    for one, other, weight in _associations(edges, place):
        best[one] = max(best[one], weight * relevance[other])
        best[other] = max(best[other], weight * relevance[one])
    return best


def _associations(
    edges: Sequence[Edge], place: Mapping[UUID, int]
) -> Iterator[tuple[int, int, float]]:
    """Pairs of candidates that an edge joins, or two edges to the same node that is no candidate: an
    entity that both mention. The more candidates an entity is tied to, the less it says of each."""
    tied: dict[UUID, list[tuple[int, float]]] = defaultdict(list)
    for edge in edges:
        src, dst = place.get(edge.src), place.get(edge.dst)
        weight = min(1.0, edge.weight)
        if src is not None and dst is not None:
            if edge.type != "next":
                yield src, dst, weight
        elif src is not None:
            tied[edge.dst].append((src, weight))
        elif dst is not None:
            tied[edge.src].append((dst, weight))
    for ends in tied.values():
        for (one, to_one), (other, to_other) in combinations(ends, 2):
            yield one, other, to_one * to_other / log2(len(ends))
