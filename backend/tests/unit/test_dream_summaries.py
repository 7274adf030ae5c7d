"""A day by topic, in its own sentences, with its dates."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dream import coverage
from app.dream.dates import with_dates
from app.dream.group import conversations, group
from app.dream.material import DayTrace
from app.dream.sentences import sentences_of, split, word_count
from app.dream.summarise import FEWEST_WORDS, Summary, budget_of, summarise, summarise_period
from app.language.words import Words

ENGLISH = Words("english")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # a Tuesday
DAY = date(2026, 11, 24)

ROOF = (
    "The roof over the kitchen leaks since the storm.",
    "A roofer named Halvard looked at the roof and wants 900 euros.",
    "I decided to let him repair the roof.",
)
CHOIR = (
    "Our choir sang a requiem in the old brewery.",
    "The choir director praised the sopranos.",
    "I'm going to sing the alto part in the choir tomorrow.",
)
AXES = {"roof": 0, "choir": 1}


def said(
    at: int, content: str, *, role: str = "user", axis: int | None = 0, talk: str | None = "c"
) -> DayTrace:
    """The trace of the ``at``-th minute; ``axis`` is where its vector points."""
    vector = None if axis is None else np.eye(8, dtype=np.float32)[axis]
    moment = NOON + timedelta(minutes=at)
    return DayTrace(UUID(int=at + 1), role, content, moment, 0.5, talk, vector)


def a_day() -> list[DayTrace]:
    about = [(text, AXES["roof"]) for text in ROOF] + [(text, AXES["choir"]) for text in CHOIR]
    return [said(at, text, axis=axis) for at, (text, axis) in enumerate(about)]


def summary_of(traces: Sequence[DayTrace], *, share: float = 0.6) -> Summary:
    return summarise(group(traces, words=ENGLISH), words=ENGLISH, day=DAY, share=share)


TRACES = st.lists(
    st.builds(
        said,
        st.integers(0, 600),
        st.text(max_size=80),
        role=st.sampled_from(["user", "assistant"]),
        axis=st.none() | st.integers(0, 7),
        talk=st.none() | st.sampled_from(["a", "b"]),
    ),
    max_size=12,
    unique_by=lambda trace: trace.trace_id,
)


class TestGroups:
    def test_a_pause_of_more_than_thirty_minutes_ends_a_conversation(self) -> None:
        traces = [said(at, "x", talk=None) for at in (0, 30, 61)]
        assert [len(talk) for talk in conversations(traces)] == [2, 1]

    def test_an_id_holds_a_conversation_together_over_any_pause(self) -> None:
        traces = [said(0, "x", talk="a"), said(5, "x", talk="b"), said(500, "x", talk="a")]
        assert [len(talk) for talk in conversations(traces)] == [2, 1]

    def test_what_is_alike_is_one_topic_and_named_after_what_it_shares(self) -> None:
        topics = group(a_day(), words=ENGLISH)
        assert [topic.label for topic in topics] == ["roof", "choir"]
        assert [len(topic.traces) for topic in topics] == [3, 3]

    def test_one_topic_may_come_up_in_two_conversations(self) -> None:
        morning = [said(at, text, talk="a") for at, text in enumerate(ROOF)]
        evening = [said(at + 400, text, talk="b") for at, text in enumerate(ROOF)]
        assert len(group([*morning, *evening], words=ENGLISH)) == 1

    def test_a_trace_without_a_vector_stays_with_its_neighbours(self) -> None:
        traces = [*a_day(), said(6, "Ok, see you.", axis=None)]
        choir = next(t for t in group(traces, words=ENGLISH) if t.label == "choir")
        assert "Ok, see you." in [trace.content for trace in choir.traces]

    @given(TRACES)
    def test_every_trace_is_in_exactly_one_topic(self, traces: list[DayTrace]) -> None:
        grouped = [t.trace_id for topic in group(traces, words=ENGLISH) for t in topic.traces]
        assert sorted(grouped) == sorted(trace.trace_id for trace in traces)

    @given(TRACES, st.randoms())
    def test_the_order_in_which_traces_are_given_does_not_matter(
        self, traces: list[DayTrace], random: Random
    ) -> None:
        shuffled = random.sample(traces, len(traces))
        assert group(shuffled, words=ENGLISH) == group(traces, words=ENGLISH)


class TestSentences:
    def test_a_text_is_split_into_whole_sentences(self) -> None:
        text = "Dr. Lund called at 3.30 p.m. today. She is fine!\n- **Bring** the X-rays"
        assert list(split(text)) == [
            "Dr. Lund called at 3.30 p.m. today.",
            "She is fine!",
            "Bring the X-rays",
        ]

    def test_code_is_not_prose(self) -> None:
        assert list(split("Try this:\n```\nimport os\nprint(1)\n```\nIt works.")) == [
            "Try this:",
            "It works.",
        ]

    @given(st.text(max_size=300))
    def test_no_sentence_says_what_the_text_does_not(self, text: str) -> None:
        for sentence in split(text):
            assert all(word in text for word in re.findall(r"[^\W_]+", sentence))


class TestDates:
    @pytest.mark.parametrize(
        ("text", "dated"),
        [
            ("I leave tomorrow.", "I leave tomorrow (November 25, 2026)."),
            ("Yesterday it rained.", "Yesterday (November 23, 2026) it rained."),
            ("We met last Friday", "We met last Friday (November 20, 2026)"),
            ("next Tuesday at nine", "next Tuesday (December 1, 2026) at nine"),
            ("two weeks ago", "two weeks ago (the week of November 9, 2026)"),
            ("in 3 days", "in 3 days (November 27, 2026)"),
            ("next month", "next month (December 2026)"),
            ("a year ago", "a year ago (2025)"),
            ("last weekend", "last weekend (the weekend of November 21, 2026)"),
            ("see you on Friday next weekend", "see you on Friday next weekend"),
            ("tomorrow (maybe)", "tomorrow (maybe)"),
        ],
    )
    def test_a_relative_day_is_followed_by_its_date(self, text: str, dated: str) -> None:
        assert with_dates(text, NOON) == dated

    def test_a_date_beyond_the_calendar_is_left_out(self) -> None:
        assert with_dates("999 years ago", NOON.replace(year=900)) == "999 years ago"

    @given(st.text(max_size=200), st.datetimes(timezones=st.just(UTC)))
    def test_nothing_but_dates_is_added_and_only_once(self, text: str, at: datetime) -> None:
        once = with_dates(text, at)
        assert with_dates(once, at) == once


class TestChoice:
    @given(TRACES, st.integers(0, 60))
    def test_a_choice_keeps_the_budget_and_the_order(
        self, traces: list[DayTrace], budget: int
    ) -> None:
        sentences = sentences_of(traces, ENGLISH)
        value = dict.fromkeys(range(len(sentences)), 1.0)
        chosen = coverage.choose(sentences, budget=budget, value=value)
        assert sum(sentence.length for sentence in chosen) <= budget
        assert [s.position for s in chosen] == sorted({s.position for s in chosen})

    def test_the_same_again_is_worth_less_than_something_new(self) -> None:
        traces = [
            said(0, "The roof leaks badly over the kitchen."),
            said(1, "The kitchen roof leaks very badly."),
            said(2, "Halvard plays the accordion on Sundays."),
        ]
        sentences = sentences_of(traces, ENGLISH)
        chosen = coverage.choose(sentences, budget=13, value=dict.fromkeys(range(3), 1.0))
        assert len(chosen) == 2
        assert chosen[-1].text.startswith("Halvard")


class TestSummaries:
    def test_a_day_has_a_section_for_each_topic_and_for_decisions_and_plans(self) -> None:
        lines = summary_of(a_day(), share=1.5).text.splitlines()
        assert lines[0] == "Tuesday, November 24, 2026"
        assert [line.partition(":")[0] for line in lines[1:]][:4] == [
            "roof",
            "choir",
            "Decisions",
            "Plans",
        ]
        assert "Decisions: I decided to let him repair the roof." in lines
        assert any("choir tomorrow (November 25, 2026)." in line for line in lines)

    def test_a_section_without_sentences_is_left_out(self) -> None:
        text = summary_of([said(at, text) for at, text in enumerate(ROOF[:2])], share=1.5).text
        assert "Plans" not in text
        assert "Decisions" not in text

    def test_a_question_is_open_only_when_nothing_follows_it(self) -> None:
        asked = said(7, "Which tiles does the roof need this year?")
        assert "Open questions: Which tiles" in summary_of([*a_day(), asked], share=2).text
        answered = [*a_day(), asked, said(8, "Clay tiles suit the roof, said the roofer.")]
        assert "Open questions" not in summary_of(answered, share=2).text

    def test_who_speaks_is_said_where_both_do(self) -> None:
        traces = [*a_day(), said(9, "Slate would last longer on that roof.", role="assistant")]
        assert (
            "Assistant: Slate would last longer on that roof." in summary_of(traces, share=2).text
        )
        assert "User: " not in summary_of(a_day(), share=2).text

    def test_small_talk_and_greetings_are_left_out(self) -> None:
        chatter = [said(20 + at, text) for at, text in enumerate(["Hey, hello!", "Wow, great!"])]
        assert "great" not in summary_of([*a_day(), *chatter], share=0.7).text

    def test_a_day_that_says_nothing_has_no_summary(self) -> None:
        assert summary_of([said(0, "..."), said(1, "ok")]) == Summary("", ())
        assert summary_of([]) == Summary("", ())

    @given(TRACES, st.floats(0.1, 1))
    def test_a_summary_quotes_its_sources_and_keeps_to_its_length(
        self, traces: list[DayTrace], share: float
    ) -> None:
        summary = summary_of(traces, share=share)
        contents = {trace.trace_id: trace.content for trace in traces}
        assert set(summary.sources) <= contents.keys()
        assert bool(summary.text) == bool(summary.sources)
        longest = max((s.length for s in sentences_of(traces, ENGLISH)), default=0)
        assert word_count(summary.text) <= max(budget_of(traces, share), FEWEST_WORDS + longest)

    def test_a_week_is_made_of_its_days(self) -> None:
        days = [
            DayTrace(
                UUID(int=number),
                "summary",
                f"{weekday}, November {22 + number}, 2026\nroof: {ROOF[number]}\nPeople and things: Bo",
                NOON + timedelta(days=number),
                0.5,
                None,
                None,
            )
            for number, weekday in enumerate(["Sunday", "Monday", "Tuesday"])
        ]
        week = summarise_period(days, words=ENGLISH, title="Week 48 of 2026", share=1.5)
        assert week.text.splitlines()[0] == "Week 48 of 2026"
        assert f"Monday, November 23, 2026: {ROOF[1]}" in week.text.splitlines()
        assert "People and things" not in week.text
        assert week.sources == tuple(day.trace_id for day in days)
