"""Notes and forgetting: what it leaves of a note, what it takes, and what the tombstone counts."""

from typing import Any

import pytest
from conftest import NewPerson
from support.notes import note_of, references, written
from support.people import Person


def forget(person: Person, **wanted: Any) -> dict[str, Any]:
    answer = person.post("/memory/forget", json=wanted)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_deleting_a_note_forgets_its_trace(person: Person) -> None:
    boats = written(person, "Boats", "The blue one leaks.")
    written(person, "Trip", "See [[Boats]].")
    person.until_embedded()
    trace_id = note_of(person, boats)["trace_id"]
    tombstone = person.delete(f"/notes/{boats}").json()
    counts = tombstone["counts"]
    assert (counts["traces"], counts["embeddings"], counts["notes"]) == (1, 3, 1)
    assert counts["note_links"] == 1
    assert person.get(f"/memory/traces/{trace_id}").status_code == 404
    assert person.contents("leaks") == ["Trip\n\nSee [[Boats]]."]
    assert person.delete(f"/notes/{boats}").json() == tombstone, "twice is the same"


def test_a_note_that_is_not_remembered_is_deleted_too(person: Person) -> None:
    person.patch("/auth/me", json={"recording_paused": True})
    boats = written(person, "Boats")
    counts = person.delete(f"/notes/{boats}").json()["counts"]
    assert (counts["traces"], counts["notes"]) == (0, 1)
    assert person.get("/notes").json() == []


def test_forgetting_the_trace_of_a_note_leaves_the_note(person: Person) -> None:
    boats = written(person, "Boats", "The blue one leaks.")
    before = note_of(person, boats)
    counts = forget(person, trace_id=before["trace_id"])["counts"]
    assert (counts["traces"], counts["notes"], counts["note_links"]) == (1, 0, 0)
    assert note_of(person, boats) == {**before, "trace_id": None}
    person.put(f"/notes/{boats}", json={"title": "Boats", "content": "The blue one leaks."})
    assert person.contents("leaks") == [], "and saving the same again does not bring it back"


def test_a_new_title_of_another_note_does_not_bring_it_back(person: Person) -> None:
    boats = written(person, "Boats")
    trip = written(person, "Trip", "The secret of the [[Boats]].")
    forget(person, trace_id=note_of(person, trip)["trace_id"])
    person.patch(f"/notes/{boats}", json={"title": "Ships"})
    assert note_of(person, trip)["content"] == "The secret of the [[Ships]]."
    assert note_of(person, trip)["trace_id"] is None
    person.patch(f"/notes/{trip}", json={"content": "Something new."})
    assert note_of(person, trip)["trace_id"] is not None, "but what is written anew is remembered"


WISHES: dict[str, dict[str, Any]] = {
    "all": {"scope": "all"},
    "range": {"scope": "range", "from": "2020-01-01", "to": "2199-01-01"},
    "source": {"scope": "source", "type": "note"},
    "query": {"scope": "query", "query": "boats", "k": 1},
}


@pytest.mark.parametrize("scope", WISHES)
def test_notes_go_when_they_are_included(person: Person, scope: str) -> None:
    boats = written(person, "Boats", "boats")
    written(person, "Trip", "See [[Boats]].")
    person.until_embedded()
    wanted = {**WISHES[scope], "include_notes": True}
    preview = forget(person, **wanted, dry_run=True)
    assert len(person.get("/notes").json()) == 2
    tombstone = forget(person, **wanted)
    assert tombstone["counts"] == preview["counts"]
    assert tombstone["counts"]["notes"] == (1 if scope == "query" else 2)
    assert tombstone["counts"]["note_links"] == 1
    assert person.get(f"/notes/{boats}").status_code == 404


@pytest.mark.parametrize("scope", ["all", "range", "query"])
def test_notes_stay_unless_they_are_included(person: Person, scope: str) -> None:
    person.remember("boats in the harbour")
    boats = written(person, "Boats", "boats")
    person.until_embedded()
    wanted = {**WISHES[scope], **({"k": 5} if scope == "query" else {})}
    assert forget(person, **wanted)["counts"]["notes"] == 0
    assert note_of(person, boats)["trace_id"] is not None
    assert person.contents("boats") == ["Boats\n\nboats"]


def test_notes_that_are_not_remembered_go_with_everything(person: Person) -> None:
    boats = written(person, "Boats")
    forget(person, trace_id=note_of(person, boats)["trace_id"])
    forget(person, scope="all", include_notes=True)
    assert person.get("/notes").json() == []


def test_a_conversation_takes_no_note_of_another(person: Person) -> None:
    chat = {"type": "chat", "conversation_id": "c"}
    person.remember("We talked about boats.", source=chat)
    boats, trip = written(person, "Boats"), written(person, "Trip", "[[Boats]]")
    forget(person, scope="conversation", id="c", include_notes=True)
    assert references(person, trip) == {("Boats", "to")}
    assert note_of(person, boats)["trace_id"] is not None


def test_only_a_key_that_may_forget_deletes_a_note(person: Person, new_person: NewPerson) -> None:
    note_id = written(person, "Boats")
    answers = {}
    for scope in ("read", "write", "forget"):
        key = person.post("/auth/keys", json={"name": scope, "scopes": [scope]}).json()["key"]
        agent = {"Authorization": f"Bearer {key}"}
        answers[scope] = [
            person.get("/notes", headers=agent).status_code,
            person.post("/notes", json={"title": "x"}, headers=agent).status_code,
            person.delete(f"/notes/{note_id}", headers=agent).status_code,
        ]
    assert answers == {
        "read": [200, 403, 403],
        "write": [403, 201, 403],
        "forget": [403, 403, 200],
    }
