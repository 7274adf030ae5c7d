"""A thousand random steps: two people write, correct, dream, lose what has faded, forget, recall, export
and import in any order.

After every step each of them finds exactly what a plain dictionary says they should, and nothing of the
other, and no table has a word of what was forgotten or corrected; at the end no row is left that belongs
to nothing.
"""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import NewDatabase
from hypothesis import HealthCheck
from hypothesis import settings as profile
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, text
from support.databases import database_url
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.people import Person
from support.pruning import lose

from app.main import create_app
from app.settings import Settings
from app.storage.database import sync_engine
from app.storage.migrations import migrate

RUNS, STEPS = 25, 40
WORDS = ("harbour", "boat", "cellar", "owl", "lantern", "marmalade")
CONVERSATIONS = ("a", "b")
TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
DAYS_AGO = (2, 3, 4)
picks = st.integers(0, 999)
LETTERS = str.maketrans("0123456789", "abcdefghij")

# All that is kept of a person in words. What is in it is in no other table.
SAID = """
SELECT string_agg(words, ' ') FROM (
    SELECT concat_ws(' ', content, meta, source) AS words FROM memory_trace WHERE user_id = :me
    UNION ALL SELECT text FROM dream_insight WHERE user_id = :me
    UNION ALL SELECT term FROM memory_term WHERE user_id = :me
    UNION ALL SELECT report::text FROM consolidation_run WHERE user_id = :me
    UNION ALL SELECT source::text FROM pruned_trace WHERE user_id = :me
) AS kept
"""
ORPHANS = {
    "postings without a trace": "SELECT count(*) FROM memory_posting p WHERE NOT EXISTS (SELECT FROM"
    " memory_trace t WHERE t.user_id = p.user_id AND t.id = p.trace_id)",
    "terms that nobody says": "SELECT count(*) FROM memory_term m WHERE m.traces <> (SELECT count(*)"
    " FROM memory_posting p WHERE p.user_id = m.user_id AND p.term = m.term)",
    "vectors without a trace": "SELECT count(*) FROM memory_embedding e WHERE NOT EXISTS (SELECT FROM"
    " memory_trace t WHERE t.user_id = e.user_id AND t.id = e.trace_id)",
    "edges into nothing": "SELECT count(*) FROM memory_edge e WHERE NOT EXISTS (SELECT FROM"
    " memory_trace t WHERE t.user_id = e.user_id AND t.id = e.src) OR NOT EXISTS (SELECT FROM"
    " memory_trace t WHERE t.user_id = e.user_id AND t.id = e.dst)",
    "insights that rest on nothing": "SELECT count(*) FROM dream_insight i WHERE NOT EXISTS (SELECT FROM"
    " insight_evidence v WHERE v.user_id = i.user_id AND v.insight_id = i.id)",
    "wrong counts": "SELECT count(*) FROM memory_usage u WHERE (u.traces, u.terms) <> (SELECT count(*),"
    " coalesce(sum(term_count), 0) FROM memory_trace t WHERE t.user_id = u.user_id"
    " AND NOT (t.role = 'entity' AND t.source ? 'key'))",  # the dream's nodes, which no count knows of
    "answers of forgotten writes": "SELECT count(*) FROM idempotency_key k JOIN memory_forgotten f"
    " ON f.user_id = k.user_id AND f.trace_id = ANY(k.trace_ids)",
    "forgotten and there": "SELECT count(*) FROM memory_forgotten f JOIN memory_trace t"
    " ON t.user_id = f.user_id AND t.id = f.trace_id AND t.source ->> 'type' <> 'dream'",
    "forgotten and pruned": "SELECT count(*) FROM memory_forgotten f JOIN pruned_trace p"
    " ON p.user_id = f.user_id AND p.id = f.trace_id",
    "runs that failed": "SELECT count(*) FROM consolidation_run WHERE state = 'failed'",
}


