"""Links are kept live: references follow the texts, and the texts follow a new title."""

import pytest
from sqlalchemy import text
from support.databases import looking_into
from support.notes import note_of, references, written
from support.people import Person

from app.settings import Settings


def content(person: Person, note_id: str) -> str:
    return str(note_of(person, note_id)["content"])


def test_a_link_refers_to_the_note_of_its_title(person: Person) -> None:
    boats = written(person, "Boats")
    trip = written(person, "Trip", "We take the [[boats]] and [[ BOATS|wooden ones ]].")
    assert references(person, trip) == {("Boats", "to")}
    assert references(person, boats) == {("Trip", "from")}
    (connection,) = person.get(f"/notes/{trip}/connections").json()
    assert (connection["strength"], connection["origin"]) == (100, "link")
    assert (connection["auto_generated"], connection["note_id"]) == (True, boats)


def test_a_link_waits_for_a_note_of_its_title(person: Person) -> None:
    trip = written(person, "Trip", "See [[Boats]].")
    assert references(person, trip) == set()
    boats = written(person, "BOATS")
    assert references(person, trip) == {("BOATS", "to")}
    person.patch(f"/notes/{boats}", json={"title": "Ships"})
    assert content(person, trip) == "See [[Ships]]."
    harbour = written(person, "Harbour", "[[Quay]]")
    person.patch(f"/notes/{boats}", json={"title": "Quay"})
    assert references(person, harbour) == {("Quay", "to")}, "a note comes to have the title"


def test_taking_a_link_out_ends_the_reference(person: Person) -> None:
    boats = written(person, "Boats")
    trip = written(person, "Trip", "See [[Boats]].")
    person.patch(f"/notes/{trip}", json={"content": "See boats."})
    assert references(person, boats) == set()
    person.patch(f"/notes/{trip}", json={"content": "See [[Boats]] again."})
    assert references(person, boats) == {("Trip", "from")}


def test_a_new_title_goes_into_every_link_and_nothing_else(person: Person) -> None:
    boats = written(person, "Boats", "No [[Boats]] of ours.")
    text = "[[Boats]] and [[boats|the wooden ones]], not [[Boatswain]], boats or [Boats]."
    trip = written(person, "Trip", text)
    before = note_of(person, trip)
    person.patch(f"/notes/{boats}", json={"title": "[old] Ships"})
    after = note_of(person, trip)
    assert after["content"] == (
        "[[[old] Ships]] and [[[old] Ships|the wooden ones]], not [[Boatswain]], boats or [Boats]."
    )
    assert references(person, trip) == {("[old] Ships", "to")}
    assert after["version"] == before["version"] + 1, "an editor with the old text is told"
    assert after["updated_at"] == before["updated_at"], "nobody has written it"
    assert content(person, boats) == "No [[Boats]] of ours.", "but what its author writes stays"


def test_a_new_title_that_another_note_has_no_room_for_is_refused(person: Person) -> None:
    boats = written(person, "B")
    trip = written(person, "Trip", "[[B]] " * 15_000)
    before = [note_of(person, boats), note_of(person, trip)]
    refused = person.patch(f"/notes/{boats}", json={"title": "Boats " * 30})
    assert (refused.status_code, refused.json()["error"]) == (409, "ConflictError")
    assert "The note 'Trip'" in refused.json()["detail"]
    assert [note_of(person, boats), note_of(person, trip)] == before, "nothing was written"
    assert person.patch(f"/notes/{boats}", json={"title": "C"}).status_code == 200
    assert content(person, trip) == "[[C]] " * 15_000


def test_a_note_that_is_too_long_already_can_have_another_title(
    person: Person, settings: Settings
) -> None:
    """As an older version let it grow, or the database that it is from."""
    long = written(person, "Trip", "[[Boats]]")
    with looking_into(settings) as connection:
        grow = "UPDATE note SET content = repeat(content || ' ', 20000) WHERE id = :id"
        connection.execute(text(grow), {"id": long})
    boats = written(person, "Boats")
    assert person.patch(f"/notes/{long}", json={"title": "Journey"}).status_code == 200
    assert person.patch(f"/notes/{boats}", json={"title": "Ship"}).status_code == 200
    assert content(person, long).count("[[Ship]] ") == 20_000
    assert person.patch(f"/notes/{long}", json={"content": "x" * 100_001}).status_code == 413


