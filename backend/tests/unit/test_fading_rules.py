"""What lasts and what fades."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dream.fading import Fadeable, activations, decide

NOW = datetime(2026, 6, 1, tzinfo=UTC)
OLD = Fadeable(
    trace_id=UUID(int=1),
    created_at=NOW - timedelta(days=90),
    salience=0.2,
    uses=0,
    last_used_at=None,
    is_pinned=False,
    is_held=True,
    is_evidence=False,
)


def test_small_talk_fades_after_some_weeks_and_not_before() -> None:
    assert [one.trace_id for one in decide([OLD], at=NOW).faded] == [OLD.trace_id]
    young = replace(OLD, created_at=NOW - timedelta(days=14))
    assert decide([young], at=NOW).faded == ()


@pytest.mark.parametrize("kept", [{"is_pinned": True}, {"is_held": False}, {"is_evidence": True}])
def test_what_is_pinned_evidence_or_in_no_summary_never_fades(kept: dict[str, bool]) -> None:
    trace = replace(OLD, created_at=NOW - timedelta(days=3650), **kept)  # type: ignore[arg-type]  # bools
    assert decide([trace], at=NOW).faded == ()


def test_what_was_recalled_is_promoted_and_does_not_fade() -> None:
    used = replace(OLD, uses=1, last_used_at=NOW - timedelta(days=80))
    decision = decide([used], at=NOW)
    assert (decision.promoted, decision.faded) == ((used.trace_id,), ())


def test_a_use_after_the_moment_in_question_is_no_time_travel() -> None:
    (value,) = activations([replace(OLD, last_used_at=NOW + timedelta(days=3), uses=1)], at=NOW)
    assert 0 <= value <= 1


@given(days=st.floats(0, 4000), later=st.floats(0, 4000), salience=st.floats(0, 1))
def test_the_longer_unused_the_less_at_hand(days: float, later: float, salience: float) -> None:
    trace = replace(OLD, created_at=NOW - timedelta(days=days), salience=salience)
    first, then = (
        activations([trace], at=NOW)[0],
        activations([trace], at=NOW + timedelta(days=later))[0],
    )
    assert 0 <= then <= first <= 1


@given(salience=st.floats(0, 1), more=st.floats(0, 1))
def test_what_matters_lasts_longer(salience: float, more: float) -> None:
    low, high = sorted((salience, more))
    traces = [replace(OLD, salience=value) for value in (low, high)]
    weak, strong = activations(traces, at=NOW)
    assert weak <= strong
