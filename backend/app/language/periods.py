"""Periods of a person's own calendar, seen from ``now``: days, weekends, months, seasons, years.

All of them lie in the past or have begun: March is, in February, March of last year. Weeks begin on
Monday; seasons are the northern ones, of three whole months. An end is not included.
"""

from datetime import UTC, datetime, timedelta

from dateutil.parser import ParserError, parse
from dateutil.relativedelta import relativedelta

Span = tuple[datetime, datetime]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
# From which hour until which of the day that is named.
DAYTIMES = {"morning": (5, 12), "afternoon": (12, 18), "evening": (17, 24), "night": (18, 30)}

_UNITS = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "quarter": relativedelta(months=3),
    "year": relativedelta(years=1),
}
_AROUND = {"minute": timedelta(minutes=5), "hour": timedelta(minutes=30)}


def midnight(now: datetime) -> datetime:
    """When this day began."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def day(begin: datetime, *, part: str = "") -> Span:
    """The day that begins then, or its morning, afternoon, evening or night."""
    if not part:
        return begin, begin + timedelta(days=1)
    since, until = DAYTIMES[part]
    return begin + timedelta(hours=since), begin + timedelta(hours=until)


def date(text: str, now: datetime) -> datetime:
    """The day of a date such as "5th May"; without a year the latest that has begun.

    Raises:
        ValueError: there is no such day.
    """
    for year in range(now.year, now.year - 9, -1):  # 29 February may be eight years away
        try:
            found: datetime = parse(f"{text} {year}", default=midnight(now))
        except ParserError:
            continue
        if found <= now:
            return found
    raise ValueError(f"no year has the day {text}")


def weekday(name: str, now: datetime, *, this_week: bool) -> datetime:
    """The latest such day before today, or the one of this week."""
    back = now.weekday() - WEEKDAYS.index(name)
    if not this_week and back <= 0:
        back += 7
    return midnight(now) - timedelta(days=back)


def weekend(now: datetime, *, is_over: bool) -> Span:
    """The latest weekend that has begun, or that is over."""
    saturday = midnight(now) - timedelta(days=(now.weekday() + 2) % 7)
    if is_over and now.weekday() >= 5:
        saturday -= timedelta(days=7)
    return saturday, saturday + timedelta(days=2)


def unit(name: str, now: datetime, *, back: int) -> Span:
    """The calendar's week, month, quarter or year: this one, or so many ``back``."""
    today = midnight(now)
    begin = {
        "week": today - timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "quarter": today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1),
        "year": today.replace(month=1, day=1),
    }[name] - _UNITS[name] * back
    return begin, begin + _UNITS[name]


def until_now(count: int, name: str, now: datetime) -> Span:
    """The last so many hours, days, weeks, months or years."""
    if name == "hour":
        return now.astimezone(UTC) - timedelta(hours=count), now
    return now - _UNITS[name] * count, now


def ago(count: int, name: str, now: datetime) -> Span:
    """As exact as the unit is: three days ago is that day, two weeks ago the seven days around such
    a day, two months or years ago the calendar's month or year."""
    if name in _AROUND:
        then = now.astimezone(UTC) - timedelta(**{f"{name}s": count})
        return then - _AROUND[name], then + _AROUND[name]
    if name in {"month", "year"}:
        return unit(name, now, back=count)
    begin = midnight(now) - _UNITS[name] * count
    around = timedelta(days=3 if name == "week" else 0)
    return begin - around, begin + around + timedelta(days=1)


def months(first: int, count: int, now: datetime, *, year: str = "", is_over: bool = False) -> Span:
    """So many months from the ``first`` on: of that year, or the latest that have begun or, when
    it ``is_over``, ended."""
    begin = midnight(now).replace(year=int(year or now.year), month=first, day=1)
    length = relativedelta(months=count)
    if not year and (begin + length if is_over else begin) > now:
        begin -= relativedelta(years=1)
    return begin, begin + length


def week_of(month: Span, place: int) -> Span:
    """Seven days of a month, counted from 0; the last seven for -1."""
    begin = month[1] - timedelta(days=7) if place < 0 else month[0] + timedelta(weeks=place)
    return begin, begin + timedelta(days=7)


def third_of(whole: Span, place: int) -> Span:
    """The beginning, the middle or the end of a period (0, 1 or 2), in whole days."""
    days = (whole[1] - whole[0]).days
    return (
        whole[0] + timedelta(days=days * place // 3),
        whole[0] + timedelta(days=days * (place + 1) // 3),
    )
