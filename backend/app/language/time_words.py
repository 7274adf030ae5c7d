"""The English words for a period, and how they are told from the same words in other senses.

"may", "march", "second", "sat" and "sun" are mostly other words: a bare month, year or season is a time
only after a word such as "in" or "since"; "may" and "march" in small letters before a number only after
"on" and the like; short names of weekdays never.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from dateutil.parser import parse

from app.language import periods
from app.language.periods import DAYTIMES, SEASONS, WEEKDAYS, Span

# fmt: off
_MONTHS = {
    "january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4,
    "may": 5, "june": 6, "jun": 6, "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9,
    "sept": 9, "sep": 9, "october": 10, "oct": 10, "november": 11, "nov": 11, "december": 12,
    "dec": 12,
}
_COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "couple": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}
# fmt: on
_PLACES = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
_THIRDS = {"early": 0, "beginning": 0, "start": 0, "mid": 1, "middle": 1, "late": 2, "end": 2}


def _any(words: Mapping[str, object] | tuple[str, ...]) -> str:
    return f"(?:{'|'.join(words)})"


_MONTH = rf"{_any(_MONTHS)}\b\.?"
_CLEAR_MONTH = (
    rf"(?:{_any(tuple(name for name in _MONTHS if name not in {'may', 'march'}))}\b\.?"
    r"|(?-i:May|MAY|March|MARCH)\b)"
)
_YEAR = r"(?:19|20)\d\d\b"
_MAYBE_YEAR = rf"(?:,?\s+(?:of\s+)?(?P<year>{_YEAR}))?"
_NUMBER = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?\b"
_NTH_OF = rf"(?:the\s+{_NUMBER}(?:\s+of)?|{_NUMBER}|(?:3[01]|[12]\d|[1-9])(?:st|nd|rd|th)\s+of)"
COUNT = rf"(?:\d{{1,4}}|a\s+couple\s+of|{_any(_COUNTS)})"
_COUNT = rf"(?P<count>{COUNT})"
_PART = rf"(?P<part>{_any(DAYTIMES)})\b"
_WHICH = r"(?P<which>last|this|past)"
_SEASON = rf"(?P<season>{_any(SEASONS)})\b"
_PRONOUN = r"(?:i|we|you|he|she|it|they)\b"
_UNIT = r"(?P<unit>minute|hour|day|week|month|quarter|year)"
_WHOLE = rf"(?P<whole>{_MONTH}(?:,?\s+{_YEAR})?|(?:last|this)\s+(?:month|year)|{_YEAR})"

Said = Mapping[str, str]
Reading = Callable[[Said, datetime], Span]


def period(text: str, now: datetime) -> Span | None:
    """The period that all of ``text`` names, in the time zone of ``now``; None if it names none.

    Raises:
        ValueError, OverflowError: there is no such day, or it is beyond what a date can say.
    """
    for pattern, read in _READINGS:
        if match := pattern.fullmatch(text):
            said = {name: (words or "").lower() for name, words in match.groupdict().items()}
            return read({**said, "all": text.lower()}, now)
    return None


def _date(said: Said, now: datetime) -> Span:
    text = re.sub(r"\b(?:the|of)\b", " ", said["all"])
    if said["year"]:
        return periods.day(parse(text, default=periods.midnight(now)))
    return periods.day(periods.date(text, now))


def _near_day(said: Said, now: datetime) -> Span:
    """Today or a day just gone; the night belongs to the day on which it begins."""
    is_gone = said["all"].startswith(("yesterday", "last"))
    back = 2 if said["all"].startswith("the") else int(is_gone)
    part = "night" if said["all"].endswith("night") else said.get("part", "")
    return periods.day(periods.midnight(now) - timedelta(days=back), part=part)


def _weekday(said: Said, now: datetime) -> Span:
    begin = periods.weekday(said["day"], now, this_week=said["which"] == "this")
    return periods.day(begin, part=said["part"])


def _weekend(said: Said, now: datetime) -> Span:
    return periods.weekend(now, is_over=said["which"] == "last")


def _unit(said: Said, now: datetime) -> Span:
    return periods.unit(said["unit"], now, back=int(said["which"] != "this"))


def _until_now(said: Said, now: datetime) -> Span:
    return periods.until_now(count(said.get("count", "one")), said["unit"], now)


def _ago(said: Said, now: datetime) -> Span:
    return periods.ago(count(said["count"]), said["unit"], now)


def count(words: str) -> int:
    """Five of "5" or "five"."""
    word = words.removeprefix("a ").split()[0]
    return int(word) if word.isdigit() else _COUNTS[word]


def _month(said: Said, now: datetime) -> Span:
    return periods.months(_MONTHS[said["month"].rstrip(".")], 1, now, year=said.get("year", ""))


def _week_of_month(said: Said, now: datetime) -> Span:
    return periods.week_of(_month(said, now), _PLACES[said["place"]])


def _season(said: Said, now: datetime) -> Span:
    """A winter belongs to the year in which it begins; the last season is one that is over."""
    first, is_over = SEASONS[said["season"]], said.get("which") == "last"
    return periods.months(first, 3, now, year=said.get("year", ""), is_over=is_over)


def _quarter(said: Said, now: datetime) -> Span:
    return periods.months(int(said["quarter"]) * 3 - 2, 3, now, year=said["year"])


def _year(said: Said, now: datetime) -> Span:
    return periods.months(1, 12, now, year=said["year"])


def _third(said: Said, now: datetime) -> Span:
    whole = period(said["whole"], now)
    if whole is None:
        raise ValueError(f"{said['whole']} is no period")
    return periods.third_of(whole, _THIRDS[said["third"]])


# Times wherever they stand.
_CLEAR: tuple[tuple[str, Reading], ...] = (
    (r"(?P<year>\d{4})-\d{2}-\d{2}", _date),
    (rf"(?:the\s+day\s+before\s+)?yesterday(?:\s+{_PART})?", _near_day),
    (rf"today|tonight|last\s+night|this\s+{_PART}", _near_day),
    (rf"(?:{_WHICH}\s+)?(?P<day>{_any(WEEKDAYS)})\b(?:\s+{_PART})?", _weekday),
    (r"(?P<which>last|this|past|the)\s+weekend", _weekend),
    (rf"(?:in|over|within)\s+the\s+(?:last|past)\s+{_UNIT}(?!\s+of\b)", _until_now),
    (rf"(?:last|past)\s+{_COUNT}\s+{_UNIT}s?", _until_now),
    (rf"{_WHICH}\s+(?P<unit>week|month|quarter|year)\b(?!\s+of\b)", _unit),
    (rf"{_COUNT}\s+{_UNIT}s?\s+ago", _ago),
    (rf"{_CLEAR_MONTH}\s+{_NUMBER}{_MAYBE_YEAR}", _date),
    (rf"{_NTH_OF}\s+{_CLEAR_MONTH}{_MAYBE_YEAR}", _date),
    (rf"(?P<month>{_MONTH}),?\s+(?:of\s+)?(?P<year>{_YEAR})", _month),
    (rf"{_WHICH}\s+(?P<month>{_CLEAR_MONTH})", _month),
    (
        rf"(?:the\s+)?(?P<place>{_any(_PLACES)})\s+week\s+(?:of|in)\s+(?P<month>{_MONTH})"
        rf"{_MAYBE_YEAR}",
        _week_of_month,
    ),
    (
        r"(?:the\s+)?(?P<third>beginning|start|middle|end|early|mid|late)"
        rf"(?:\s+(?:of|in)\s+(?:the\s+)?|[\s-]+){_WHOLE}",
        _third,
    ),
    (rf"{_WHICH}\s+{_SEASON}", _season),
    (rf"(?:the\s+)?{_SEASON}\s+(?:of\s+)?(?P<year>{_YEAR})", _season),
    (rf"Q(?P<quarter>[1-4])\s+(?:of\s+)?(?P<year>{_YEAR})", _quarter),
)
# Times only after a word that asks for one.
_BARE: tuple[tuple[str, Reading], ...] = (
    (rf"(?!(?-i:may)\s+{_PRONOUN})(?P<month>{_MONTH})", _month),
    (rf"(?P<year>{_YEAR})", _year),
    (rf"(?:the\s+)?{_SEASON}", _season),
    (r"Q(?P<quarter>[1-4])\b(?P<year>)", _quarter),
)
# Dates to which "on" and the like are enough, whatever the letters of their month.
_DATED: tuple[tuple[str, Reading], ...] = (
    (rf"{_MONTH}\s+{_NUMBER}{_MAYBE_YEAR}", _date),
    (rf"{_NTH_OF}\s+{_MONTH}{_MAYBE_YEAR}", _date),
)
_READINGS = tuple(
    (re.compile(pattern, re.IGNORECASE), read) for pattern, read in (*_CLEAR, *_DATED, *_BARE)
)


def _either(readings: tuple[tuple[str, Reading], ...]) -> str:
    """All these patterns as one, without the names of their groups."""
    joined = "|".join(f"(?:{pattern})" for pattern, _ in readings)
    return f"(?:{re.sub(r'[?]P<[a-z]+>', '?:', joined)})\\b"


CLEAR = _either(_CLEAR)
DATED = _either((*_CLEAR, *_DATED))
BARE = _either((*_CLEAR, *_DATED, *_BARE))
