"""Notes over HTTP: every form of reading and writing, and how the memory holds them."""

from contextlib import closing

import pytest
from conftest import NewDatabase, NewPerson
from support.databases import database_url, scalar
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.notes import note_of, written
from support.people import Person

from app.main import create_app
from app.settings import Settings
from app.storage.migrations import migrate

UNKNOWN = "00000000-0000-0000-0000-000000000000"


def trace_of(person: Person, note_id: str) -> dict[str, object]:
    """The trace of a note as it is at the moment."""
    found: dict[str, object] = person.get(
        f"/memory/traces/{note_of(person, note_id)['trace_id']}"
    ).json()
    return found


def test_a_note_is_written_read_changed_and_deleted(person: Person) -> None:
    answer = person.post("/notes", json={"title": "  The \n boats ", "content": "They are wooden."})
    note = answer.json()
    assert (answer.status_code, note["title"], note["version"]) == (201, "The boats", 1)
    assert note["created_at"] == note["updated_at"]
    assert note_of(person, note["id"]) == note
    put = person.put(f"/notes/{note['id']}", json={"title": "Boats", "content": "Wooden."}).json()
    assert (put["title"], put["content"], put["version"]) == ("Boats", "Wooden.", 2)
    patched = person.patch(f"/notes/{note['id']}", json={"content": "Of oak."}).json()
    assert (patched["title"], patched["content"], patched["version"]) == ("Boats", "Of oak.", 3)
    assert patched["created_at"] == note["created_at"] < patched["updated_at"]
    assert person.delete(f"/notes/{note['id']}").json()["counts"]["notes"] == 1
    assert person.get(f"/notes/{note['id']}").status_code == 404


def test_all_notes_are_a_bare_list_and_pages_say_how_many(person: Person) -> None:
    assert person.get("/notes").json() == []
    ids = [written(person, f"Note {n}") for n in range(5)]
    person.patch(f"/notes/{ids[0]}", json={"content": "Written last."})
    order = [ids[0], *reversed(ids[1:])]
    assert [note["id"] for note in person.get("/notes/").json()] == order
    page = person.get("/notes", params={"page": 2, "per_page": 2}).json()
    assert [note["id"] for note in page.pop("notes")] == order[2:4]
    assert page == {"total": 5, "page": 2, "per_page": 2}


def test_a_slash_at_the_end_works_both_ways(person: Person) -> None:
    note = person.post("/notes/", json={"title": "Boats"}).json()
    for path in ("", "/connections", "/suggestions", "/similar", "/backlinks"):
        for end in ("", "/"):
            assert person.get(f"/notes/{note['id']}{path}{end}").status_code == 200


def test_an_editor_may_save_before_there_is_a_title(person: Person) -> None:
    for body in ({}, {"title": "", "content": ""}, {"title": " \n"}):
        assert person.post("/notes", json=body).json()["title"] == "Untitled"


def test_a_change_of_an_old_version_is_refused(person: Person) -> None:
    note_id = written(person, "Boats", "One.")
    assert person.patch(f"/notes/{note_id}", json={"content": "Two.", "version": 1}).is_success
    for change in (person.put, person.patch):
        late = change(f"/notes/{note_id}", json={"title": "X", "content": "Late.", "version": 1})
        assert (late.status_code, late.json()["error"]) == (409, "ConflictError")
        assert "version 2" in late.json()["detail"]
    assert note_of(person, note_id)["content"] == "Two."
    assert person.put(f"/notes/{note_id}", json={"title": "Boats", "content": "Three."}).is_success


def test_saving_the_same_again_is_no_change(person: Person) -> None:
    note_id = written(person, "Boats", "Wooden.")
    before = note_of(person, note_id)
    same = person.put(f"/notes/{note_id}", json={"title": "Boats", "content": "Wooden."})
    assert same.json() == before
    assert person.patch(f"/notes/{note_id}", json={}).json() == before


@pytest.mark.parametrize(
    ("body", "status", "hint"),
    [
        ({"title": "a [[b]]"}, 422, "link"),
        ({"title": "a | b"}, 422, "link"),
        ({"title": "x" * 201}, 422, "200"),
        ({"title": "x", "content": "a\0b"}, 422, "NUL"),
        ({"title": "x", "folder": "y"}, 422, "folder"),
        ({"title": None}, 422, "title"),
        ({"title": "x", "content": "y" * 100_000}, 413, "split"),
    ],
)
def test_a_bad_note_is_told_what_is_wrong(
    person: Person, body: dict[str, object], status: int, hint: str
) -> None:
    answer = person.post("/notes", json=body)
    assert answer.status_code == status
    assert hint in answer.json()["detail"]
    assert person.get("/notes").json() == []


