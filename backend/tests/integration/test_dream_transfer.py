"""What the dream has made, out and in again: the same rows in its account, dreamt anew in another."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from support.databases import looking_into
from support.people import Person, until
from support.pruning import lose

from app.schemas.transfer import read_line
from app.settings import Settings

TABLES = {
    "memory_trace": "id",
    "memory_edge": "src, dst, type",
    "memory_fact": "subject, predicate, object, trace_id",
    "memory_posting": "term, trace_id",
    "memory_embedding": "trace_id, head, chunk",
    "memory_usage": "traces",
    "dream_insight": "id",
    "insight_evidence": "insight_id, trace_id",
    "pruned_trace": "id",
}
ERASED = ("memory_trace", "memory_term", "dream_insight", "pruned_trace")
FIRST = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=12)


@pytest.fixture
def dreamer(url: str, admin: Person, house: Settings) -> Iterator[Person]:
    """Somebody of whose days has been dreamt, with facts and an insight; small talk was pruned."""
    with closing(Person(url)) as person:
        lines = (
            "I live in Porto and I met my friend Ana Oliveira at the market.",
            "The greenhouse roof leaks, and the greenhouse roof needs glass.",
            "I live in Lisbon now, where Ana laughed about the greenhouse roof.",
            "The greenhouse roof is dry, and the boat is blue.",
        )
        for n, line in enumerate(lines):
            said_at = FIRST + timedelta(days=2 * n)
            person.remember(line, created_at=said_at.isoformat(), salience=0.8)
            person.remember(
                "The greenhouse roof leaks.",
                created_at=(said_at + timedelta(minutes=5)).isoformat(),
                salience=0.8,
            )
        talk = {"type": "chat", "id": "m1", "conversation_id": "hall"}
        said_at = (FIRST + timedelta(hours=1)).isoformat()
        lost = person.remember("ok, thanks pelican", created_at=said_at, salience=0.1, source=talk)
        dream(admin, person)
        lose(house, id_of(person), [lost])
        yield person


def id_of(person: Person) -> str:
    return str(person.get("/auth/me").json()["id"])


def dream(admin: Person, person: Person) -> None:
    """Until nothing has to be dreamt: somebody's forgetting may have woken the dreamer already."""
    person.until_embedded()
    wish = {"user_id": id_of(person)}
    until(lambda: admin.post("/memory/consolidate", json=wish).json()["status"] == "unchanged")
    person.until_embedded()


def rows(house: Settings, person: Person) -> dict[str, list[str]]:
    """Every row of a person; the generation, and when a row was written, are not part of the memory."""
    with looking_into(house) as connection:
        return {
            table: list(
                connection.scalars(
                    text(
                        f"SELECT (to_jsonb(t) - 'generation' - 'stored_at')::text FROM {table} AS t"
                        f" WHERE user_id = :me ORDER BY {key}"
                    ),
                    {"me": UUID(id_of(person))},
                )
            )
            for table, key in TABLES.items()
        }


def told(words: str, *evidence: str) -> dict[str, Any]:
    """An insight as a line of an export."""
    return {
        "kind": "insight", "id": str(uuid4()), "pattern": "absent_person", "day": "2026-08-01",
        "text": words, "helpful": None, "evidence": evidence,
    }  # fmt: skip


def exported(person: Person) -> bytes:
    return person.get("/memory/export").content


def imported(person: Person, export: bytes) -> dict[str, Any]:
    answer = person.post("/memory/import", content=export)
    assert answer.status_code == 200, answer.text
    person.until_embedded()
    found: dict[str, Any] = answer.json()
    return found


def test_an_erased_memory_comes_back_row_for_row_and_the_next_dream_changes_nothing(
    dreamer: Person, admin: Person, house: Settings
) -> None:
    before, export = rows(house, dreamer), exported(dreamer)
    assert all(before.values()), "there is something of everything"
    with looking_into(house) as connection:
        for table in ERASED:
            connection.execute(
                text(f"DELETE FROM {table} WHERE user_id = :me"), {"me": UUID(id_of(dreamer))}
            )
        connection.execute(
            text("UPDATE memory_usage SET traces = 0, terms = 0 WHERE user_id = :me"),
            {"me": UUID(id_of(dreamer))},
        )
    found = imported(dreamer, export)
    assert found["facts"] == len(before["memory_fact"])
    assert found["insights"] == len(before["dream_insight"])
    assert found["pruned"] == 1
    assert rows(house, dreamer) == before
    again = admin.post("/memory/consolidate", json={"user_id": id_of(dreamer)}).json()
    assert again["status"] == "unchanged"
    assert rows(house, dreamer) == before


def test_importing_twice_changes_nothing(dreamer: Person, house: Settings) -> None:
    before = rows(house, dreamer)
    found = imported(dreamer, exported(dreamer))
    assert (found["traces"], found["nodes"], found["facts"], found["insights"]) == (0, 0, 0, 0)
    assert rows(house, dreamer) == before


