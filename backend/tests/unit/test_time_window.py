"""Words about time: the spans they mean, and what only looks like them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.language.time_window import BEGINNING, END, mentioned_time, parse_time_window

NEW_YORK = "America/New_York"
NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # noon of a Monday in New York
OPEN = "open"

WINDOWS = {
    "7d": ("2026-11-16T12:00", "2026-11-23T12:00"),
    "12h": ("2026-11-23T00:00", "2026-11-23T12:00"),
    "2w": ("2026-11-09T12:00", "2026-11-23T12:00"),
    "7 days": ("2026-11-16T12:00", "2026-11-23T12:00"),
    "Two weeks": ("2026-11-09T12:00", "2026-11-23T12:00"),
    "12 hours": ("2026-11-23T00:00", "2026-11-23T12:00"),
    "2026-01-01/2026-02-01": ("2026-01-01", "2026-02-02"),
    "2026-01-01T10:00Z/2026-01-01T11:00Z": ("2026-01-01T05:00", "2026-01-01T06:00"),
    "today": ("2026-11-23", "2026-11-24"),
    "yesterday": ("2026-11-22", "2026-11-23"),
    "the day before yesterday": ("2026-11-21", "2026-11-22"),
    "this morning": ("2026-11-23T05:00", "2026-11-23T12:00"),
    "yesterday afternoon": ("2026-11-22T12:00", "2026-11-22T18:00"),
    "last night": ("2026-11-22T18:00", "2026-11-23T06:00"),
    "last Tuesday": ("2026-11-17", "2026-11-18"),
    "on Friday evening": ("2026-11-20T17:00", "2026-11-21"),
    "Monday": ("2026-11-16", "2026-11-17"),
    "this Friday": ("2026-11-27", "2026-11-28"),
    "last weekend": ("2026-11-21", "2026-11-23"),
    "at the weekend": ("2026-11-21", "2026-11-23"),
    "last week": ("2026-11-16", "2026-11-23"),
    "this week": ("2026-11-23", "2026-11-30"),
    "in the last week": ("2026-11-16T12:00", "2026-11-23T12:00"),
    "the last two weeks": ("2026-11-09T12:00", "2026-11-23T12:00"),
    "last month": ("2026-10-01", "2026-11-01"),
    "last quarter": ("2026-07-01", "2026-10-01"),
    "last year": ("2025-01-01", "2026-01-01"),
    "an hour ago": ("2026-11-23T10:30", "2026-11-23T11:30"),
    "3 days ago": ("2026-11-20", "2026-11-21"),
    "a couple of days ago": ("2026-11-21", "2026-11-22"),
    "two weeks ago": ("2026-11-06", "2026-11-13"),
    "two months ago": ("2026-09-01", "2026-10-01"),
    "three years ago": ("2023-01-01", "2024-01-01"),
    "in March": ("2026-03-01", "2026-04-01"),
    "in December": ("2025-12-01", "2026-01-01"),
    "in may": ("2026-05-01", "2026-06-01"),
    "March 2024": ("2024-03-01", "2024-04-01"),
    "early March": ("2026-03-01", "2026-03-11"),
    "mid-April": ("2026-04-11", "2026-04-21"),
    "the end of last month": ("2026-10-21", "2026-11-01"),
    "the first week of May": ("2026-05-01", "2026-05-08"),
    "last week of February 2024": ("2024-02-23", "2024-03-01"),
    "last summer": ("2026-06-01", "2026-09-01"),
    "last winter": ("2025-12-01", "2026-03-01"),
    "last fall": ("2025-09-01", "2025-12-01"),
    "in the summer of 2023": ("2023-06-01", "2023-09-01"),
    "Q1": ("2026-01-01", "2026-04-01"),
    "Q4 2024": ("2024-10-01", "2025-01-01"),
    "in 2023": ("2023-01-01", "2024-01-01"),
    "2025": ("2025-01-01", "2026-01-01"),
    "May 5": ("2026-05-05", "2026-05-06"),
    "on the 5th of May, 2024": ("2024-05-05", "2024-05-06"),
    "December 24": ("2025-12-24", "2025-12-25"),
    "Feb 29": ("2024-02-29", "2024-03-01"),
    "2026-05-05": ("2026-05-05", "2026-05-06"),
    "05/24/2025": ("2025-05-24", "2025-05-25"),
    "before May 5": (OPEN, "2026-05-05"),
    "before my birthday trip on May 5": (OPEN, "2026-05-05"),
    "after May 5": ("2026-05-06", OPEN),
    "since May 5": ("2026-05-05", OPEN),
    "since last summer": ("2026-06-01", OPEN),
    "until May 5": (OPEN, "2026-05-06"),
    "after we moved in March": ("2026-03-01", OPEN),
    "before our trip in March": (OPEN, "2026-04-01"),
    "the week before May 5": ("2026-04-28", "2026-05-06"),
    "two weeks before my trip on May 5": ("2026-04-21", "2026-05-06"),
    "the day after May 5": ("2026-05-05", "2026-05-07"),
    "last weekend before May 5": ("2026-05-02", "2026-05-04"),
    "before dinner on Friday": ("2026-11-20", "2026-11-21"),
    "between May 5 and May 7": ("2026-05-05", "2026-05-08"),
    "from Monday to Wednesday": ("2026-11-16", "2026-11-19"),
    "between November and February": ("2025-11-01", "2026-03-01"),
    "between March and June 2024": ("2024-03-01", "2024-07-01"),
}

QUESTIONS = {
    "What did Ana say last Tuesday about the roof?": "2026-11-17",
    "Where did we eat two weeks ago?": "2026-11-06",
    "Who visited in March?": "2026-03-01",
    "What happened on may 5 at work?": "2026-05-05",
    "What happened on May 5, 2023 at work?": "2023-05-05",
    "What did I plan before my trip on 7 June?": OPEN,
    "What did I eat before dinner on Friday?": "2026-11-20",
    "What changed after the meeting on 3 June 2026?": "2026-06-04",
    "How have I slept since we moved in March?": "2026-03-01",
    "What did I read in 2025?": "2025-01-01",
    "What did I do at the weekend?": "2026-11-21",
    "Where was I in the summer of 2023?": "2023-06-01",
    "What was decided in Q1?": "2026-01-01",
}

NO_TIMES = [
    "May I have tea?",
    "It may 5 times out of 6.",
    "This may be wrong.",
    "What was there before may I ask?",
    "Did the march end?",
    "Did the last march end?",
    "Where in the march did we sing?",
    "Did I march 10 miles?",
    "Who is April?",
    "What is in chapter 12 of June's book?",
    "Wait a second.",
    "What is the second of the books?",
    "Where have I last sat?",
    "Who sat in the sun on the deck?",
    "When did I last sun myself?",
    "Did I fall? Is spring cleaning done?",
    "What do I do next Friday?",
    "What do I do every Monday?",
    "How is a Sunday roast made?",
]

# fmt: off
NONSENSE = [
    "banana", "", "a", "10", "noon", "sat", "second", "next week", "before banana", "99999y",
    "2026-02-01/2026-01-01", "a/b", "2026-13-45", "9999 years ago", "between May and banana",
    "in the 90s", "in the 1990s",
]
VOCABULARY = [
    "before", "after", "since", "between", "and", "from", "to", "in", "on", "the", "last", "may",
    "march", "5", "31", "2024", "May", "Feb", "29", "week", "of", "ago", "two", "first", "summer",
    "weekend", "Friday", "morning", "Q1", "my", "trip", "next",
]
# fmt: on


def moment(text: str, *, when_open: datetime) -> datetime:
    if text == OPEN:
        return when_open
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(NEW_YORK))


@pytest.mark.parametrize("words", WINDOWS)
def test_words_mean_the_persons_own_days(words: str) -> None:
    since, until = WINDOWS[words]
    found = parse_time_window(words, now=NOW, timezone=NEW_YORK)
    assert found == (moment(since, when_open=BEGINNING), moment(until, when_open=END))


@pytest.mark.parametrize("words", NONSENSE)
def test_nonsense_is_not_guessed_at(words: str) -> None:
    assert parse_time_window(words, now=NOW, timezone="Europe/Lisbon") is None


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_may_speak_of_a_time(question: str) -> None:
    found = mentioned_time(question, now=NOW, timezone=NEW_YORK)
    assert found is not None
    assert found[0] == moment(QUESTIONS[question], when_open=BEGINNING)


@pytest.mark.parametrize("question", NO_TIMES)
def test_the_same_words_in_another_sense_are_no_time(question: str) -> None:
    assert mentioned_time(question, now=NOW, timezone="UTC") is None


def test_a_weekend_that_is_not_over_is_not_the_last_one() -> None:
    sunday = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
    last = parse_time_window("last weekend", now=sunday, timezone="UTC")
    this = parse_time_window("this weekend", now=sunday, timezone="UTC")
    assert last == (datetime(2026, 11, 14, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC))
    assert this == (datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC))


def test_a_day_is_as_long_as_the_clocks_of_its_zone_say() -> None:
    """On 1 November 2026 New York sets them back an hour."""
    since, until = parse_time_window("Nov 1", now=NOW, timezone=NEW_YORK) or (NOW, NOW)
    assert (until - since).total_seconds() == 25 * 3600


@given(
    st.lists(
        st.sampled_from(VOCABULARY),
        max_size=12,
    ).map(" ".join)
    | st.text(max_size=40)
)
def test_whatever_is_said_gives_a_span_in_order_or_none(text: str) -> None:
    for read in (parse_time_window, mentioned_time):
        span = read(text, now=NOW, timezone=NEW_YORK)
        assert span is None or BEGINNING <= span[0] < span[1] <= END
