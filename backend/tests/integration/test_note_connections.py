"""Connections and suggestions: made, refused, accepted, dismissed, and each with its reason."""

from typing import Any

import pytest
from conftest import NewPerson
from sqlalchemy import text
from support.databases import looking_into
from support.notes import note_of, references, written
from support.people import Person

from app.settings import Settings


def connect(person: Person, one: str, other: str, **fields: Any) -> Any:
    return person.post(f"/notes/{one}/connections", json={"target_note_id": other, **fields})


def suggestions(person: Person, note_id: str) -> dict[str, dict[str, Any]]:
    """What is suggested to a note, by title."""
    found = person.get(f"/notes/{note_id}/suggestions").json()
    return {one["title"]: one for one in found}


def kinds(suggestion: dict[str, Any]) -> set[str]:
    return {tie["kind"] for tie in suggestion["reasons"]}


def on_another_day(settings: Settings, note_id: str) -> None:
    """As if it had been begun long ago."""
    with looking_into(settings) as connection:
        connection.execute(
            text("UPDATE note SET created_at = created_at - interval '40 days' WHERE id = :id"),
            {"id": note_id},
        )


@pytest.fixture
def pair(person: Person) -> tuple[str, str]:
    """Two notes with nothing in common but the day."""
    return written(person, "Boats", "They are wooden."), written(person, "Soup", "It has saffron.")


def test_a_connection_is_made_seen_from_both_ends_and_undone(
    person: Person, pair: tuple[str, str]
) -> None:
    one, other = pair
    answer = connect(person, one, other, connection_type="semantic", strength=70)
    made = answer.json()
    assert (answer.status_code, made["connection_type"], made["strength"]) == (201, "semantic", 70)
    assert (made["origin"], made["auto_generated"], made["title"]) == ("person", False, "Soup")
    (seen,) = person.get(f"/notes/{other}/connections").json()
    assert (seen["id"], seen["note_id"], seen["title"]) == (made["id"], one, "Boats")
    path = f"/notes/{other}/connections/{made['id']}"
    assert person.delete(path).status_code == 204
    assert person.delete(path).status_code == 404
    assert person.get(f"/notes/{one}/connections").json() == []


def test_duplicates_are_refused_in_either_direction_but_for_references(
    person: Person, pair: tuple[str, str]
) -> None:
    one, other = pair
    for kind in ("reference", "semantic", "temporal"):
        assert connect(person, one, other, connection_type=kind).status_code == 201
        again = connect(person, one, other, connection_type=kind, strength=1)
        assert (again.status_code, again.json()["error"]) == (409, "ConflictError")
    assert connect(person, other, one, connection_type="semantic").status_code == 409
    assert connect(person, other, one, connection_type="temporal").status_code == 409
    assert connect(person, other, one).status_code == 201, "each may refer to the other"
    assert len(person.get(f"/notes/{one}/connections").json()) == 4


def test_a_bad_connection_is_told_what_is_wrong(
    person: Person, pair: tuple[str, str], new_person: NewPerson
) -> None:
    one, other = pair
    theirs = written(new_person(), "Theirs")
    assert connect(person, one, theirs).status_code == 404
    assert connect(person, one, one).status_code == 422
    assert connect(person, one, other, strength=101).status_code == 422
    assert connect(person, one, other, connection_type="causal").status_code == 422


def test_what_follows_from_a_link_is_undone_in_the_text(person: Person) -> None:
    boats = written(person, "Boats")
    trip = written(person, "Trip", "See [[Boats]].")
    assert connect(person, trip, boats).status_code == 409
    (connection,) = person.get(f"/notes/{trip}/connections").json()
    answer = person.delete(f"/notes/{trip}/connections/{connection['id']}")
    assert (answer.status_code, "take the link out" in answer.json()["detail"]) == (409, True)


def test_what_somebody_connected_themselves_outlives_a_link(person: Person) -> None:
    boats, trip = written(person, "Boats"), written(person, "Trip")
    connect(person, trip, boats)
    person.patch(f"/notes/{trip}", json={"content": "See [[Boats]]."})
    person.patch(f"/notes/{boats}", json={"title": "Ships"})
    assert note_of(person, trip)["content"] == "See [[Ships]]."
    person.patch(f"/notes/{trip}", json={"content": "See nothing."})
    assert references(person, trip) == {("Ships", "to")}


def test_notes_of_one_day_are_suggested_at_once(person: Person, pair: tuple[str, str]) -> None:
    found = suggestions(person, pair[0])["Soup"]
    assert found["connection_type"] == "temporal"
    assert kinds(found) == {"day"}
    assert found["reason"].startswith("Both were begun on ")
    assert 0 < found["strength"] <= 40


def test_a_shared_name_is_suggested_before_anything_is_dreamt(
    person: Person, settings: Settings
) -> None:
    one = written(person, "Dinner", "We meet Ana Oliveira at the market.")
    other = written(person, "Phone numbers", "The number of Ana Oliveira is on the fridge.")
    on_another_day(settings, other)
    found = suggestions(person, one)["Phone numbers"]
    assert (found["connection_type"], kinds(found)) == ("semantic", {"entities"})
    assert found["reason"] == "Both speak of Ana Oliveira."
    assert suggestions(person, other)["Dinner"]["strength"] == found["strength"] == 50