def test_another_account_dreams_itself(
    dreamer: Person, admin: Person, url: str, house: Settings
) -> None:
    with closing(Person(url)) as other:
        found = imported(other, exported(dreamer))
        assert (found["traces"], found["nodes"], found["facts"]) == (8, 0, 0)
        dream(admin, other)
        mine, theirs = rows(house, dreamer), rows(house, other)
        for table in ("memory_trace", "memory_fact"):
            assert len(theirs[table]) == len(mine[table])


def test_names_and_facts_of_the_forgotten_do_not_come_back(
    dreamer: Person, house: Settings
) -> None:
    export = exported(dreamer)
    first = next(
        line
        for line in map(json.loads, export.splitlines())
        if line["kind"] == "trace" and "Oliveira" in line["content"] and line["role"] == "user"
    )
    dreamer.post("/memory/forget", json={"trace_id": first["id"]})
    imported(dreamer, export)
    kept = rows(house, dreamer)
    assert "Oliveira" not in str(kept)
    assert "oliveira" not in str(kept).casefold()
    assert "Porto" not in str(kept)


@pytest.mark.parametrize(("name", "comes_back"), [("Ana Oliveira", 0), ("Lisbon", 1)])
def test_an_insight_with_a_name_of_the_forgotten_does_not_come_back(
    dreamer: Person, name: str, comes_back: int
) -> None:
    *lines, end = map(json.loads, exported(dreamer).splitlines())
    first = next(line["id"] for line in lines if line.get("content", "").startswith("I live in P"))
    last = next(line["id"] for line in lines if line.get("content", "").endswith("boat is blue."))
    insight = told(f"{name} is not mentioned any more.", last)
    end["counts"]["insight"] += 1
    dreamer.post("/memory/forget", json={"trace_id": first})
    found = imported(dreamer, "\n".join(map(json.dumps, [*lines, insight, end])).encode())
    texts = [one["text"] for one in dreamer.get("/memory/insights").json()["insights"]]
    assert texts.count(insight["text"]) == found["insights"] == comes_back


def test_an_insight_that_rests_on_nothing_does_not_come_in(dreamer: Person) -> None:
    *lines, end = map(json.loads, exported(dreamer).splitlines())
    end["counts"]["insight"] += 1
    export = "\n".join(map(json.dumps, [*lines, told("It rained."), end])).encode()
    assert imported(dreamer, export)["insights"] == 0


def test_a_node_is_forgotten_by_its_id_with_its_facts(dreamer: Person, house: Settings) -> None:
    nodes = [json.loads(line) for line in exported(dreamer).splitlines() if b'"node"' in line]
    lisbon = next(node["id"] for node in nodes if node["name"] == "Lisbon")
    tombstone = dreamer.post("/memory/forget", json={"trace_id": lisbon}).json()
    assert tombstone["counts"]["facts"] >= 1
    kept = rows(house, dreamer)
    assert lisbon not in str([kept["memory_edge"], kept["memory_fact"], kept["memory_trace"]])
    assert (
        dreamer.get("/memory/stats").json()["traces"]
        == json.loads(kept["memory_usage"][0])["traces"]
    )


def test_a_span_of_time_takes_its_summaries_with_it(dreamer: Person, house: Settings) -> None:
    until = (FIRST + timedelta(days=1)).isoformat()
    wish = {"scope": "range", "from": "2020-01-01T00:00:00Z", "to": until}
    tombstone = dreamer.post("/memory/forget", json=wish).json()
    assert tombstone["counts"]["traces"] == 2
    assert tombstone["counts"]["summaries"] >= 1
    assert "Oliveira" not in str(rows(house, dreamer))


def test_in_a_new_time_zone_the_days_are_dreamt_as_they_are_there(url: str, admin: Person) -> None:
    with closing(Person(url)) as person:
        person.patch("/auth/me", json={"timezone": "UTC"})
        noon, late = "The noon bell rang twice.", "Late that night the owls were calling."
        for said, hour in ((noon, 12), (late, 23)):
            person.remember(said, created_at=FIRST.replace(hour=hour).isoformat())
        dream(admin, person)
        assert [late in summary for summary in daily(person)] == [True]
        person.patch("/auth/me", json={"timezone": "Asia/Tokyo"})
        dream(admin, person)
        assert [(noon in summary, late in summary) for summary in daily(person)] == [
            (True, False),
            (False, True),
        ]
        person.patch("/auth/me", json={"timezone": "UTC"})
        dream(admin, person)
        assert [late in summary for summary in daily(person)] == [True]


def daily(person: Person) -> list[str]:
    """The summaries of the days, in their order."""
    days = person.get("/memory/timeline").json()["days"]
    return [day["summary"]["content"] for day in reversed(days) if day["summary"]]


@pytest.mark.parametrize("predicate", ["next", "summary_of", "mentions"])
def test_no_fact_poses_as_an_edge_between_traces(predicate: str) -> None:
    one = "00000000-0000-0000-0000-000000000001"
    fact = {
        "kind": "fact", "subject": one, "predicate": predicate, "object": one, "trace_id": one,
        "weight": 1, "is_functional": False, "since": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    with pytest.raises(ValueError, match="predicate: must not be"):
        read_line(json.dumps(fact).encode())
    fact["predicate"] = "lives_in"
    assert read_line(json.dumps(fact).encode())
