"""Notes out as NDJSON and in again: equal row for row, once only, and nothing that was deleted."""

import json
from typing import Any

import pytest
from conftest import NewPerson
from support.notes import note_of, references, written
from support.people import Person
from support.rows import rows

from app.settings import Settings

TABLES = {
    "note": "id",
    "note_link": "note_id, title_key",
    "note_connection": "id",
    "note_suggestion": "note_id, other_id",
    "memory_trace": "id",
    "memory_posting": "term, trace_id",
    "memory_usage": "traces",
}


@pytest.fixture
def keeper(person: Person) -> Person:
    """Somebody with notes, links of every kind, and something of every verdict."""
    boats = written(person, "Boats", "Ünïcödé 🦉 \u2028 [[Nowhere]]")
    trip = written(person, "Trip", "We take the [[Boats]] and the [[Soup]].")
    soup, roof = written(person, "Soup"), written(person, "Roof")
    person.post(f"/notes/{trip}/connections", json={"target_note_id": roof, "strength": 7})
    person.post(f"/notes/{soup}/suggestions/{roof}/accept")
    person.post(f"/notes/{boats}/suggestions/{roof}/dismiss")
    person.patch(f"/notes/{roof}", json={"content": "Changed."})
    person.until_embedded()
    return person


def imported(person: Person, export: bytes) -> dict[str, int]:
    answer = person.post("/memory/import", content=export)
    assert answer.status_code == 200, answer.text
    found: dict[str, int] = answer.json()
    return {kind: found[kind] for kind in ("traces", "notes", "connections", "verdicts")}


def test_a_round_trip_is_equal_row_for_row(
    keeper: Person, new_person: NewPerson, settings: Settings
) -> None:
    export, other = keeper.get("/memory/export").content, new_person()
    found = {"traces": 4, "notes": 4, "connections": 4, "verdicts": 2}
    assert imported(other, export) == found
    assert rows(settings, other, TABLES) == rows(settings, keeper, TABLES)
    assert other.get("/memory/export").content.splitlines()[1:] == export.splitlines()[1:]
    assert imported(other, export) == dict.fromkeys(found, 0)
    assert rows(settings, other, TABLES) == rows(settings, keeper, TABLES)


def test_what_was_deleted_does_not_come_back(keeper: Person, settings: Settings) -> None:
    export = keeper.get("/memory/export").content
    boats = keeper.get("/notes").json()[-1]
    assert boats["title"] == "Boats"
    keeper.delete(f"/notes/{boats['id']}")
    before = rows(settings, keeper, TABLES)
    assert imported(keeper, export) == {"traces": 0, "notes": 0, "connections": 0, "verdicts": 0}
    assert rows(settings, keeper, TABLES) == before


def test_a_note_comes_back_without_the_trace_that_was_forgotten(
    keeper: Person, new_person: NewPerson
) -> None:
    other, export = new_person(), keeper.get("/memory/export").content
    imported(other, export)
    note = other.get("/notes").json()[0]
    other.post("/memory/forget", json={"trace_id": note["trace_id"]})
    assert note_of(other, note["id"])["trace_id"] is None
    assert imported(other, export)["traces"] == 0
    assert note_of(other, note["id"])["trace_id"] is None


def test_old_links_lead_to_new_notes_and_the_other_way_round(
    keeper: Person, new_person: NewPerson
) -> None:
    other = new_person()
    nowhere, mine = written(other, "Nowhere"), written(other, "Mine", "[[Roof]]")
    imported(other, keeper.get("/memory/export").content)
    assert references(other, nowhere) == {("Boats", "from")}
    assert references(other, mine) == {("Roof", "to")}


BROKEN: dict[str, tuple[str, dict[str, Any], str]] = {
    "a title of two lines": ("note", {"title": "a\nb"}, "title"),
    "a title that no link can name": ("note", {"title": "a [[b]]"}, "title"),
    "a version of none": ("note", {"version": 0}, "version"),
    "too strong": ("connection", {"strength": 101}, "strength"),
    "of an unknown type": ("connection", {"connection_type": "causal"}, "connection_type"),
    "another verdict": ("verdict", {"verdict": "perhaps"}, "verdict"),
    "NUL": ("note", {"content": "\0"}, "NUL"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_line_is_told_what_is_wrong(
    keeper: Person, new_person: NewPerson, name: str
) -> None:
    kind, change, hint = BROKEN[name]
    lines = [json.loads(line) for line in keeper.get("/memory/export").content.splitlines()]
    broken = [{**line, **change} if line["kind"] == kind else line for line in lines]
    other = new_person()
    body = "".join(f"{json.dumps(line)}\n" for line in broken)
    answer = other.post("/memory/import", content=body)
    assert (answer.status_code, answer.json()["error"]) == (422, "InvalidInputError")
    assert hint in answer.json()["detail"]
    assert other.get("/notes").json() == []


def test_no_connection_of_one_note_with_itself_is_imported(
    keeper: Person, new_person: NewPerson
) -> None:
    lines = [json.loads(line) for line in keeper.get("/memory/export").content.splitlines()]
    for line in lines:
        if line["kind"] == "connection":
            line["target_note_id"] = line["source_note_id"]
    body = "".join(f"{json.dumps(line)}\n" for line in lines)
    assert new_person().post("/memory/import", content=body).status_code == 422