def test_a_put_says_all_of_a_note(person: Person) -> None:
    """What is left out is not taken for empty: that would rename it, and the links to it."""
    note_id = written(person, "Boats", "Wooden.")
    for part in ({"title": "Ships"}, {"content": "Of oak."}, {}):
        assert person.put(f"/notes/{note_id}", json=part).status_code == 422
    assert note_of(person, note_id)["version"] == 1


def test_an_unknown_note_is_not_found(person: Person, new_person: NewPerson) -> None:
    theirs = written(new_person(), "Theirs")
    for note_id in (UNKNOWN, theirs):
        assert person.get(f"/notes/{note_id}").status_code == 404
        assert (
            person.put(f"/notes/{note_id}", json={"title": "x", "content": ""}).status_code == 404
        )
        assert person.delete(f"/notes/{note_id}").status_code == 404
    assert person.get("/notes/nope").status_code == 422


def test_a_note_is_remembered_as_one_trace_that_follows_it(person: Person) -> None:
    note_id = written(person, "Boats", "The blue one leaks.")
    first = trace_of(person, note_id)
    assert first["content"] == "Boats\n\nThe blue one leaks."
    assert (first["role"], first["source"]) == ("note", {"type": "note", "id": note_id})
    for n in range(5):
        person.patch(f"/notes/{note_id}", json={"content": f"The green one sinks, {n}."})
    person.until_embedded()
    last = trace_of(person, note_id)
    assert (last["trace_id"], last["created_at"]) == (first["trace_id"], first["created_at"])
    assert last["content"] == "Boats\n\nThe green one sinks, 4."
    assert person.get("/memory/stats").json()["traces"] == 1
    found = person.recall("Which boat sinks?")["results"]
    assert [result["content"] for result in found] == [last["content"]]
    assert found[0]["scores"]["semantic"] > 0
    assert person.recall("leaks")["results"][0]["scores"]["lexical"] == 0, "its old words are gone"


def test_a_note_holds_what_it_says_however_little_it_says(person: Person) -> None:
    note_id = written(person, "ok", "")
    person.until_embedded()
    assert trace_of(person, note_id)["salience"] == pytest.approx(0.6)
    assert person.recall("ok", heads="semantic")["results"][0]["scores"]["semantic"] > 0


def test_a_changed_note_opens_its_day_again(new_database: NewDatabase) -> None:
    """What the day's summary quotes of it is what the note says now."""
    fresh = new_database()
    migrate(database_url(fresh))
    with (
        serving(create_app(fresh, embedder=HashingEmbedder())) as url,
        closing(Person(url)) as admin,
    ):
        admin.patch("/auth/me", json={"timezone": "UTC"})
        note_id = written(admin, "The greenhouse", "The greenhouse roof leaks badly in the rain.")
        today = note_of(admin, note_id)["created_at"][:10]
        dream = {"day": today}
        assert admin.post("/memory/consolidate", json=dream).json()["status"] == "done"
        admin.patch(f"/notes/{note_id}", json={"content": "The greenhouse roof is dry at last."})
        assert admin.get("/memory/consolidations").json()["runs"][0]["state"] == "due"
        assert admin.post("/memory/consolidate", json=dream).json()["status"] == "done"
        episodes = admin.get("/memory/episodes").json()["episodes"]
        (summary,) = (one["content"] for one in episodes if one["role"] == "summary")
        assert "dry at last" in summary
        assert "leaks" not in summary


def test_while_recording_is_paused_a_note_is_saved_and_not_remembered(person: Person) -> None:
    old = written(person, "Old", "Before.")
    person.patch("/auth/me", json={"recording_paused": True})
    person.patch(f"/notes/{old}", json={"content": "In the pause."})
    new = written(person, "New", "In the pause, too.")
    assert (note_of(person, old)["content"], note_of(person, new)["trace_id"]) == (
        "In the pause.",
        None,
    )
    assert person.contents("pause") == ["Old\n\nBefore."]
    person.patch("/auth/me", json={"recording_paused": False})
    for note_id in (old, new):
        person.patch(f"/notes/{note_id}", json={"content": "In the harbour."})
    assert sorted(person.contents("harbour")) == [
        "New\n\nIn the harbour.",
        "Old\n\nIn the harbour.",
    ]


def test_an_account_takes_its_notes_with_it(new_person: NewPerson, settings: Settings) -> None:
    person = new_person()
    one = written(person, "Boats", "See [[Harbour]].")
    other = written(person, "Harbour")
    person.post(f"/notes/{other}/suggestions/{one}/dismiss")
    me = person.get("/auth/me").json()["id"]
    tables = ("note", "note_link", "note_connection", "note_suggestion")
    count = "SELECT count(*) FROM {} WHERE user_id = CAST(:me AS uuid)"
    assert all(scalar(settings, count.format(table), me=me) for table in tables)
    farewell = {"password": "correct horse battery"}
    assert person.request("DELETE", "/auth/me", json=farewell).status_code == 204
    assert not any(scalar(settings, count.format(table), me=me) for table in tables)
