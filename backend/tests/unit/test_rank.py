"""Stage 4 and activation: pure, bounded, monotone and stable."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.facts import NOW, fact

from app.activation import activation
from app.language.term_codes import packed, term_codes
from app.recall import bm25
from app.recall.candidate import Candidate
from app.recall.duplicates import collapse
from app.recall.pipeline import best_so_far, weights
from app.recall.question import Edge
from app.recall.said import Asked, AskedTerm, Said, said
from app.recall.stage4_rerank import Ranked, rank
from app.storage.candidates import TraceFact

ASKED = Asked([AskedTerm("tea", 3.0), AskedTerm("ana", 1.0)], frozenset({("ana", "tea")}))

cosines = st.none() | st.floats(-1, 1)
facts = st.builds(
    TraceFact,
    trace_id=st.integers(1, 10_000).map(lambda n: UUID(int=n)),
    created_at=st.floats(0, 50_000).map(lambda hours: NOW - timedelta(hours=hours)),
    role=st.sampled_from(["user", "assistant", "note"]),
    salience=st.floats(0, 1),
    access_count=st.integers(0, 1000),
    last_accessed_at=st.none(),
    length=st.integers(0, 500),
    states_preference=st.booleans(),
    wording=st.integers(-(2**63), 2**63 - 1),
    semantic=cosines,
    entity=cosines,
    situation=cosines,
    typicality=cosines,
    nearness_before=cosines,
    before=st.none() | st.just(UUID(int=0)),
    before_that=st.none(),
    after=st.none(),
)
candidates = st.builds(Candidate, fact=facts, recent=cosines, answer_type=st.floats(0, 1))
pools = st.lists(candidates, min_size=1, max_size=12, unique_by=lambda c: c.fact.trace_id)
sayings = st.dictionaries(
    st.integers(0, 10_000).map(lambda n: UUID(int=n)),
    st.lists(st.sampled_from(["tea", "ana", "with", "milk"]), max_size=9),
    max_size=30,
)


def ranked(
    pool: list[Candidate],
    edges: list[Edge] | None = None,
    asked: Asked = ASKED,
    about: tuple[datetime, datetime] | None = None,
    saying: dict[UUID, list[str]] | None = None,
) -> list[Ranked]:
    return rank(
        pool,
        asked=asked,
        said=heard(saying or {}, asked),
        edges=edges or [],
        weights=weights(),
        average_length=12.0,
        about=about,
        now=NOW,
    )


def heard(saying: dict[UUID, list[str]], asked: Asked = ASKED) -> Said:
    """What traces that consist of these terms say of the question."""
    return said({trace: packed(term_codes(terms)) for trace, terms in saying.items()}, asked)


def scored(
    feature: str,
    *pool: Candidate,
    asked: Asked = ASKED,
    saying: dict[UUID, list[str]] | None = None,
) -> list[float]:
    """One feature's contribution to each candidate, in the order given."""
    ranking = ranked(list(pool), asked=asked, saying=saying)
    found = {r.candidate.fact.trace_id: r.scores[feature] for r in ranking}
    return [found[candidate.fact.trace_id] for candidate in pool]


def test_the_weights_are_a_share_of_one() -> None:
    assert sum(weights().values()) == pytest.approx(1)
    assert min(weights().values()) >= 0


@given(pools, sayings)
def test_scores_are_bounded_sorted_and_the_sum_of_their_parts(
    pool: list[Candidate], saying: dict[UUID, list[str]]
) -> None:
    found = ranked(pool, saying=saying)
    scores = [item.score for item in found]
    assert scores == sorted(scores, reverse=True)
    for item in found:
        assert -1e-9 <= item.score <= 1 + 1e-9
        assert sum(item.scores.values()) == pytest.approx(item.score)


@given(pools)
def test_the_order_does_not_depend_on_the_order_of_arrival(pool: list[Candidate]) -> None:
    assert [r.candidate for r in ranked(pool)] == [r.candidate for r in ranked(pool[::-1])]


@given(candidates, st.floats(0.1, 10_000))
def test_a_fresher_twin_never_scores_lower(older: Candidate, hours: float) -> None:
    created = min(NOW, older.fact.created_at + timedelta(hours=hours))
    fresher = replace(older, fact=older.fact._replace(trace_id=UUID(int=0), created_at=created))
    score = {r.candidate.fact.trace_id: r.score for r in ranked([older, fresher])}
    assert score[UUID(int=0)] >= score[older.fact.trace_id] - 1e-9


