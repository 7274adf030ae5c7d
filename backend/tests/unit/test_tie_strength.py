"""How strongly notes belong together: bounded, monotone, and in words that can be read."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.tie_strength import Tie, by_day, by_entities, by_meaning, suggested

OTHER = UUID(int=1)
NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)
LISBON = ZoneInfo("Europe/Lisbon")

TIES = st.lists(
    st.builds(
        Tie, st.sampled_from(["entities", "meaning", "day"]), st.integers(1, 100), st.just("")
    ),
    min_size=1,
    max_size=3,
)
COSINES = st.floats(-1, 1)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["Ana"], "Both speak of Ana."),
        (["Ana", "Porto"], "Both speak of Ana and Porto."),
        (["Ana", "Ben", "Eve"], "Both speak of Ana, Ben and Eve."),
        (["Ana", "Ben", "Eve", "Xu"], "Both speak of Ana, Ben and Eve, and of 1 more."),
        (["Ana", "Ben", "Eve", "Xu", "Zoe"], "Both speak of Ana, Ben and Eve, and of 2 more."),
    ],
)
def test_names_are_listed_as_one_says_them(names: list[str], reason: str) -> None:
    assert by_entities([(name, 1) for name in names]).reason == reason


@given(notes=st.integers(1, 10_000), more=st.integers(1, 10_000))
def test_a_rarer_name_ties_no_less_and_another_one_no_less(notes: int, more: int) -> None:
    rare, common = by_entities([("Ana", notes)]), by_entities([("Ana", notes + more)])
    assert rare.strength >= common.strength > 0
    assert by_entities([("Ana", notes), ("Porto", more)]).strength >= rare.strength


@given(one=COSINES, other=COSINES, usual=st.floats(0, 1))
def test_nearer_in_meaning_ties_no_less(one: float, other: float, usual: float) -> None:
    far, near = (by_meaning(cosine, usual) for cosine in sorted((one, other)))
    assert far is None or (near is not None and 0 < far.strength <= near.strength <= 100)


def test_what_is_as_near_as_usual_is_not_suggested() -> None:
    assert by_meaning(0.5, 0.5) is None
    assert by_meaning(1.0, 1.0) is None
    assert by_meaning(0.5, 0.0) is not None


def test_the_same_hour_ties_more_than_the_same_day() -> None:
    ties = [by_day(NOON, NOON + timedelta(hours=hours), LISBON) for hours in (0, 1, 6, 12)]
    strengths = [tie.strength for tie in ties]
    assert strengths == sorted(strengths, reverse=True)
    assert strengths[0] == 40
    assert ties[0].reason == "Both were begun on May 5, 2026."


def test_a_day_is_that_of_the_persons_zone() -> None:
    late = datetime(2026, 5, 5, 23, 30, tzinfo=UTC)
    assert by_day(late, late, LISBON).reason == "Both were begun on May 6, 2026."


@given(ties=TIES)
def test_reasons_add_up_and_the_strongest_comes_first(ties: list[Tie]) -> None:
    found = suggested(OTHER, ties)
    strengths = [tie.strength for tie in found.ties]
    assert strengths == sorted(strengths, reverse=True)
    assert strengths[0] <= found.strength <= 100
    assert suggested(OTHER, ties[::-1]).strength == found.strength


@given(ties=TIES)
def test_only_a_day_in_common_makes_it_temporal(ties: list[Tie]) -> None:
    is_temporal = suggested(OTHER, ties).connection_type == "temporal"
    assert is_temporal == all(tie.kind == "day" for tie in ties)
