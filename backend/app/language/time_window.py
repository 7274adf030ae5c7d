"""Spans of time in words: ``7d``, ``2026-01-01/2026-02-01``, "last Tuesday", "in March"."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateparser.date import DateDataParser
from dateutil.relativedelta import relativedelta

_LAST = re.compile(r"(?P<count>\d{1,5})\s*(?P<unit>[hdwmy])", re.IGNORECASE)
_UNITS = {"h": "hours", "d": "days", "w": "weeks", "m": "months", "y": "years"}
_FILLER = re.compile(r"^(?:in|on|at|during|the|last|this past|this)\s+", re.IGNORECASE)
_PERIOD = re.compile(r"(?P<which>last|this|past)\s+(?P<period>week|month|year)", re.IGNORECASE)
_LENGTHS = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "year": relativedelta(years=1),
}

_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)"
)
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_NUMBER = r"(?:\d{1,3}|a|an|one|two|three|four|five|six|seven|eight|nine|ten)"
_MENTION = re.compile(
    rf"""\b(?:
        \d{{4}}-\d{{2}}-\d{{2}}
        | today | yesterday
        | (?:last|this|past)\s+(?:week|month|year|{_DAY})
        | {_NUMBER}\s+(?:day|week|month|year)s?\s+ago
        | (?:on\s+)?{_DAY}
        | (?:on\s+)?{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?
        | (?:on\s+)?(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+\d{{4}})?
        | in\s+{_MONTH}(?:,?\s+\d{{4}})?
        | {_MONTH},?\s+\d{{4}}
        | in\s+(?:19|20)\d{{2}}
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)

Span = tuple[datetime, datetime]


def parse_time_window(text: str, *, now: datetime, timezone: str) -> Span | None:
    """From when until when (exclusive) a window reaches; None when it cannot be understood.

    Words mean days in the person's ``timezone`` and lie in the past: "in March" said in February is
    March of last year.
    """
    local = now.astimezone(ZoneInfo(timezone))
    text = text.strip()
    try:
        span = _count_back(text, local) or _interval(text, local) or _words(text, local)
        return None if span is None else (span[0].astimezone(UTC), span[1].astimezone(UTC))
    except (OverflowError, ValueError):
        return None


def mentioned_time(text: str, *, now: datetime, timezone: str) -> Span | None:
    """The span of time that a question speaks of, the first that can be understood; None without one.

    Example: "what did Ana say last Tuesday about the roof" speaks of last Tuesday.
    """
    spans = (
        parse_time_window(match.group(), now=now, timezone=timezone)
        for match in _MENTION.finditer(text)
    )
    return next((span for span in spans if span is not None), None)


def _count_back(text: str, now: datetime) -> Span | None:
    match = _LAST.fullmatch(text)
    if match is None:
        return None
    back = relativedelta(**{_UNITS[match["unit"].lower()]: int(match["count"])})
    if match["unit"].lower() == "h":
        return now.astimezone(UTC) - back, now
    return now - back, now


def _interval(text: str, now: datetime) -> Span | None:
    """An ISO 8601 interval. A day without a time of day means all of it, so an end is included."""
    since, slash, until = text.partition("/")
    if not slash:
        return None
    begin, end = _iso(since, now), _iso(until, now)
    if _is_day(until):
        end += timedelta(days=1)
    return (begin, end) if begin < end else None


def _iso(text: str, now: datetime) -> datetime:
    moment = datetime.fromisoformat(text.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def _is_day(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()) is not None


def _words(text: str, now: datetime) -> Span | None:
    if match := _PERIOD.fullmatch(
        _FILLER.sub("", text, count=1) if text.lower().startswith("the ") else text
    ):
        return _calendar_period(match["which"].lower(), match["period"].lower(), now)
    parser = DateDataParser(
        languages=["en"],
        settings={
            "RELATIVE_BASE": now.replace(tzinfo=None),
            "PREFER_DATES_FROM": "past",
            "PREFER_DAY_OF_MONTH": "first",
            "PREFER_MONTH_OF_YEAR": "first",
            "RETURN_TIME_AS_PERIOD": True,
        },
    )
    found = parser.get_date_data(_FILLER.sub("", text, count=1))
    if found.date_obj is None:
        return None
    day = found.date_obj.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=now.tzinfo)
    period = found.period if found.period in _LENGTHS else "day"
    if period == "week" or re.search(r"\bago\b", text, re.IGNORECASE):
        period = "day"
    return day, day + _LENGTHS[period]


def _calendar_period(which: str, period: str, now: datetime) -> Span:
    """Weeks begin on Monday."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    begins = {
        "week": today - timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "year": today.replace(month=1, day=1),
    }[period]
    if which != "this":
        begins -= _LENGTHS[period]
    return begins, begins + _LENGTHS[period]
