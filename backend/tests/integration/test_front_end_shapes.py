"""The calls of Sara's front end that were there before this service, in the shapes that it reads."""

from uuid import UUID

from sqlalchemy import text
from support.databases import looking_into
from support.notes import written
from support.people import Person

from app.settings import Settings

INSIGHTS = """
INSERT INTO dream_insight (user_id, id, kind, day, text)
SELECT CAST(:me AS uuid), gen_random_uuid(), 'returning_topic', DATE '2026-06-01' + n, 'Boats again'
FROM generate_series(1, 3) AS n
"""


def test_notes_are_a_bare_array(person: Person) -> None:
    assert person.get("/notes").json() == []
    written(person, "Boats", "Wooden.")
    (note,) = person.get("/notes").json()
    assert set(note) >= {"id", "title", "content", "created_at", "updated_at"}


def test_notes_by_page_say_how_many_there_are(person: Person) -> None:
    for n in range(3):
        written(person, f"Note {n}")
    answer = person.get("/notes", params={"page": 2, "per_page": 2}).json()
    assert [note["title"] for note in answer.pop("notes")] == ["Note 0"]
    assert answer == {"total": 3, "page": 2, "per_page": 2}


def test_insights_come_with_their_total(person: Person, settings: Settings) -> None:
    assert person.get("/memory/insights").json() == {"insights": [], "total": 0}
    with looking_into(settings) as connection:
        connection.execute(text(INSIGHTS), {"me": UUID(person.get("/auth/me").json()["id"])})
    answer = person.get("/memory/insights", params={"per_page": 2}).json()
    assert set(answer) == {"insights", "total"}
    assert (len(answer["insights"]), answer["total"]) == (2, 3)


def test_episodes_come_by_page_with_their_total(person: Person) -> None:
    empty = {"episodes": [], "total": 0, "page": 1, "per_page": 20}
    assert person.get("/memory/episodes").json() == empty
    for n in range(3):
        person.remember(f"Line {n} about boats.")
    answer = person.get("/memory/episodes", params={"page": 2, "per_page": 2}).json()
    assert [one["content"] for one in answer.pop("episodes")] == ["Line 0 about boats."]
    assert answer == {"total": 3, "page": 2, "per_page": 2}
