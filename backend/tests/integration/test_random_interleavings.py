"""A thousand random steps: two people write, revise, forget, recall, export and import in any order.

After every step each of them finds exactly what a plain dictionary says they should, and nothing of the
other; at the end no row is left that belongs to nothing.
"""

import itertools
from collections.abc import Iterator
from typing import Any

from conftest import NewPerson
from hypothesis import HealthCheck
from hypothesis import settings as profile
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text
from support.databases import looking_into
from support.people import Person

from app.settings import Settings

RUNS, STEPS = 25, 40
WORDS = ("harbour", "boat", "cellar", "owl", "lantern", "marmalade")
CONVERSATIONS = ("a", "b")

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
    "wrong counts": "SELECT count(*) FROM memory_usage u WHERE (u.traces, u.terms) <> (SELECT count(*),"
    " coalesce(sum(term_count), 0) FROM memory_trace t WHERE t.user_id = u.user_id"
    " AND NOT (t.role = 'entity' AND t.source ? 'key'))",  # the dream's nodes, which no count knows of
    "answers of forgotten writes": "SELECT count(*) FROM idempotency_key k JOIN memory_forgotten f"
    " ON f.user_id = k.user_id AND f.trace_id = ANY(k.trace_ids)",
    "forgotten and there": "SELECT count(*) FROM memory_forgotten f JOIN memory_trace t"
    " ON t.user_id = f.user_id AND t.id = f.trace_id",
}


class TwoPeople(RuleBasedStateMachine):
    """What each should hold, by trace id, beside the real service."""

    people: tuple[Person, Person]
    numbers: Iterator[int]

    @initialize()
    def begin(self) -> None:
        for person in self.people:
            person.post("/memory/forget", json={"scope": "all"})
        self.held: list[dict[str, dict[str, Any]]] = [{}, {}]
        self.exports: list[tuple[bytes, dict[str, dict[str, Any]]]] = [(b"", {}), (b"", {})]
        self.gone: list[set[str]] = [set(), set()]

    @rule(
        who=st.integers(0, 1),
        word=st.sampled_from(WORDS),
        conversation=st.sampled_from(CONVERSATIONS),
        salience=st.sampled_from((0.1, 0.9)),
    )
    def remember(self, who: int, word: str, conversation: str, salience: float) -> None:
        said = {
            "content": f"Of the {word}, number {next(self.numbers)} of person{who}.",
            "source": {"type": "chat", "conversation_id": conversation},
            "salience": salience,
        }
        headers = {"Idempotency-Key": f"k{next(self.numbers)}"}
        answer = self.people[who].post("/memory/trace", json=said, headers=headers)
        self.held[who][answer.json()["trace_id"]] = {**said, "word": word}

    @precondition(lambda self: any(self.held))
    @rule(who=st.integers(0, 1), data=st.data())
    def forget_one(self, who: int, data: st.DataObject) -> None:
        if self.held[who]:
            chosen = data.draw(st.sampled_from(sorted(self.held[who])))
            self._forget(who, {"trace_id": chosen}, {chosen})

    @rule(who=st.integers(0, 1), conversation=st.sampled_from(CONVERSATIONS))
    def forget_a_conversation(self, who: int, conversation: str) -> None:
        meant = {
            trace_id
            for trace_id, said in self.held[who].items()
            if said["source"]["conversation_id"] == conversation
        }
        self._forget(who, {"scope": "conversation", "id": conversation}, meant)

    @rule(who=st.integers(0, 1))
    def forget_all(self, who: int) -> None:
        self._forget(who, {"scope": "all"}, set(self.held[who]))

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
        contents = {item["trace_id"]: item["content"] for item in found}
        expected = {i for i, said in self.held[who].items() if said["word"] == word}
        assert expected <= contents.keys() <= self.held[who].keys()
        assert all(f"person{who}." in content for content in contents.values())

    @invariant()
    def each_holds_their_own(self) -> None:
        for person, held in zip(self.people, getattr(self, "held", ()), strict=False):
            page = person.get("/memory/episodes", params={"per_page": 100}).json()
            assert {item["trace_id"] for item in page["episodes"]} == set(held)
            assert page["total"] == len(held)

    def _forget(self, who: int, wish: dict[str, Any], meant: set[str]) -> None:
        answer = self.people[who].post("/memory/forget", json=wish)
        if meant:
            assert answer.json()["counts"]["traces"] == len(meant)
        else:
            assert answer.status_code in {200, 404}
        self.gone[who] |= meant
        self.held[who] = {i: said for i, said in self.held[who].items() if i not in meant}


def test_a_thousand_random_steps_leak_nothing_and_leave_no_orphan(
    new_person: NewPerson, settings: Settings
) -> None:
    one, other = new_person(), new_person()

    class Machine(TwoPeople):
        people = (one, other)
        numbers = itertools.count()

    run_state_machine_as_test(
        Machine,
        settings=profile(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    one.until_embedded()
    other.until_embedded()
    with looking_into(settings) as connection:
        orphans = {name: connection.scalar(text(sql)) for name, sql in ORPHANS.items()}
    assert orphans == dict.fromkeys(ORPHANS, 0)