def test_recent_memory_outranks_older_twin() -> None:
    older, newer = fact(1), fact(2, created_at=NOW - timedelta(days=1))
    assert ranked([Candidate(older), Candidate(newer)])[0].candidate.fact == newer


def test_equal_scores_put_the_larger_id_first() -> None:
    twins = [Candidate(fact(1)), Candidate(fact(2))]
    assert [r.candidate.fact.trace_id.int for r in ranked(twins)] == [2, 1]


def test_a_neighbour_that_says_the_words_lifts_a_trace() -> None:
    says = Candidate(fact(1))
    beside = Candidate(fact(2, before=UUID(int=1)))
    two_on = Candidate(fact(3, before_that=UUID(int=1)))
    alone = Candidate(fact(4))
    saying = {UUID(int=1): ["tea", "ana"], UUID(int=4): ["milk"]}
    scores = scored("neighbours", says, beside, two_on, alone, saying=saying)
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 4
    assert scores[-1] == 0


def test_words_side_by_side_count_as_a_phrase() -> None:
    phrase, apart, turned = (Candidate(fact(number)) for number in (1, 2, 3))
    saying = {
        UUID(int=1): ["milk", "ana", "tea", "ana", "tea"],
        UUID(int=2): ["ana", "milk", "tea"],
        UUID(int=3): ["tea", "ana"],
    }
    scores = scored("phrase", phrase, apart, turned, saying=saying)
    assert scores[0] == pytest.approx(weights()["phrase"]), "a phrase said twice counts once"
    assert scores[1:] == [0, 0]


def test_a_pair_does_not_reach_from_one_trace_into_the_next() -> None:
    found = heard({UUID(int=1): ["tea", "ana"], UUID(int=2): ["tea"]})
    assert found.share_in_a_row.tolist() == [0, 0, 0]


@given(sayings)
def test_words_are_counted_as_they_were_said(saying: dict[UUID, list[str]]) -> None:
    found = heard(saying)
    rows = found.frequencies[found.at(list(saying))]
    counts = [[terms.count("tea"), terms.count("ana")] for terms in saying.values()]
    assert rows.tolist() == counts
    assert found.frequencies[found.at([None, UUID(int=10_001)])].sum() == 0


def test_what_was_said_just_now_is_not_at_a_disadvantage() -> None:
    embedded = Candidate(fact(1, semantic=0.7, situation=0.7, entity=0.7))
    waiting = Candidate(fact(2, semantic=0.7, situation=None, entity=None))
    in_mind = Candidate(fact(3, semantic=None, situation=None, entity=None), recent=0.7)
    for head in ("semantic", "situation", "entity"):
        assert len(set(scored(head, embedded, waiting, in_mind))) == 1


def test_what_the_turn_before_said_already_is_less_news() -> None:
    scores = scored("novelty", Candidate(fact(1)), Candidate(fact(2, nearness_before=0.8)))
    assert scores[0] > scores[1]


def test_the_typical_stands_back() -> None:
    scores = scored("distinction", Candidate(fact(1)), Candidate(fact(2, typicality=0.9)))
    assert scores[0] > scores[1]


def test_what_happened_when_the_question_says_comes_forward() -> None:
    pool = [Candidate(fact(1)), Candidate(fact(2, created_at=NOW - timedelta(days=1)))]
    about = (NOW - timedelta(days=9, hours=1), NOW - timedelta(days=8))
    then, later = ranked(pool, about=about)
    assert (then.candidate.fact.trace_id.int, later.scores["time"]) == (1, 0)


def test_a_nod_has_no_substance() -> None:
    scores = scored("substance", Candidate(fact(1)), Candidate(fact(2, length=3)))
    assert scores[0] > scores[1] == 0


def test_preferences_count_when_advice_is_asked_for() -> None:
    taste, fact_only = Candidate(fact(1, states_preference=True)), Candidate(fact(2))
    assert scored("preference", taste, fact_only) == [0, 0]
    asked = replace(ASKED, for_advice=True)
    scores = scored("preference", taste, fact_only, asked=asked)
    assert scores[0] > scores[1] == 0