class TwoPeople(RuleBasedStateMachine):
    """What each should hold, by trace id, beside the real service; ``lost`` is what was pruned, ``gone``
    are the ids that no import brings back, ``unsaid`` the names that stand nowhere any more."""

    admin: Person
    people: tuple[Person, Person]
    ids: tuple[str, str]
    house: Settings
    engine: Engine
    numbers: Iterator[int]

    @initialize()
    def begin(self) -> None:
        for person in self.people:
            person.post("/memory/forget", json={"scope": "all"})
        self.held: list[dict[str, dict[str, Any]]] = [{}, {}]
        self.exports: list[tuple[bytes, dict[str, dict[str, Any]]]] = [(b"", {}), (b"", {})]
        self.gone: list[set[str]] = [set(), set()]
        self.lost: list[dict[str, dict[str, Any]]] = [{}, {}]
        self.unsaid: list[set[str]] = [set(), set()]

    @rule(
        who=st.integers(0, 1),
        word=st.sampled_from(WORDS),
        conversation=st.sampled_from(CONVERSATIONS),
        salience=st.sampled_from((0.1, 0.9)),
        days_ago=st.sampled_from(DAYS_AGO),
    )
    def remember(
        self, who: int, word: str, conversation: str, salience: float, days_ago: int
    ) -> None:
        content, name = self._saying(who, word)
        said = {
            "content": content,
            "source": {"type": "chat", "conversation_id": conversation},
            "salience": salience,
            "created_at": (TODAY - timedelta(days=days_ago)).isoformat(),
        }
        headers = {"Idempotency-Key": f"k{next(self.numbers)}"}
        answer = self.people[who].post("/memory/trace", json=said, headers=headers)
        self.held[who][answer.json()["trace_id"]] = {**said, "word": word, "name": name}

    @rule(who=st.integers(0, 1), word=st.sampled_from(WORDS), pick=picks)
    def correct(self, who: int, word: str, pick: int) -> None:
        for chosen in _picked(self.held[who], pick):
            content, name = self._saying(who, word)
            changed = {"content": content}
            assert self.people[who].patch(f"/memory/traces/{chosen}", json=changed).is_success
            was = self.held[who][chosen]
            self.held[who][chosen] = {**was, **changed, "word": word, "name": name}
            self.unsaid[who].add(was["name"])
            self.lost[who].pop(chosen, None)  # what had been made of it before it came back
            self.exports[who] = (b"", {})  # it says the old words

    @rule(who=st.integers(0, 1))
    def dream(self, who: int) -> None:
        wish = {"user_id": self.ids[who]}
        answer = self.admin.post("/memory/consolidate", json=wish).json()
        assert answer["status"] in {"done", "unchanged", "empty", "running"}

    @rule(who=st.integers(0, 1), conversation=st.sampled_from(CONVERSATIONS))
    def lose_what_faded(self, who: int, conversation: str) -> None:
        """Summaries go on saying it, and it is forgotten like all else."""
        self.dream(who)
        lose(self.house, self.ids[who], self._of(self.held[who], conversation))
        for whose in (0, 1):
            for lost in set(self.held[whose]) - self._episodes(whose):
                self.lost[whose][lost] = self.held[whose].pop(lost)

    @rule(who=st.integers(0, 1), pick=picks)
    def forget_one(self, who: int, pick: int) -> None:
        for chosen in _picked(self._known(who), pick):
            self._forget(who, {"trace_id": chosen}, {chosen})

    @rule(who=st.integers(0, 1), conversation=st.sampled_from(CONVERSATIONS))
    def forget_a_conversation(self, who: int, conversation: str) -> None:
        wish = {"scope": "conversation", "id": conversation}
        self._forget(who, wish, self._of(self._known(who), conversation))

    @rule(who=st.integers(0, 1), days_ago=st.sampled_from(DAYS_AGO))
    def forget_a_day(self, who: int, days_ago: int) -> None:
        noon = TODAY - timedelta(days=days_ago)
        span = [(noon + timedelta(hours=h)).isoformat() for h in (-1, 1)]
        wish = {"scope": "range", "from": span[0], "to": span[1]}
        then = noon.isoformat()
        meant = {i for i, said in self._known(who).items() if said["created_at"] == then}
        self._forget(who, wish, meant)

    @rule(who=st.integers(0, 1))
    def forget_all(self, who: int) -> None:
        self._forget(who, {"scope": "all"}, set(self._known(who)))

    @rule(who=st.integers(0, 1))
    def export(self, who: int) -> None:
        self.exports[who] = (self.people[who].get("/memory/export").content, dict(self.held[who]))

    @rule(who=st.integers(0, 1))
    def bring_back(self, who: int) -> None:
        file, then = self.exports[who]
        if file:
            assert self.people[who].post("/memory/import", content=file).is_success
            back = {i: said for i, said in then.items() if i not in self.gone[who]}
            self.held[who] |= back

    @rule(who=st.integers(0, 1), word=st.sampled_from(WORDS))
    def recall(self, who: int, word: str) -> None:
        found = self.people[who].recall(word, k=100)["results"]
        assert all(f"person{1 - who}." not in item["content"] for item in found)
        raw = {item["trace_id"] for item in found if item["role"] != "summary"}
        expected = {i for i, said in self.held[who].items() if said["word"] == word}
        assert expected <= raw <= self.held[who].keys()

    @invariant()
    def each_holds_their_own(self) -> None:
        for who, held in enumerate(getattr(self, "held", ())):
            assert self._episodes(who) == set(held)

    @invariant()
    def what_was_forgotten_is_nowhere(self) -> None:
        with self.engine.begin() as connection:
            for who, names in enumerate(getattr(self, "unsaid", ())):
                said = (connection.scalar(text(SAID), {"me": self.ids[who]}) or "").casefold()
                assert [name for name in names if name.casefold() in said] == []

    def _saying(self, who: int, word: str) -> tuple[str, str]:
        """What nobody has said before, and the name in it that is in nothing else."""
        name = f"Quax{next(self.numbers)}x".translate(LETTERS)
        return f"By the {word} Clara {name} sang, and Clara laughed, says person{who}.", name

    def _known(self, who: int) -> dict[str, dict[str, Any]]:
        """What they hold and what they have lost. An import may have brought that back, and somebody put
        it right."""
        return self.lost[who] | self.held[who]

    def _of(self, said: dict[str, dict[str, Any]], conversation: str) -> set[str]:
        return {
            trace_id
            for trace_id, each in said.items()
            if each["source"]["conversation_id"] == conversation
        }

    def _episodes(self, who: int) -> set[str]:
        page = self.people[who].get("/memory/episodes", params={"per_page": 100}).json()
        return {item["trace_id"] for item in page["episodes"] if item["role"] != "summary"}

    def _forget(self, who: int, wish: dict[str, Any], meant: set[str]) -> None:
        answer = self.people[who].post("/memory/forget", json=wish)
        held, lost = self.held[who], self.lost[who]
        if meant:
            counts = answer.json()["counts"]
            assert counts["traces"] == len(meant & held.keys())
            assert counts["pruned"] == len(meant - held.keys())
        else:
            assert answer.status_code in {200, 404}
        self.gone[who] |= meant
        for said in (held, lost):
            self.unsaid[who] |= {said.pop(i)["name"] for i in meant & said.keys()}


