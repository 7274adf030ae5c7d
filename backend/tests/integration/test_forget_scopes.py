"""What each scope of a forgetting means, what it leaves, and that the same again changes nothing."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from conftest import NewPerson
from support.databases import scalar
from support.people import Person

from app.settings import Settings

DIARY = {"type": "diary", "conversation_id": "summer"}
SCOPES: dict[str, dict[str, Any]] = {
    "trace": {"scope": "trace"},
    "source": {"scope": "source", "type": "diary"},
    "conversation": {"scope": "conversation", "id": "summer"},
    "range": {"scope": "range", "from": "2026-07-01", "to": "2026-08-01"},
    "query": {"scope": "query", "query": "Who swam across the lake in July?", "k": 1},
}


@pytest.fixture
def swimmer(person: Person) -> str:
    """Three traces; the id of the one that every scope of ``SCOPES`` means."""
    _, swim, _ = person.remember_many(
        [
            {"content": "In June the cherries were ripe.", "created_at": "2026-06-10T12:00:00Z"},
            {
                "content": "Clara swam across the lake in July.",
                "created_at": "2026-07-10T12:00:00Z",
                "source": DIARY,
            },
            {"content": "In August it rained all day.", "created_at": "2026-08-10T12:00:00Z"},
        ]
    )
    person.until_embedded()
    return swim


def body_of(name: str, trace_id: str, **more: Any) -> dict[str, Any]:
    return {**SCOPES[name], **({"ids": [trace_id]} if name == "trace" else {}), **more}


def left(person: Person) -> list[str]:
    return [item["content"] for item in person.get("/memory/episodes").json()["episodes"]]


@pytest.mark.parametrize("name", SCOPES)
def test_a_scope_forgets_what_it_means_and_leaves_the_rest(
    person: Person, swimmer: str, name: str
) -> None:
    answer = person.post("/memory/forget", json=body_of(name, swimmer))
    assert (answer.status_code, answer.json()["scope"]) == (200, name)
    assert answer.json()["counts"]["traces"] == 1
    assert left(person) == ["In August it rained all day.", "In June the cherries were ripe."]


@pytest.mark.parametrize("name", SCOPES)
def test_a_dry_run_tells_and_does_nothing(person: Person, swimmer: str, name: str) -> None:
    preview = person.post("/memory/forget", json=body_of(name, swimmer, dry_run=True)).json()
    assert (preview["dry_run"], preview["trace_ids"]) == (True, [swimmer])
    assert preview["counts"]["traces"] == 1
    assert len(left(person)) == 3
    assert person.get("/memory/tombstones").json()["total"] == 0
    gone = person.post("/memory/forget", json=body_of(name, swimmer)).json()
    assert gone["counts"] == preview["counts"]


@pytest.mark.parametrize("name", SCOPES)
def test_the_same_again_answers_with_the_first_tombstone(
    person: Person, swimmer: str, name: str
) -> None:
    first = person.post("/memory/forget", json=body_of(name, swimmer)).json()
    again = person.post("/memory/forget", json=body_of(name, swimmer))
    assert (again.status_code, again.json()) == (200, first)
    assert len(left(person)) == 2
    assert person.get("/memory/tombstones").json()["tombstones"] == [first]


@pytest.mark.parametrize("name", SCOPES)
def test_nobody_forgets_what_is_somebody_elses(
    person: Person, swimmer: str, name: str, new_person: NewPerson
) -> None:
    stranger = new_person()
    answer = stranger.post("/memory/forget", json=body_of(name, swimmer))
    assert (answer.status_code, answer.json()["error"]) == (404, "NotFoundError")
    assert len(left(person)) == 3


def test_days_are_those_of_ones_own_time_zone(person: Person) -> None:
    person.patch("/auth/me", json={"timezone": "America/New_York"})
    first = person.remember("The evening of the first.", created_at="2026-06-02T01:00:00Z")
    second = person.remember("The evening of the second.", created_at="2026-06-03T01:00:00Z")
    day = {"scope": "range", "from": "2026-06-02", "to": "2026-06-03", "dry_run": True}
    assert person.post("/memory/forget", json=day).json()["trace_ids"] == [second]
    late = day | {"from": "2026-06-02T00:30Z", "to": "2026-06-02"}
    found = person.post("/memory/forget", json=late).json()["trace_ids"]
    assert found == [first], "midnight in New York is four o'clock here"


def test_everything_is_forgotten_and_a_new_beginning_made(person: Person, swimmer: str) -> None:
    gone = person.post("/memory/forget", json={"scope": "all"}).json()
    assert gone["counts"]["traces"] == 3
    assert person.recall("the lake")["results"] == []
    assert person.post("/memory/forget", json={"scope": "all"}).json() == gone
    person.remember("A new beginning.")
    later = person.post("/memory/forget", json={"scope": "all"}).json()
    assert (later["id"] == gone["id"], later["counts"]["traces"]) == (False, 1)
    newest_first = person.get("/memory/tombstones", params={"per_page": 1}).json()
    assert (newest_first["total"], newest_first["tombstones"]) == (2, [later])
    assert person.get(f"/memory/traces/{swimmer}").status_code == 404


def test_a_query_takes_all_that_score_enough_and_later_what_was_said_since(
    person: Person, swimmer: str
) -> None:
    asked = {"scope": "query", "query": "Clara swam across the lake", "min_score": 0.5}
    first = person.post("/memory/forget", json=asked).json()
    assert first["counts"]["traces"] == 1
    person.remember("Clara swam across the lake again.")
    person.until_embedded()
    second = person.post("/memory/forget", json=asked).json()
    assert second["counts"]["traces"] == 1
    assert second["id"] != first["id"]
    assert len(left(person)) == 2


def test_the_same_query_is_about_what_was_imported_since(
    person: Person, swimmer: str, new_person: NewPerson
) -> None:
    """It keeps its id and its time, which are older than the forgetting; the next best stay."""
    other = new_person()
    other.remember("Clara swam across the lake with Bob.", created_at="2026-07-11T12:00:00Z")
    export = other.get("/memory/export").content
    asked = {"scope": "query", "query": "Clara swam across the lake", "k": 2}
    first = person.post("/memory/forget", json=asked).json()
    assert first["counts"]["traces"] == 2
    person.remember("Of nothing else.")
    assert person.post("/memory/forget", json=asked).json()["counts"]["traces"] == 1
    person.post("/memory/import", content=export)
    person.until_embedded()
    assert person.post("/memory/forget", json=asked).json()["counts"]["traces"] == 1
    assert len(left(person)) == 1
    assert person.contents("Clara swam across the lake") == left(person)


def test_a_query_takes_all_that_score_enough_however_many(person: Person) -> None:
    for hundreds in range(11):
        many = range(100 * hundreds, 100 * hundreds + 100)
        person.remember_many([{"content": f"Of lake number {n}.", "salience": 0.1} for n in many])
    person.remember("The cherries were ripe.", salience=0.1)
    asked = {"scope": "query", "query": "lake", "min_score": 0.05}
    preview = person.post("/memory/forget", json={**asked, "dry_run": True}).json()
    assert preview["counts"]["traces"] == 1_100
    assert person.post("/memory/forget", json=asked).json()["counts"]["traces"] == 1_100
    assert left(person) == ["The cherries were ripe."]


def test_a_query_that_means_too_much_is_told_so(
    person: Person, swimmer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.schemas.forget.LOOKED_AT", 1)
    monkeypatch.setattr("app.services.forget_service.MOST_MATCHES", 2)
    asked = {"scope": "query", "query": "Clara swam across the lake", "min_score": 0.001}
    answer = person.post("/memory/forget", json=asked)
    assert (answer.status_code, answer.json()["error"]) == (422, "InvalidInputError")
    assert "raise min_score" in answer.json()["detail"]
    assert len(left(person)) == 3


def test_a_query_takes_copies_along(person: Person, swimmer: str) -> None:
    person.remember("Clara swam across the lake in July.")
    person.until_embedded()
    gone = person.post("/memory/forget", json=SCOPES["query"]).json()
    assert gone["counts"]["traces"] == 2


def test_notes_stay_unless_they_are_meant(person: Person) -> None:
    note = person.remember(
        "A note about the lake.", source={"type": "note", "id": "n1", "conversation_id": "c"}
    )
    person.remember("Talk about the lake.", source={"type": "chat", "conversation_id": "c"})
    gone = person.post("/memory/forget", json={"scope": "conversation", "id": "c"}).json()
    assert gone["counts"]["traces"] == 1
    assert left(person) == ["A note about the lake."]
    with_notes = {"scope": "conversation", "id": "c", "include_notes": True}
    assert person.post("/memory/forget", json=with_notes).json()["counts"]["traces"] == 1
    assert person.get(f"/memory/traces/{note}").status_code == 404


@pytest.mark.parametrize("by", [{"type": "note", "id": "n1"}, None])
def test_a_note_named_by_its_id_is_meant(person: Person, by: dict[str, str] | None) -> None:
    trace_id = person.remember("A note about the lake.", source={"type": "note", "id": "n1"})
    body = {"trace_id": trace_id} if by is None else {"scope": "source", **by}
    assert person.post("/memory/forget", json=body).json()["counts"]["traces"] == 1


def test_a_tombstone_keeps_no_word_of_what_was_named(person: Person, settings: Settings) -> None:
    person.remember(
        "Something.", source={"type": "zanzi", "id": "zanzi", "conversation_id": "zanzi"}
    )
    person.post("/memory/forget", json={"scope": "conversation", "id": "zanzi"})
    kept = scalar(
        settings,
        "SELECT string_agg(t::text, ' ') FROM memory_tombstone AS t WHERE user_id = :u",
        u=UUID(person.get("/auth/me").json()["id"]),
    )
    assert "digest" in kept
    assert "zanzi" not in kept


def test_a_forgotten_answer_is_not_given_again(person: Person) -> None:
    headers = {"Idempotency-Key": "k1"}
    said = {"content": "Said once."}
    first = person.post("/memory/trace", json=said, headers=headers).json()["trace_id"]
    person.post("/memory/forget", json={"trace_id": first})
    again = person.post("/memory/trace", json=said, headers=headers).json()
    assert (again["stored"], again["trace_id"] == first) == (True, False)


BAD: dict[str, tuple[Any, str]] = {
    "nothing named": ({"scope": "trace"}, "trace_id, id or ids"),
    "unknown scope": ({"scope": "world"}, "trace, source, conversation, range, query or all"),
    "a scope that is no word": ({"scope": 1}, "trace, source, conversation"),
    "a source without a name": ({"scope": "source"}, "its type, its id or both"),
    "all notes, unsaid": ({"scope": "source", "type": "note"}, "include_notes"),
    "a conversation without an id": ({"scope": "conversation"}, "id"),
    "time turned round": (
        {"scope": "range", "from": "2026-02-01", "to": "2026-01-01"},
        "from must lie before to",
    ),
    "time without an end": ({"scope": "range", "from": "2026-02-01"}, "to"),
    "a query without an end": ({"scope": "query", "query": "x"}, "either k or min_score"),
    "a query with two ends": (
        {"scope": "query", "query": "x", "k": 1, "min_score": 0.5},
        "either k or min_score",
    ),
    "a field of another scope": ({"scope": "all", "id": "c"}, "id"),
    "too many ids": ({"ids": [str(uuid4())] * 1001}, "1000"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_wish_is_told_what_is_wrong(person: Person, name: str) -> None:
    body, hint = BAD[name]
    answer = person.post("/memory/forget", json=body)
    assert (answer.status_code, answer.json()["error"]) == (422, "InvalidInputError")
    assert hint in answer.json()["detail"]
