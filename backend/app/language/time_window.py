"""Spans of time: ``7d``, ``2026-01-01/2026-02-01``, "last Tuesday", "before my trip on May 5"."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateparser.date import DateDataParser
from dateutil.relativedelta import relativedelta

from app.language import periods
from app.language.time_words import BARE, CLEAR, COUNT, DATED, count, period

Span = periods.Span

# Where a span is open, it reaches to the ends of what every store and time zone can say.
BEGINNING = datetime(1, 1, 2, tzinfo=UTC)
END = datetime(9999, 12, 30, tzinfo=UTC)

_LAST = re.compile(r"(?P<count>\d{1,5})\s*(?P<unit>[hdwmy])", re.IGNORECASE)
_LAST_OF = re.compile(rf"(?P<count>{COUNT})\s+(?P<unit>hour|day|week|month|year)s?", re.IGNORECASE)
_UNITS = {"h": "hours", "d": "days", "w": "weeks", "m": "months", "y": "years"}

_IN = r"(?:in|during|throughout|around)\s+"
_ON = r"(?:on|at|over|for|from)\s+"
_OPENS = r"(?:before|after|since|until|till|prior\s+to|up\s+to)\s+"
_EVENT = r"(?:(?!(?:and|or|but|before|after|since|until)\b)[\w'’:-]+\s+){1,8}?"
_TIMED_EVENT = rf"{_EVENT}(?:(?:in|during)\s+(?:{BARE})|on\s+(?:{DATED})|{CLEAR})"
_STRETCH = (
    rf"(?:the\s+(?:{COUNT}\s+)?|{COUNT}\s+)(?:day|week|month|year)s?\s+(?:before|after)\s+"
    rf"(?:{_EVENT}(?:on\s+)?)?{DATED}"
)
_NEAR = rf"{CLEAR}\s+before\s+{DATED}"
_COUNTED = re.compile(
    rf"(?:the\s+)?(?P<count>{COUNT})?\s*(?P<unit>day|week|month|year)s?\s+(?P<side>before|after)\s+"
    rf"(?:.*?\b(?:on\s+)?)(?P<then>{DATED})",
    re.IGNORECASE,
)
_SEEN_FROM = re.compile(rf"(?P<near>{CLEAR})\s+before\s+(?P<then>{DATED})", re.IGNORECASE)
_RANGE = re.compile(
    rf"(?:between\s+(?P<since>{BARE})\s+and|from\s+(?P<from>{BARE})\s+(?:to|until|till|through))"
    rf"\s+(?P<until>{BARE})",
    re.IGNORECASE,
)
_ONE_SIDE = re.compile(
    rf"(?P<side>{_OPENS})(?P<event>.*?)(?:\b(?:in|on|during)\s+)?(?P<then>{BARE})", re.IGNORECASE
)
_MENTION = re.compile(
    rf"\b(?:between\s+{BARE}\s+and\s+{BARE}|from\s+{BARE}\s+(?:to|until|till|through)\s+{BARE}"
    rf"|{_STRETCH}|{_NEAR}|{_OPENS}(?:{BARE}|{_TIMED_EVENT})|{_IN}{BARE}|{_ON}{DATED}|{CLEAR})",
    re.IGNORECASE,
)
_LEAD = re.compile(rf"^(?:{_IN}|{_ON})", re.IGNORECASE)
_THE = re.compile(r"^the\s+", re.IGNORECASE)
# What is before or after one of these is still on the same day.
_WITHIN_A_DAY = re.compile(
    r"\b(?:breakfast|lunch|dinner|supper|noon|work|school|bed|class|\d+\s*[ap]m|\d+:\d\d|o['’]clock)\b",
    re.IGNORECASE,
)
# What is still to come, or comes again and again, is no time in the past.
_NOT_PAST = re.compile(r"\b(?:next|every|each|any|most|coming|following|an?)\s+$", re.IGNORECASE)
# dateparser would take "a" for January and "10" for October: it is asked about whole dates only.
_WRITTEN_DATE = re.compile(
    r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|(?=.*\d)(?=.*[a-z]{3})[\w\s,.:]{1,40}", re.IGNORECASE
)
_ISO_INTERVAL = re.compile(r"(\d{4}-[^/]+)/(\d{4}-[^/]+)")


def parse_time_window(text: str, *, now: datetime, timezone: str) -> Span | None:
    """From when until when (exclusive) a window reaches; None when it cannot be understood.

    Words mean days in the person's ``timezone`` and lie in the past: "in March" said in February is
    March of last year. "before" ends where its day begins, "after" begins where it ends, "since" and
    "until" include it; the other side is open (``BEGINNING``, ``END``).
    """
    local = now.astimezone(ZoneInfo(timezone))
    text = " ".join(text.split())
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
        if not _NOT_PAST.search(text[max(0, match.start() - 12) : match.start()])
    )
    return next((span for span in spans if span is not None), None)


def _count_back(text: str, now: datetime) -> Span | None:
    if match := _LAST_OF.fullmatch(text):
        return periods.until_now(count(match["count"].lower()), match["unit"].lower(), now)
    match = _LAST.fullmatch(text)
    if match is None:
        return None
    back = relativedelta(**{_UNITS[match["unit"].lower()]: int(match["count"])})
    if match["unit"].lower() == "h":
        return now.astimezone(UTC) - back, now
    return now - back, now


def _interval(text: str, now: datetime) -> Span | None:
    """An ISO 8601 interval. A day without a time of day means all of it, so an end is included."""
    match = _ISO_INTERVAL.fullmatch(text)
    if match is None:
        return None
    begin, end = _iso(match[1], now), _iso(match[2], now)
    if _is_day(match[2]):
        end += timedelta(days=1)
    return (begin, end) if begin < end else None


def _iso(text: str, now: datetime) -> datetime:
    moment = datetime.fromisoformat(text.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def _is_day(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()) is not None


def _words(text: str, now: datetime) -> Span | None:
    led = _LEAD.sub("", text)
    if span := period(text, now) or period(led, now) or period(_THE.sub("", led), now):
        return span
    if match := _COUNTED.fullmatch(led):
        return _stretch(match, now)
    if match := _SEEN_FROM.fullmatch(led):
        then = period(match["then"], now)
        return None if then is None else period(match["near"], then[0])
    if match := _RANGE.fullmatch(text):
        return _between(match["since"] or match["from"], match["until"], now)
    if match := _ONE_SIDE.fullmatch(text):
        return _one_side(match, now)
    return _date(text, now)


def _stretch(match: re.Match[str], now: datetime) -> Span | None:
    """The weeks before (or after) a day, and the day itself, on which one may have told of them."""
    then = period(match["then"], now)
    if then is None:
        return None
    length = relativedelta(
        **{f"{match['unit'].lower()}s": count((match["count"] or "one").lower())}
    )
    is_before = match["side"].lower() == "before"
    return (then[0] - length, then[1]) if is_before else (then[0], then[1] + length)


def _between(since: str, until: str, now: datetime) -> Span | None:
    """Both ends included. "between November and February": the one before the other."""
    end = period(until, now)
    begin = period(since, now)
    if begin is not None and end is not None and begin[0] > end[0]:
        begin = period(since, end[1])
    return None if begin is None or end is None or begin[0] > end[0] else (begin[0], end[1])


def _one_side(match: re.Match[str], now: datetime) -> Span | None:
    """Open before or after a time. Of an event "in March" one does not know when in March it was."""
    then, side = period(match["then"], now), match["side"].lower()
    if then is None or _WITHIN_A_DAY.search(match["event"]):
        return then
    is_somewhere_in_it = bool(match["event"]) and then[1] - then[0] > timedelta(days=7)
    if side.startswith(("before", "prior")):
        return BEGINNING, then[1] if is_somewhere_in_it else then[0]
    if side.startswith("after"):
        return then[0] if is_somewhere_in_it else then[1], END
    return (then[0], END) if side.startswith("since") else (BEGINNING, then[1])


def _date(text: str, now: datetime) -> Span | None:
    """A date as people write it in numbers."""
    if not _WRITTEN_DATE.fullmatch(text):
        return None
    settings = {
        "RELATIVE_BASE": now.replace(tzinfo=None),
        "PREFER_DATES_FROM": "past",
        "REQUIRE_PARTS": ["day", "month"],
        "PARSERS": ["absolute-time"],  # "7 days" and "the 90s" are no dates
    }
    found = DateDataParser(languages=["en"], settings=settings).get_date_data(text).date_obj
    return (
        None if found is None else periods.day(periods.midnight(found.replace(tzinfo=now.tzinfo)))
    )