def test_who_or_what_is_asked_for_counts() -> None:
    sure, perhaps, not_at_all = (
        Candidate(fact(number), answer_type=share)
        for number, share in ((1, 1.0), (2, 0.5), (3, 0.0))
    )
    scores = scored("answer_type", sure, perhaps, not_at_all)
    assert scores[0] > scores[1] > scores[2] == 0


def test_an_association_with_something_relevant_lifts_a_trace() -> None:
    relevant = Candidate(fact(1, semantic=0.9))
    tied, loose = Candidate(fact(2)), Candidate(fact(3))
    edge = Edge(tied.fact.trace_id, relevant.fact.trace_id, "mentions", 0.5)
    score = {
        r.candidate.fact.trace_id.int: r.scores["edge"]
        for r in ranked([relevant, tied, loose], [edge])
    }
    assert score[2] > score[3] == 0


def test_two_that_mention_the_same_lift_each_other_less_the_more_mention_it() -> None:
    relevant, other = Candidate(fact(1, semantic=0.9)), Candidate(fact(2))
    rare, hub = UUID(int=100), UUID(int=200)

    def lift(entity: UUID, *more: Candidate) -> float:
        edges = [Edge(c.fact.trace_id, entity, "mentions", 0.8) for c in (relevant, other, *more)]
        found = ranked([relevant, other, *more], edges)
        return next(r.scores["edge"] for r in found if r.candidate is other)

    crowd = [Candidate(fact(number, semantic=0.1)) for number in range(3, 12)]
    assert lift(rare) > lift(hub, *crowd) > 0


def test_only_the_k_best_come_back() -> None:
    pool = [Candidate(fact(n, semantic=n / 10)) for n in range(1, 9)]
    kept = collapse(ranked(pool), k=3)
    assert [result.best.candidate.fact.trace_id.int for result in kept] == [8, 7, 6]


def test_copies_are_one_result_that_lists_them() -> None:
    pool = [
        Candidate(fact(1, semantic=0.9, wording=7)),
        Candidate(fact(2, semantic=0.8, wording=7)),
        Candidate(fact(3, semantic=0.7, wording=8)),
        Candidate(fact(4, semantic=0.6, wording=7, role="assistant")),
    ]
    kept = collapse(ranked(pool), k=10)
    assert [result.best.candidate.fact.trace_id.int for result in kept] == [1, 3, 4]
    assert [copy.int for copy in kept[0].copies] == [2]


@given(st.floats(0.1, 1e5), st.floats(0, 1), st.integers(1, 10_000), st.floats(0, 1))
def test_activation_is_a_chance_that_grows_with_use_and_salience(
    age: float, idle_share: float, uses: int, salience: float
) -> None:
    def chance(uses: float, salience: float, idle: float) -> float:
        values = [np.array([value], float) for value in (age, idle, uses, salience)]
        found = activation(
            age_hours=values[0], idle_hours=values[1], uses=values[2], salience=values[3]
        )
        return float(found[0])

    now = chance(uses, salience, age * idle_share)
    assert 0 <= now <= 1
    assert chance(uses + 1, salience, age * idle_share) >= now
    assert chance(uses, salience, age * idle_share / 2) >= now - 1e-9


class TestBm25:
    def test_rare_words_tell_more(self) -> None:
        assert bm25.idf(1, 1000) > bm25.idf(500, 1000) > bm25.idf(1000, 1000) > 0

    def test_a_share_grows_with_frequency_and_falls_with_length(self) -> None:
        idfs = np.array([2.0, 1.0])
        shares = bm25.share(
            np.array([[1.0, 0.0], [5.0, 0.0], [1.0, 0.0], [9.0, 9.0]]),
            idfs,
            np.array([1.0, 1, 3, 1]),
        )
        assert shares[1] > shares[0] > shares[2] > 0
        assert shares.max() < 1

    def test_no_words_no_share(self) -> None:
        assert bm25.share(np.zeros((2, 0)), np.zeros(0), np.ones(2)).tolist() == [0, 0]


def test_seeds_come_in_turn_by_meaning_and_by_words() -> None:
    a, b, c, d = (UUID(int=n) for n in range(4))
    assert best_so_far({a: 0.5}, {b: 0.9, a: 0.1}, [c, b, d]) == [b, c, a, d]
