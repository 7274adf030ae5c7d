"""Patterns across days: what is noticed, what is not, and in which order it is told."""

from datetime import date, timedelta
from uuid import UUID

from app.dream.insights import (
    MOST_A_WEEK,
    Insight,
    KnownPerson,
    Saying,
    TopicDay,
    Verdicts,
    absent_people,
    choose,
    open_plans,
    returning_topics,
)

TODAY = date(2026, 6, 30)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def topic(label: str, *days: int) -> list[TopicDay]:
    return [TopicDay(label, ago(n), (UUID(int=n), UUID(int=100 + n))) for n in days]


def saying(days: int, content: str, *terms: str) -> Saying:
    return Saying(UUID(int=days), ago(days), content, frozenset(terms))


def insight(kind: str = "open_plan", key: str = "k", strength: float = 0.5) -> Insight:
    return Insight(kind, key, "…", (), strength)  # type: ignore[arg-type]  # any kind will do


def test_a_topic_of_three_days_returns_with_all_its_evidence() -> None:
    (found,) = returning_topics(topic("greenhouse roof", 0, 9, 20), today=TODAY)
    assert found.text == "“greenhouse roof” has come up on 3 days since June 10, 2026."
    assert set(found.evidence) == {UUID(int=n) for n in (0, 9, 20, 100, 109, 120)}


def test_a_topic_does_not_return_on_a_day_without_it_nor_after_too_long() -> None:
    assert returning_topics(topic("roof", 1, 9, 20), today=TODAY) == []
    assert returning_topics(topic("roof", 0, 9, 60), today=TODAY) == []
    assert returning_topics(topic("roof", 0, 0, 0), today=TODAY) == []


def test_a_plan_of_which_nothing_was_heard_is_open() -> None:
    plan = saying(10, "I want to renew my passport.", "renew", "passport")
    (found,) = open_plans([plan], today=TODAY)
    assert "I want to renew my passport." in found.text
    assert found.evidence == (plan.trace_id,)


def test_a_plan_is_not_open_when_something_was_heard_of_it() -> None:
    plan = saying(10, "I want to renew my passport.", "renew", "passport")
    done = saying(4, "The passport is renewed.", "renew", "passport")
    assert open_plans([plan, done], today=TODAY) == []


def test_young_plans_and_mere_talk_are_not_open() -> None:
    assert open_plans([saying(3, "I want to renew my passport.", "passport")], today=TODAY) == []
    assert open_plans([saying(10, "It rained all day.", "rain")], today=TODAY) == []


def test_somebody_known_who_is_not_mentioned_for_long_is_absent() -> None:
    known = KnownPerson(UUID(int=1), "Lena", 5, ago(31), (UUID(int=7),))
    (found,) = absent_people([known], today=TODAY)
    assert found.text == "Lena was mentioned on 5 days, and not since May 30, 2026."
    lately = KnownPerson(UUID(int=1), "Lena", 5, ago(29), ())
    once = KnownPerson(UUID(int=1), "Lena", 1, ago(90), ())
    assert absent_people([lately, once], today=TODAY) == []


def test_an_absence_is_told_once_and_a_new_absence_again() -> None:
    (first,) = absent_people([KnownPerson(UUID(int=1), "Lena", 5, ago(40), ())], today=TODAY)
    (later,) = absent_people([KnownPerson(UUID(int=1), "Lena", 5, ago(40), ())], today=TODAY)
    (again,) = absent_people([KnownPerson(UUID(int=1), "Lena", 6, ago(35), ())], today=TODAY)
    assert first.key == later.key != again.key


def test_few_a_week_the_strongest_first_and_nothing_twice() -> None:
    many = [insight(key=str(n), strength=n / 10) for n in range(10)]
    chosen = choose(many, is_told=lambda one: one.key == "9", told_this_week=0, verdicts={})
    assert [one.key for one in chosen] == ["8", "7", "6"]
    assert len(choose(many, is_told=lambda _: False, told_this_week=2, verdicts={})) == 1
    assert choose(many, is_told=lambda _: False, told_this_week=MOST_A_WEEK, verdicts={}) == []


def test_feedback_raises_and_lowers_a_kind() -> None:
    plan, absence = insight("open_plan", strength=0.5), insight("absent_person", strength=0.4)

    def first(verdicts: dict[str, Verdicts]) -> list[str]:
        chosen = choose(
            [plan, absence], is_told=lambda _: False, told_this_week=0, verdicts=verdicts
        )
        return [one.kind for one in chosen]

    assert first({}) == ["open_plan", "absent_person"]
    assert first({"absent_person": Verdicts(helpful=2)}) == ["absent_person", "open_plan"]
    assert first({"open_plan": Verdicts(unhelpful=1)}) == ["absent_person", "open_plan"]
    assert first({"open_plan": Verdicts(unhelpful=3)}) == ["absent_person"]