def _picked(said: dict[str, dict[str, Any]], pick: int) -> list[str]:
    """One of them, if there is any: how many does not change what is drawn."""
    ids = sorted(said)
    return [ids[pick % len(ids)]] if ids else []


@pytest.fixture
def house(new_database: NewDatabase) -> Settings:
    fresh = new_database()
    migrate(database_url(fresh))
    return fresh


def test_a_thousand_random_steps_leak_nothing_and_leave_no_orphan(house: Settings) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(serving(create_app(house, embedder=HashingEmbedder())))
        boss, one, other = (stack.enter_context(closing(Person(url))) for _ in range(3))

        class Machine(TwoPeople):
            admin = boss
            people = (one, other)
            ids = (one.get("/auth/me").json()["id"], other.get("/auth/me").json()["id"])
            engine = sync_engine(database_url(house))
            numbers = itertools.count()

        Machine.house = house
        run_state_machine_as_test(
            Machine,
            settings=profile(
                max_examples=RUNS,
                stateful_step_count=STEPS,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
        one.until_embedded()
        other.until_embedded()
        with Machine.engine.begin() as connection:
            orphans = {name: connection.scalar(text(sql)) for name, sql in ORPHANS.items()}
        Machine.engine.dispose()
    assert orphans == dict.fromkeys(ORPHANS, 0)
