"""What was pruned is in no trace any more. It is forgotten all the same by its id, its source, its
conversation or its day: with the summaries that quote it, the names that it gave, and for good."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from prove_forgotten import Hunt, look_everywhere
from sqlalchemy import text
from support.databases import looking_into, scalar
from support.people import PASSWORD, Person, until
from support.pruning import lose

from app.settings import Settings

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=40)
SCOPES: dict[str, dict[str, Any]] = {
    "trace": {},
    "source": {"scope": "source", "type": "chat", "id": "message-17"},
    "conversation": {"scope": "conversation", "id": "breakfast"},
    "range": {
        "scope": "range",
        "from": (NOON - timedelta(seconds=1)).isoformat(),
        "to": (NOON + timedelta(seconds=1)).isoformat(),
    },
}


@dataclass(frozen=True)
class Bereft:
    """Somebody of whom a trace was pruned, and the rest of its day was not; the name that it alone gave,
    and an export of before."""

    person: Person
    lost: str
    rest: str
    name: str
    before: bytes

    @property
    def id(self) -> str:
        return str(self.person.get("/auth/me").json()["id"])

    def wish(self, scope: str, **more: Any) -> dict[str, Any]:
        return {**(SCOPES[scope] or {"trace_id": self.lost}), **more}

    def forget(self, scope: str = "trace", **more: Any) -> dict[str, Any]:
        answer = self.person.post("/memory/forget", json=self.wish(scope, **more))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def bring(self, file: bytes) -> dict[str, Any]:
        answer = self.person.post("/memory/import", content=file)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def export(self) -> bytes:
        return self.person.get("/memory/export").content

    def summaries(self) -> list[str]:
        return summaries(self.person)


@pytest.fixture
def bereft(url: str, admin: Person, house: Settings) -> Iterator[Bereft]:
    """Of one day, on which they spoke of Clara twice, and by her full name only once."""
    name = f"Quax{uuid4().hex}".translate(str.maketrans("0123456789", "ghijklmnop"))
    with closing(Person(url)) as person:
        lost, rest = person.remember_many(
            [
                {
                    "content": f"At breakfast Clara {name} played the piano, and Clara laughed.",
                    "source": {
                        "type": "chat", "id": "message-17", "conversation_id": "breakfast",
                    },
                    "created_at": NOON.isoformat(),
                    "salience": 0.9,
                },
                {
                    "content": "We went to see the boats in the harbour, and Clara liked them.",
                    "created_at": (NOON + timedelta(hours=5)).isoformat(),
                    "salience": 0.9,
                },
            ]
        )  # fmt: skip
        person.until_embedded()
        me = str(person.get("/auth/me").json()["id"])
        wish = {"user_id": me}  # somebody's forgetting may have woken the dreamer already
        until(lambda: admin.post("/memory/consolidate", json=wish).json()["status"] == "unchanged")
        before = person.get("/memory/export").content
        lose(house, me, [lost])
        yield Bereft(person, lost, rest, name, before)


def summaries(person: Person) -> list[str]:
    episodes = person.get("/memory/episodes").json()["episodes"]
    return [item["content"] for item in episodes if item["role"] == "summary"]


def undreamt(file: bytes) -> bytes:
    """The same export before the night."""
    lines = [line for line in file.splitlines() if b'"dream"' not in line]
    kept = [line for line in lines if json.loads(line)["kind"] in {"header", "trace"}]
    return b"\n".join([*kept, b'{"kind": "end", "counts": {}}'])


def everywhere(settings: Settings, word: str) -> list[str]:
    return look_everywhere(settings, Hunt.of(word, "english")).found


def pruned(settings: Settings, bereft: Bereft) -> int:
    sql = "SELECT count(*) FROM pruned_trace WHERE user_id = :me"
    return int(scalar(settings, sql, me=UUID(bereft.id)))


def test_what_was_pruned_is_in_no_trace_and_its_summaries_quote_it(
    bereft: Bereft, house: Settings
) -> None:
    assert bereft.person.get(f"/memory/traces/{bereft.lost}").status_code == 404
    assert len([summary for summary in bereft.summaries() if bereft.name in summary]) == 3
    assert "table sara_memory.memory_trace" in everywhere(house, bereft.name)
    assert "table sara_memory.pruned_trace" not in everywhere(house, bereft.name)


@pytest.mark.parametrize("scope", SCOPES)
def test_forgotten_it_is_nowhere_and_the_day_is_told_without_it(
    bereft: Bereft, house: Settings, scope: str
) -> None:
    counts = bereft.forget(scope)["counts"]
    assert (counts["traces"], counts["pruned"]) == (0, 1)
    assert (counts["summaries"], counts["entities"]) == (3, 1)
    assert everywhere(house, bereft.name) == []
    assert pruned(house, bereft) == 0
    until(lambda: len(bereft.summaries()) == 3)
    assert all("boats" in summary for summary in bereft.summaries())
    bereft.person.until_embedded()
    assert everywhere(house, bereft.name) == []


def test_everything_is_forgotten_with_what_was_pruned(bereft: Bereft, house: Settings) -> None:
    gone = bereft.person.post("/memory/forget", json={"scope": "all"}).json()
    assert (gone["counts"]["traces"], gone["counts"]["pruned"]) == (1, 1)
    assert (pruned(house, bereft), everywhere(house, bereft.name)) == (0, [])


@pytest.mark.parametrize("scope", SCOPES)
def test_a_dry_run_does_nothing_and_the_same_again_changes_nothing(
    bereft: Bereft, house: Settings, scope: str
) -> None:
    preview = bereft.forget(scope, dry_run=True)
    assert (preview["trace_ids"], pruned(house, bereft)) == ([bereft.lost], 1)
    tombstone = bereft.forget(scope)
    assert tombstone["counts"] == preview["counts"]
    assert bereft.forget(scope) == tombstone
    assert bereft.person.get("/memory/tombstones").json()["total"] == 1


def test_it_is_nobody_elses(bereft: Bereft, house: Settings, url: str) -> None:
    with closing(Person(url)) as stranger:
        for scope in SCOPES:
            assert stranger.post("/memory/forget", json=bereft.wish(scope)).status_code == 404
    assert pruned(house, bereft) == 1


def test_it_goes_with_one_that_is_still_there(bereft: Bereft) -> None:
    there = bereft.person.remember("The bell rings twice.")
    counts = bereft.forget(ids=[there])["counts"]
    assert (counts["traces"], counts["pruned"]) == (1, 1)


def test_all_or_nothing_of_it_is_forgotten(bereft: Bereft, house: Settings) -> None:
    wish = bereft.wish("trace", ids=[str(uuid4())])
    assert bereft.person.post("/memory/forget", json=wish).status_code == 404
    assert pruned(house, bereft) == 1


def test_what_leads_to_others_is_not_pruned(bereft: Bereft, admin: Person, house: Settings) -> None:
    """The summary of a day leads to that of its week, and a note says what it says in any case."""
    note = bereft.person.post("/notes", json={"title": "Boats", "content": "They are wooden."})
    bereft.person.until_embedded()
    admin.post("/memory/consolidate", json={"user_id": bereft.id}).raise_for_status()
    episodes = bereft.person.get("/memory/episodes").json()["episodes"]
    made = [item["trace_id"] for item in episodes if item["role"] == "summary"]
    lose(house, bereft.id, [*made, note.json()["trace_id"]])
    assert bereft.person.get(f"/memory/traces/{note.json()['trace_id']}").json()["faded_at"]
    assert len(bereft.summaries()) == len(made)
    assert pruned(house, bereft) == 1


def test_an_account_takes_it_along(bereft: Bereft, house: Settings) -> None:
    me = bereft.id
    bereft.person.request("DELETE", "/auth/me", json={"password": PASSWORD}).raise_for_status()
    left = "SELECT count(*) FROM pruned_trace WHERE user_id = :me"
    assert scalar(house, left, me=UUID(me)) == 0


class TestOlderExports:
    """What an export of before brings back."""

    @pytest.mark.parametrize("is_dreamt", [False, True])
    def test_it_is_back_and_leads_to_what_was_made_of_it(
        self, bereft: Bereft, house: Settings, is_dreamt: bool
    ) -> None:
        file = bereft.before if is_dreamt else undreamt(bereft.before)
        assert bereft.bring(file)["traces"] == 1
        assert bereft.person.get(f"/memory/traces/{bereft.lost}").status_code == 200
        counts = bereft.forget("conversation")["counts"]
        assert (counts["traces"], counts["pruned"], counts["summaries"]) == (1, 0, 3)
        assert everywhere(house, bereft.name) == []

    def test_corrected_then_its_old_words_are_nowhere(
        self, bereft: Bereft, house: Settings
    ) -> None:
        bereft.bring(undreamt(bereft.before))
        path = f"/memory/traces/{bereft.lost}"
        bereft.person.patch(path, json={"content": "The harbour was quiet."}).raise_for_status()
        assert everywhere(house, bereft.name) == []

    def test_pruned_again_it_leads_to_all_that_was_ever_made_of_it(
        self, bereft: Bereft, house: Settings
    ) -> None:
        """Though no summary holds it this time."""
        bereft.bring(undreamt(bereft.before))
        with looking_into(house) as connection:
            fades = "UPDATE memory_trace SET faded_at = created_at WHERE id = :id"
            connection.execute(text(fades), {"id": UUID(bereft.lost)})
        lose(house, bereft.id, ())
        assert bereft.person.get(f"/memory/traces/{bereft.lost}").status_code == 404
        bereft.forget()
        assert everywhere(house, bereft.name) == []

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_neither_it_nor_what_was_made_of_it_comes_back_when_it_was_forgotten(
        self, bereft: Bereft, house: Settings, when: str
    ) -> None:
        """With the rest of its day, so that no summary is there under whose id one would not come in."""
        lose(house, bereft.id, [bereft.rest])
        file = bereft.before if when == "before" else bereft.export()
        assert bereft.forget(ids=[bereft.rest])["counts"]["pruned"] == 2
        assert bereft.summaries() == []
        found = bereft.bring(file)
        assert (found["traces"], found["nodes"], found["pruned"]) == (0, 0, 0)
        assert everywhere(house, bereft.name) == []

    def test_of_another_memory_it_tells_what_was_pruned_there(
        self, bereft: Bereft, house: Settings, url: str
    ) -> None:
        with closing(Person(url)) as other:
            found = other.post("/memory/import", content=bereft.export()).json()
            assert (found["traces"], found["pruned"]) == (1, 1)
            again = other.post("/memory/import", content=bereft.export()).json()
            assert (again["known"], again["pruned"]) == (1, 0)
            gone = other.post("/memory/forget", json=bereft.wish("source")).json()
            assert gone["counts"]["pruned"] == 1
            assert other.post("/memory/import", content=bereft.before).json()["forgotten"] == 1

    def test_two_that_differ_lead_to_what_either_says(self, bereft: Bereft, url: str) -> None:
        header, *_ = map(json.loads, bereft.export().splitlines())
        known = line_of(bereft)
        differs = {**known, "made": [str(uuid4())], "created_at": "2020-01-01T00:00:00Z"}
        end = {"kind": "end", "counts": {"pruned_trace": 2}}
        file = "\n".join(map(json.dumps, [header, differs, differs, end])).encode()
        assert bereft.bring(file)["pruned"] == 0
        both = sorted([*known["made"], *differs["made"]])
        assert line_of(bereft) == {**known, "made": both}
        with closing(Person(url)) as other:  # where it is there, and was pruned at another time
            for each in (bereft.before, file):
                other.post("/memory/import", content=each).raise_for_status()
            counts = other.post("/memory/forget", json=bereft.wish("trace")).json()["counts"]
            assert (counts["traces"], counts["pruned"]) == (1, 0)


def line_of(bereft: Bereft) -> dict[str, Any]:
    """The one pruned trace as an export has it."""
    lines = map(json.loads, bereft.export().splitlines())
    (found,) = (line for line in lines if line["kind"] == "pruned_trace")
    return dict(found)
