"""Whose day it is: local days, the weeks and months made of them, and when their nights begin.

Weeks are ISO's, Monday to Sunday, and a week belongs to the month of its Thursday, as it belongs to the
year of its Thursday. So every day is in one week, every week in one month, and all three are named by
their last day: a month ends on the Sunday of its last week.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

NIGHT_BEGINS = time(2)
DREAMS = UUID("6f2b1a36-6a3c-5a0e-9c1d-3d6a5b0f4e21")  # the namespace of everything derived

Kind = Literal["daily", "weekly", "monthly"]


@dataclass(frozen=True, slots=True)
class Period:
    """A day, a week or a month, by its last day."""

    kind: Kind
    last_day: date

    @property
    def first_day(self) -> date:
        """Its first day."""
        if self.kind == "daily":
            return self.last_day
        if self.kind == "weekly":
            return self.last_day - timedelta(days=6)
        first = _thursday(self.last_day).replace(day=1)
        return first + timedelta(days=(3 - first.weekday()) % 7 - 3)

    @property
    def source_id(self) -> str:
        """How its summary is called: ``day:2026-11-24``, ``week:2026-W48``, ``month:2026-11``."""
        if self.kind == "daily":
            return f"day:{self.last_day.isoformat()}"
        if self.kind == "weekly":
            year, week, _ = self.last_day.isocalendar()
            return f"week:{year}-W{week:02}"
        return f"month:{_thursday(self.last_day):%Y-%m}"

    @property
    def above(self) -> "Period | None":
        """The week of a day, the month of a week; nothing is above a month."""
        if self.kind == "daily":
            return Period("weekly", self.last_day + timedelta(days=6 - self.last_day.weekday()))
        if self.kind == "weekly":
            following = (_thursday(self.last_day).replace(day=1) + timedelta(days=31)).replace(
                day=1
            )
            last = following - timedelta(days=1)
            return Period("monthly", last - timedelta(days=(last.weekday() - 3) % 7 - 3))
        return None

    def parts(self) -> "list[Period]":
        """The days of a week, the weeks of a month; a day has none."""
        if self.kind == "daily":
            return []
        kind: Kind = "daily" if self.kind == "weekly" else "weekly"
        step = 1 if kind == "daily" else 7
        days = (self.last_day - self.first_day).days
        return [
            Period(kind, self.last_day - timedelta(days=back)) for back in range(0, days + 1, step)
        ]

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From its first moment up to and without the first moment after it, in UTC."""
        return _midnight(self.first_day, zone), _midnight(self.last_day + timedelta(days=1), zone)

    def night(self, zone: ZoneInfo) -> datetime:
        """When it is dreamt: at two in the morning after it, where the person is."""
        following = self.last_day + timedelta(days=1)
        return datetime.combine(following, NIGHT_BEGINS, zone).astimezone(UTC)


def day_of(moment: datetime, zone: ZoneInfo) -> Period:
    """The local day of a moment."""
    return Period("daily", moment.astimezone(zone).date())


def summary_id(user_id: UUID, period: Period) -> UUID:
    """The id of a period's summary, the same whenever it is made."""
    return derived_id(user_id, period.source_id)


def derived_id(user_id: UUID, name: str) -> UUID:
    """The id of something that is made out of a person's traces, the same whenever it is made."""
    return uuid5(DREAMS, f"{user_id} {name}")


def _thursday(sunday: date) -> date:
    return sunday - timedelta(days=3)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