def test_the_memory_of_a_note_follows_a_new_title(person: Person) -> None:
    boats = written(person, "Boats", "Wooden.")
    trip = written(person, "Trip", "See [[Boats]].")
    person.patch(f"/notes/{boats}", json={"title": "Ships"})
    trace_id = note_of(person, trip)["trace_id"]
    assert person.get(f"/memory/traces/{trace_id}").json()["content"] == "Trip\n\nSee [[Ships]]."
    person.until_embedded()
    assert sorted(person.contents("ships")) == ["Ships\n\nWooden.", "Trip\n\nSee [[Ships]]."]


def test_only_another_case_of_a_title_leaves_the_links_as_they_are(person: Person) -> None:
    boats = written(person, "Boats")
    trip = written(person, "Trip", "See [[boats]].")
    person.patch(f"/notes/{boats}", json={"title": "BOATS"})
    assert content(person, trip) == "See [[boats]]."
    assert references(person, trip) == {("BOATS", "to")}


def test_of_two_notes_of_a_title_a_link_keeps_the_one_it_has(person: Person) -> None:
    first = written(person, "Boats", "first")
    trip = written(person, "Trip", "See [[Boats]].")
    second = written(person, "Boats", "second")
    assert references(person, second) == set()
    person.patch(f"/notes/{second}", json={"title": "Ships"})
    assert content(person, trip) == "See [[Boats]].", "it leads to the other one"
    person.patch(f"/notes/{first}", json={"title": "Ships"})
    assert content(person, trip) == "See [[Ships]]."
    assert references(person, first) == {("Trip", "from")}
    assert references(person, second) == set()


def test_when_a_note_is_deleted_its_links_lead_to_the_next_of_its_title(person: Person) -> None:
    first, second = (written(person, "Boats", which) for which in ("first", "second"))
    trip = written(person, "Trip", "See [[Boats]].")
    assert references(person, first) == {("Trip", "from")}, "the oldest one"
    person.delete(f"/notes/{first}")
    assert references(person, second) == {("Trip", "from")}
    person.delete(f"/notes/{second}")
    assert references(person, trip) == set()
    assert content(person, trip) == "See [[Boats]].", "and waits for a note of that title"


def test_a_link_to_itself_is_no_reference(person: Person) -> None:
    note_id = written(person, "Boats", "[[Boats]]")
    assert references(person, note_id) == set()


def test_backlinks_show_the_line_of_the_link(person: Person) -> None:
    boats = written(person, "Boats")
    trip = written(person, "Trip", "Monday\n  We take the [[Boats|wooden boats]].  \nTuesday")
    by_hand = written(person, "Harbour")
    person.post(f"/notes/{by_hand}/connections", json={"target_note_id": boats})
    found = person.get(f"/notes/{boats}/backlinks").json()
    assert [(one["note_id"], one["title"], one["line"]) for one in found] == [
        (by_hand, "Harbour", None),
        (trip, "Trip", "We take the [[Boats|wooden boats]]."),
    ]
    assert person.get(f"/notes/{trip}/backlinks").json() == []


@pytest.mark.parametrize("others", [25])
def test_a_new_title_reaches_many_notes_at_once(person: Person, others: int) -> None:
    hub = written(person, "Hub")
    ids = [written(person, f"Note {n}", f"Line {n} of [[Hub]].") for n in range(others)]
    person.patch(f"/notes/{hub}", json={"title": "Centre"})
    texts = {note["id"]: note["content"] for note in person.get("/notes").json()}
    assert [texts[i] for i in ids] == [f"Line {n} of [[Centre]]." for n in range(others)]
    assert len(person.get(f"/notes/{hub}/backlinks").json()) == others
