"""Patterns across days: a topic that returns, a plan without an outcome, somebody not mentioned for long.

Pure: what was found is ranked and rationed here, and stored elsewhere.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from app.dream.dates import day_in_words

InsightKind = Literal["returning_topic", "open_plan", "absent_person"]

LOOK_BACK = timedelta(days=28)
MOST_A_WEEK = 3
RETURNS_ON_DAYS = 3
ABSENT_AFTER = timedelta(days=30)
KNOWN_FROM_DAYS = 3
PLAN_RIPENS = timedelta(days=7)
SHARED_TERMS = 2
MOST_QUOTED = 160
TRUSTED_AT_LEAST = 0.25

_PLAN = re.compile(
    r"\b(?:I|we)(?:'m| am|'re| are|'ll| will| want to| need to| plan to| have to| must|'ve got to)\s+"
    r"(?:going to |planning to |still )?(?:book|buy|call|write|send|finish|visit|ask|order|apply|fix|"
    r"learn|start|sign|pay|return|bring|meet|see|plan|organi[sz]e|register|cancel|renew|repair|tell|"
    r"move|sell)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TopicDay:
    """A topic of one day; ``evidence`` are the day's summary and a few of its traces."""

    label: str
    day: date
    evidence: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody who is mentioned: on how many days, and last when and in which traces."""

    entity_id: UUID
    name: str
    days: int
    last_day: date
    evidence: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Saying:
    """Something that the person said, with its terms."""

    trace_id: UUID
    day: date
    content: str
    terms: frozenset[str]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What the person said of one kind of insight so far."""

    helpful: int = 0
    unhelpful: int = 0

    @property
    def trust(self) -> float:
        """How likely the next one is welcome, 0 to 1 (the rule of succession): a half at first."""
        return (self.helpful + 1) / (self.helpful + self.unhelpful + 2)


@dataclass(frozen=True, slots=True)
class Insight:
    """``key`` is what makes it the same insight when it is found again; ``strength`` is from 0 to 1."""

    kind: InsightKind
    key: str
    text: str
    evidence: tuple[UUID, ...]
    strength: float


def returning_topics(topics: Iterable[TopicDay], *, today: date) -> list[Insight]:
    """Topics of today that came up on ``RETURNS_ON_DAYS`` days and more within ``LOOK_BACK``."""
    by_label: defaultdict[str, dict[date, TopicDay]] = defaultdict(dict)
    for topic in topics:
        if today - LOOK_BACK < topic.day <= today:
            by_label[topic.label.casefold()].setdefault(topic.day, topic)
    found = []
    for label, days in sorted(by_label.items()):
        if today in days and len(days) >= RETURNS_ON_DAYS:
            told = [days[day] for day in sorted(days)]
            found.append(
                Insight(
                    kind="returning_topic",
                    key=label,
                    text=f"“{told[-1].label}” has come up on {len(told)} days since "
                    f"{day_in_words(told[0].day)}.",
                    evidence=_each_once(topic.evidence for topic in told),
                    strength=len(told) / (len(told) + RETURNS_ON_DAYS),
                )
            )
    return found


def open_plans(sayings: Sequence[Saying], *, today: date) -> list[Insight]:
    """Plans that are ``PLAN_RIPENS`` old and of which nothing was heard on a later day.

    Something was heard of a plan when a later trace shares ``SHARED_TERMS`` of its terms: rather a plan
    too few than one that was carried out long ago.
    """
    found = []
    for plan in sayings:
        age = today - plan.day
        if not PLAN_RIPENS <= age <= LOOK_BACK or _PLAN.search(plan.content) is None:
            continue
        later = (other for other in sayings if other.day > plan.day)
        needed = min(SHARED_TERMS, len(plan.terms))
        if any(len(plan.terms & other.terms) >= needed for other in later):
            continue
        found.append(
            Insight(
                kind="open_plan",
                key=str(plan.trace_id),
                text=f"On {day_in_words(plan.day)}: “{_quoted(plan.content)}” "
                "Nothing has been said about it since.",
                evidence=(plan.trace_id,),
                strength=PLAN_RIPENS / age,
            )
        )
    return found


def absent_people(people: Iterable[KnownPerson], *, today: date) -> list[Insight]:
    """People who used to be mentioned and have not been for ``ABSENT_AFTER``; told once an absence."""
    return [
        Insight(
            kind="absent_person",
            key=f"{person.entity_id} {person.last_day}",
            text=f"{person.name} was mentioned on {person.days} days, and not since "
            f"{day_in_words(person.last_day)}.",
            evidence=person.evidence,
            strength=person.days / (person.days + 2 * KNOWN_FROM_DAYS),
        )
        for person in people
        if person.days >= KNOWN_FROM_DAYS and today - person.last_day >= ABSENT_AFTER
    ]


def choose(
    candidates: Iterable[Insight],
    *,
    is_told: Callable[[Insight], bool],
    told_this_week: int,
    verdicts: Mapping[str, Verdicts],
) -> list[Insight]:
    """The best that are new, at most ``MOST_A_WEEK`` a week.

    What was told before is not repeated. What the person said of a kind weighs the next ones of it, and
    a kind that is not ``TRUSTED_AT_LEAST`` is left out.
    """
    trust = {kind: verdict.trust for kind, verdict in verdicts.items()}
    unasked = Verdicts().trust
    welcome = [
        insight
        for insight in candidates
        if not is_told(insight) and trust.get(insight.kind, unasked) >= TRUSTED_AT_LEAST
    ]
    welcome.sort(key=lambda i: (-i.strength * trust.get(i.kind, unasked), i.kind, i.key))
    return welcome[: max(0, MOST_A_WEEK - told_this_week)]


def _each_once(groups: Iterable[tuple[UUID, ...]]) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(trace_id for group in groups for trace_id in group))


def _quoted(content: str) -> str:
    text = " ".join(content.split())
    return text if len(text) <= MOST_QUOTED else text[: MOST_QUOTED - 1].rstrip() + "…"
