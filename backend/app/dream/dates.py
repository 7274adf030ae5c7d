"""Words that mean another day each day, with the date they meant when they were said."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
_DAY = "|".join(_WEEKDAYS)
_COUNT = rf"\d{{1,3}}|{'|'.join(_NUMBERS)}"
_MENTION = re.compile(
    rf"""\b(?:
        (?P<near>the\ day\ after\ tomorrow|the\ day\ before\ yesterday|tomorrow|yesterday|last\ night)
        | (?P<ago>(?P<past>{_COUNT})\ (?P<past_unit>day|week|month|year)s?\ ago)
        | (?P<ahead>in\ (?P<future>{_COUNT})\ (?P<future_unit>day|week|month|year)s?)
        | (?P<which>last|next)\ (?P<period>week|weekend|month|year|{_DAY})
    )\b(?!\s*\()(?:'s\b)?""",
    re.IGNORECASE | re.VERBOSE,
)
_NEAR = {
    "the day before yesterday": -2,
    "yesterday": -1,
    "last night": -1,
    "tomorrow": 1,
    "the day after tomorrow": 2,
}


def with_dates(text: str, said_at: datetime) -> str:
    """``text`` with each relative day followed by its date: "tomorrow" -> "tomorrow (May 9, 2023)".

    Weeks begin on Monday. Months and years are given no more exactly than they were said. "Next
    weekend" and a bare "on Friday" stay as they are: people mean different days by them.
    """
    return _MENTION.sub(lambda mention: _dated(mention, said_at.date()), text)


def day_in_words(day: date) -> str:
    """``May 9, 2023``"""
    return f"{day:%B} {day.day}, {day.year}"


def _dated(mention: re.Match[str], said: date) -> str:
    try:
        meant = _meaning(mention, said)
    except (OverflowError, ValueError):
        meant = None
    return f"{mention.group()} ({meant})" if meant else mention.group()


def _meaning(mention: re.Match[str], said: date) -> str | None:
    if near := mention["near"]:
        return day_in_words(said + timedelta(days=_NEAR[near.lower()]))
    if mention["ago"]:
        return _moved(said, -_number(mention["past"]), mention["past_unit"].lower())
    if mention["ahead"]:
        return _moved(said, _number(mention["future"]), mention["future_unit"].lower())
    return _period(said, mention["which"].lower(), mention["period"].lower())


def _number(count: str) -> int:
    return int(count) if count.isdigit() else _NUMBERS[count.lower()]


def _moved(said: date, count: int, unit: str) -> str:
    day = said + relativedelta(**{f"{unit}s": count})
    return _PRECISION[unit](day)


def _period(said: date, which: str, period: str) -> str | None:
    direction = -1 if which == "last" else 1
    if period in _WEEKDAYS:
        days = (_WEEKDAYS.index(period) - said.weekday()) * direction % 7 or 7
        return day_in_words(said + timedelta(days=days * direction))
    if period == "weekend":
        saturday = said - timedelta(days=(said.weekday() - 5) % 7 or 7)
        return None if direction > 0 else _weekend(saturday, said)
    return _moved(said, direction, period)


def _weekend(saturday: date, said: date) -> str:
    """The weekend before; on a Sunday that is not the one which is still going on."""
    if said.weekday() == 6:
        saturday -= timedelta(days=7)
    return f"the weekend of {day_in_words(saturday)}"


def _week(day: date) -> str:
    return f"the week of {day_in_words(day - timedelta(days=day.weekday()))}"


_PRECISION: dict[str, Callable[[date], str]] = {
    "day": day_in_words,
    "week": _week,
    "month": lambda day: f"{day:%B} {day.year}",
    "year": lambda day: str(day.year),
}
