"""Everything out as NDJSON and in again: equal row for row, twice the same, and nothing forgotten."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from conftest import NewPerson
from sqlalchemy import text
from support.databases import looking_into
from support.people import Person
from support.rows import rows

from app.services.export_service import KINDS
from app.settings import Settings

TABLES = {
    "memory_trace": "id",
    "memory_edge": "src, dst, type",
    "memory_term": "term",
    "memory_posting": "term, trace_id",
    "memory_embedding": "trace_id, head, chunk",
    "memory_usage": "traces",
}

NOTHING_ELSE = dict.fromkeys(
    ("nodes", "facts", "insights", "pruned", "notes", "connections", "verdicts"), 0
)


@pytest.fixture
def rich(person: Person, settings: Settings) -> Person:
    """Somebody with traces of every kind, used, pinned, and with an edge of another type."""
    chat = {"type": "chat", "conversation_id": "c"}
    said = [f"Line {n} of a talk about boats and the harbour." for n in range(5)]
    ids = person.remember_many([{"content": line, "source": chat} for line in said])
    person.remember(
        "Ünïcödé 🦉 \u2028 'quotes' \"and\" \\backslash\\", meta={"a": [1, None, {"b": 0.1}]}
    )
    person.remember("ok", salience=0.1, created_at="1999-12-31T23:59:59.123456+09:00")
    person.remember("A note.", source={"type": "note", "id": "n1"}, role="note")
    person.until_embedded()
    with looking_into(settings) as connection:
        connection.execute(
            text(
                "UPDATE memory_trace SET pinned = true, access_count = 7, last_accessed_at = now(),"
                " faded_at = now() WHERE id = :id"
            ),
            {"id": UUID(ids[0])},
        )
        connection.execute(
            text(
                "INSERT INTO memory_edge SELECT user_id, :src, :dst, 'likes', 0.3, now(), now(), NULL"
                " FROM memory_trace WHERE id = :src"
            ),
            {"src": UUID(ids[0]), "dst": UUID(ids[4])},
        )
    return person


@pytest.mark.parametrize("of", ["dream", "chat"])
@pytest.mark.parametrize("day", [None, "garbage", "2026-02-31", "9999-12-31"])
def test_a_summary_of_no_day_can_be_forgotten_like_any_other(
    person: Person, of: str, day: str | None
) -> None:
    header, _ = map(json.loads, person.get("/memory/export").text.splitlines())
    at = "2026-06-01T12:00:00Z"
    kept = {"kind": "trace", "created_at": at, "salience": 0.5, "pinned": False}
    kept |= {"access_count": 0, "last_accessed_at": None, "faded_at": None}
    said = {**kept, "id": str(uuid4()), "content": "It rained.", "role": "user"}
    said |= {"source": {"type": "chat"}, "meta": {}}
    summary = {**kept, "id": str(uuid4()), "content": "Rain.", "role": "summary"}
    summary |= {
        "source": {"type": of},
        "meta": {} if day is None else {"day": day, "kind": "daily"},
    }
    edge = {"kind": "edge", "src": summary["id"], "dst": said["id"], "type": "summary_of"}
    edge |= {"weight": 1.0, "ts": at, "valid_from": None, "valid_to": None}
    lines = [header, said, summary, edge, {"kind": "end", "counts": {}}]
    answer = person.post("/memory/import", content="\n".join(map(json.dumps, lines)))
    assert answer.json()["traces"] == 2
    gone = person.post("/memory/forget", json={"trace_id": said["id"]})
    assert (gone.status_code, gone.json()["counts"]["summaries"]) == (200, 1)
    runs = person.get("/memory/consolidations").json()["runs"]
    assert {run["day"] for run in runs} == {"2026-06-01"}


def lines_of(export: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in export.splitlines()]


def exported(person: Person) -> bytes:
    answer = person.get("/memory/export")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    return answer.content


def imported(person: Person, export: bytes) -> dict[str, int]:
    answer = person.post("/memory/import", content=export)
    assert answer.status_code == 200, answer.text
    person.until_embedded()
    found: dict[str, int] = answer.json()
    return found


def test_a_round_trip_is_equal_row_for_row(
    rich: Person, new_person: NewPerson, settings: Settings
) -> None:
    other = new_person()
    export = exported(rich)
    found = {"traces": 8, "known": 0, "forgotten": 0, "edges": 5}
    assert imported(other, export) == {**found, **NOTHING_ELSE}
    assert rows(settings, other, TABLES) == rows(settings, rich, TABLES)
    again = lines_of(exported(other))
    assert again[1:] == lines_of(export)[1:]
    asked = "boats in the harbour"
    assert other.contents(asked, k=5) == rich.contents(asked, k=5)


def test_importing_twice_changes_nothing(rich: Person, settings: Settings) -> None:
    before = rows(settings, rich, TABLES)
    found = imported(rich, exported(rich))
    assert (found["traces"], found["known"]) == (0, 8)
    assert rows(settings, rich, TABLES) == before


def test_what_was_forgotten_stays_forgotten(rich: Person, settings: Settings) -> None:
    export = exported(rich)
    rich.post("/memory/forget", json={"scope": "conversation", "id": "c"})
    before = rows(settings, rich, TABLES)
    found = imported(rich, export)
    assert (found["traces"], found["known"], found["forgotten"], found["edges"]) == (0, 3, 5, 0)
    assert rows(settings, rich, TABLES) == before
    again = rich.post("/memory/forget", json={"scope": "all", "include_notes": True}).json()
    assert again["counts"]["traces"] == 3
    assert imported(rich, export)["forgotten"] == 8


def test_what_was_made_from_the_forgotten_does_not_come_back(person: Person) -> None:
    """A summary, a summary of summaries and a name, of which one source each is forgotten."""
    secret, harmless = (person.remember(content) for content in ("The secret.", "The weather."))
    derived = {name: str(uuid4()) for name in ("day", "week", "other", "name", "known name")}
    roles = {"name": "entity", "known name": "entity"}
    edges = [
        (derived["day"], secret, "summary_of"),
        (derived["day"], harmless, "summary_of"),
        (derived["week"], derived["day"], "summary_of"),
        (derived["other"], harmless, "summary_of"),
        (secret, derived["name"], "mentions"),
        (secret, derived["known name"], "mentions"),
        (harmless, derived["known name"], "mentions"),
        (derived["known name"], derived["name"], "keeps"),
    ]
    header, *traces = lines_of(exported(person))[:3]
    made = [
        {**traces[0], "id": trace_id, "content": name, "role": roles.get(name, "summary")}
        for name, trace_id in derived.items()
    ]
    linked = [
        {"kind": "edge", "src": src, "dst": dst, "type": kind, "weight": 1.0}
        | {"ts": "2026-01-01T00:00:00Z", "valid_from": None, "valid_to": None}
        for src, dst, kind in edges
    ]
    end = {"kind": "end", "counts": {"trace": 7, "edge": 8}}
    file = ndjson([header, *made, *traces, *linked, end])
    person.post("/memory/forget", json={"trace_id": secret})
    found = {"traces": 2, "known": 1, "forgotten": 4, "edges": 2}
    assert imported(person, file) == {**found, **NOTHING_ELSE}
    for name, trace_id in derived.items():
        is_back = person.get(f"/memory/traces/{trace_id}").status_code == 200
        assert is_back == (name in {"other", "known name"}), name


def test_an_endless_chain_of_summaries_is_followed_to_its_end(person: Person) -> None:
    secret = person.remember("The secret.")
    header, trace = lines_of(exported(person))[:2]
    person.post("/memory/forget", json={"trace_id": secret})
    ids = [str(uuid4()) for _ in range(3_000)]
    chain = [{**trace, "id": i, "role": "summary", "content": "Made of it."} for i in ids]
    edges = [
        {"kind": "edge", "src": src, "dst": dst, "type": "summary_of", "weight": 1.0}
        | {"ts": "2026-01-01T00:00:00Z", "valid_from": None, "valid_to": None}
        for src, dst in zip(ids, [*ids[1:], ids[0]], strict=True)
    ]
    edges.append({**edges[-1], "dst": secret})
    end = {"kind": "end", "counts": {"trace": 3_000, "edge": 3_001}}
    found = imported(person, ndjson([header, *chain, *edges, end]))
    assert (found["traces"], found["forgotten"]) == (0, 3_000)


def test_a_forgetting_at_the_same_time_is_not_undone(rich: Person, settings: Settings) -> None:
    export = exported(rich)
    mark = export.index(b'{"kind" : "edge"')

    def pieces() -> Iterator[bytes]:
        yield export[:mark]
        answer = rich.post("/memory/forget", json={"scope": "all", "include_notes": True})
        assert answer.status_code == 200
        yield export[mark:]

    assert rich.post("/memory/import", content=pieces()).json()["traces"] == 0
    assert rows(settings, rich, TABLES)["memory_trace"] == []


def test_a_source_that_is_there_already_is_known(person: Person, new_person: NewPerson) -> None:
    other = new_person()
    for somebody in (person, other):
        somebody.remember("The same mail.", source={"type": "mail", "id": "m1"})
    assert imported(other, exported(person))["known"] == 1


def test_the_end_counts_every_kind(person: Person) -> None:
    person.remember("One thing.")
    assert lines_of(exported(person))[-1] == {
        "kind": "end",
        "counts": {**dict.fromkeys(KINDS, 0), "trace": 1},
    }


BROKEN = {
    "not JSON": (lambda lines: [*lines[:2], "nonsense"], "line 3"),
    "no header": (lambda lines: lines[1:], "header must be the first line"),
    "another version": (lambda lines: [{**lines[0], "version": 2}, *lines[1:]], "version"),
    "torn": (lambda lines: lines[:-1], "not whole"),
    "a line lost": (lambda lines: [lines[0], *lines[2:]], "not whole"),
    "an unknown field": (
        lambda lines: [lines[0], {**lines[1], "user_id": "x"}, *lines[2:]],
        "line 2",
    ),
    "NUL": (lambda lines: [lines[0], {**lines[1], "content": "\0"}, *lines[2:]], "NUL"),
    "empty": (lambda _: [], "not whole"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_as_a_whole(
    rich: Person, new_person: NewPerson, name: str
) -> None:
    break_, hint = BROKEN[name]
    other = new_person()
    answer = other.post("/memory/import", content=ndjson(break_(lines_of(exported(rich)))))
    assert (answer.status_code, answer.json()["error"]) == (422, "InvalidInputError")
    assert hint in answer.json()["detail"]
    assert other.get("/memory/stats").json()["traces"] == 0


def test_a_trace_named_twice_is_written_once(rich: Person, new_person: NewPerson) -> None:
    header, first, *rest, end = lines_of(exported(rich))
    end["counts"]["trace"] += 1
    found = imported(new_person(), ndjson([header, first, first, *rest, end]))
    assert (found["traces"], found["known"]) == (8, 1)


def ndjson(lines: list[Any]) -> bytes:
    return "".join(
        f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines
    ).encode()
