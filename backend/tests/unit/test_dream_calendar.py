"""Whose day it is: days in weeks, weeks in months, and nights where the person is."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dream.calendar import Period, day_of, summary_id

LISBON, NEW_YORK = ZoneInfo("Europe/Lisbon"), ZoneInfo("America/New_York")
days = st.dates(date(1901, 1, 1), date(2199, 1, 1))


def above(period: Period) -> Period:
    found = period.above
    assert found is not None
    return found


@given(days)
def test_every_day_is_in_one_week_and_every_week_in_one_month(day: date) -> None:
    today = Period("daily", day)
    week, month = above(today), above(above(today))
    assert today in week.parts()
    assert week in month.parts()
    assert len(week.parts()) == 7
    assert len(month.parts()) in (4, 5)
    assert month.above is None


@given(days)
def test_months_follow_each_other_without_a_gap(day: date) -> None:
    month = above(above(Period("daily", day)))
    following = above(above(Period("daily", month.last_day + timedelta(days=1))))
    assert following.first_day == month.last_day + timedelta(days=1)


@pytest.mark.parametrize(
    ("period", "name"),
    [
        (Period("daily", date(2026, 11, 24)), "day:2026-11-24"),
        (Period("weekly", date(2026, 11, 29)), "week:2026-W48"),
        (Period("weekly", date(2027, 1, 3)), "week:2026-W53"),
        (Period("monthly", date(2026, 11, 29)), "month:2026-11"),
    ],
)
def test_periods_have_names(period: Period, name: str) -> None:
    assert period.source_id == name


def test_a_month_is_named_by_its_thursdays() -> None:
    assert above(above(Period("daily", date(2026, 11, 30)))).source_id == "month:2026-12"


def test_a_night_begins_at_two_where_the_person_is() -> None:
    period = Period("daily", date(2026, 6, 1))
    assert period.night(LISBON) == datetime(2026, 6, 2, 1, tzinfo=UTC)
    assert period.night(NEW_YORK) == datetime(2026, 6, 2, 6, tzinfo=UTC)


def test_a_day_on_which_the_clocks_change_is_whole() -> None:
    since, until = Period("daily", date(2026, 3, 29)).span(LISBON)
    assert until - since == timedelta(hours=23)


def test_the_day_of_a_moment_is_the_local_one() -> None:
    moment = datetime(2026, 6, 2, 3, tzinfo=UTC)
    assert day_of(moment, NEW_YORK).last_day == date(2026, 6, 1)
    assert day_of(moment, LISBON).last_day == date(2026, 6, 2)


def test_the_same_period_of_the_same_person_has_the_same_id() -> None:
    somebody, other, period = UUID(int=1), UUID(int=2), Period("daily", date(2026, 6, 1))
    assert summary_id(somebody, period) == summary_id(somebody, period)
    assert summary_id(somebody, period) != summary_id(other, period)