def test_what_the_dream_has_found_in_both_is_shared(person: Person, settings: Settings) -> None:
    one, other = written(person, "One", "she is coming"), written(person, "Other", "my sister")
    on_another_day(settings, other)
    ids = {"one": note_of(person, one)["trace_id"], "other": note_of(person, other)["trace_id"]}
    with looking_into(settings) as connection:
        connection.execute(
            text(
                "INSERT INTO memory_trace SELECT user_id, gen_random_uuid(), 'Ana', 'entity', now(), 0.5,"
                ' \'{"type": "dream", "key": "ana"}\', \'{"kind": "person", "aliases": []}\','
                " 0, NULL, false, NULL, '', 0, false, 0, '' FROM memory_trace WHERE id = :one"
            ),
            ids,
        )
        connection.execute(
            text(
                "INSERT INTO memory_edge SELECT t.user_id, t.id, e.id, 'mentions', 1, now()"
                " FROM memory_trace AS t JOIN memory_trace AS e ON e.user_id = t.user_id"
                " AND e.role = 'entity' WHERE t.id IN (:one, :other)"
            ),
            ids,
        )
    assert suggestions(person, one)["Other"]["reason"] == "Both speak of Ana."


def test_what_says_similar_things_is_suggested_when_it_is_embedded(
    person: Person, settings: Settings
) -> None:
    one = written(person, "Roof", "the greenhouse roof leaks in the rain")
    other = written(person, "Repairs", "rain leaks through the greenhouse roof")
    written(person, "Soup", "fish and saffron with orange peel")
    on_another_day(settings, other)
    person.until_embedded()
    found = suggestions(person, one)["Repairs"]
    assert (found["connection_type"], kinds(found)) == ("semantic", {"meaning"})
    similar = person.get(f"/notes/{one}/similar").json()
    assert [note["title"] for note in similar] == ["Repairs", "Soup"]
    assert similar[0]["similarity"] > 0.5 > similar[1]["similarity"]


def test_reasons_add_up(person: Person) -> None:
    one = written(person, "Roof", "The greenhouse roof leaks, says Ana Oliveira.")
    written(person, "Repairs", "We ask Ana Oliveira: the greenhouse roof leaks.")
    person.until_embedded()
    found = suggestions(person, one)["Repairs"]
    assert kinds(found) == {"entities", "meaning", "day"}
    strengths = [tie["strength"] for tie in found["reasons"]]
    assert strengths == sorted(strengths, reverse=True)
    assert max(strengths) < found["strength"] <= 100
    assert found["reason"] == found["reasons"][0]["reason"]


def test_an_accepted_suggestion_is_a_connection_and_not_suggested_again(
    person: Person, pair: tuple[str, str]
) -> None:
    one, other = pair
    wanted = suggestions(person, one)["Soup"]
    path = f"/notes/{one}/suggestions/{other}/accept"
    answer = person.post(path)
    made = answer.json()
    assert (answer.status_code, made["origin"], made["auto_generated"]) == (
        201,
        "suggestion",
        False,
    )
    assert (made["connection_type"], made["strength"]) == ("temporal", wanted["strength"])
    assert person.post(path).status_code == 404
    person.delete(f"/notes/{one}/connections/{made['id']}")
    assert suggestions(person, one) == suggestions(person, other) == {}


def test_a_dismissed_suggestion_never_comes_back(person: Person, settings: Settings) -> None:
    one = written(person, "Roof", "the greenhouse roof leaks")
    other = written(person, "Repairs", "the greenhouse is old")
    assert "Repairs" in suggestions(person, one)
    path = f"/notes/{one}/suggestions/{other}/dismiss"
    assert [person.post(path).status_code, person.post(path).status_code] == [204, 204]
    person.patch(f"/notes/{other}", json={"content": "the greenhouse roof leaks"})
    person.until_embedded()
    assert suggestions(person, one) == suggestions(person, other) == {}
    assert person.post(f"/notes/{other}/suggestions/{one}/accept").status_code == 404
    assert connect(person, one, other).status_code == 201, "but by hand they are connected"


def test_nobody_is_suggested_anything_of_somebody_else(new_person: NewPerson) -> None:
    mine, theirs = new_person(), new_person()
    for person in (mine, theirs):
        written(person, "Roof", "The greenhouse roof leaks, says Ana Oliveira.")
        person.until_embedded()
    note_id = mine.get("/notes").json()[0]["id"]
    assert suggestions(mine, note_id) == {}
    assert mine.get(f"/notes/{note_id}/similar").json() == []


def test_a_limit_gives_the_strongest(person: Person) -> None:
    ids = [written(person, f"Note {n}") for n in range(5)]
    person.until_embedded()
    everything = person.get(f"/notes/{ids[0]}/suggestions").json()
    assert len(everything) == 4
    two = person.get(f"/notes/{ids[0]}/suggestions", params={"limit": 2}).json()
    assert [one["note_id"] for one in two] == [one["note_id"] for one in everything[:2]]
