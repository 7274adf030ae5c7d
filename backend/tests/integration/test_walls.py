"""The walls between people, over the application's own list of routes: a new route is in it at once."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import httpx
import pytest
from conftest import NewPerson
from support.insights import notice_something
from support.notes import written
from support.people import Person
from support.routes import PAGES, ROUTES

from app.services.export_service import KINDS
from app.settings import Settings

PUBLIC = PAGES | {
    ("GET", "/health"),
    ("GET", "/ready"),
    ("POST", "/auth/login"),
    ("POST", "/auth/logout"),
    ("POST", "/auth/register"),
    ("POST", "/auth/signup"),
}

# What a route with an id wants in its body, so that the id is looked at.
BODIES: dict[tuple[str, str], Any] = {
    ("PATCH", "/memory/traces/{trace_id}"): {"pinned": True},
    ("PATCH", "/memory/insights/{insight_id}/feedback"): {"helpful": True},
    ("PUT", "/notes/{note_id}"): {"title": "Another title", "content": "Another text."},
    ("PATCH", "/notes/{note_id}"): {"title": "Another title"},
    ("POST", "/notes/{note_id}/connections"): {"target_note_id": "{unconnected_note_id}"},
}

# What every GET route is asked with; each takes what it knows.
PARAMETERS = {"q": "What is the word for the safe?", "ids": str(uuid4())}


WITH_AN_ID = [(method, path) for method, path in ROUTES if "{" in path and ":path" not in path]
LISTS = [path for method, path in ROUTES if method == "GET" and "{" not in path]


@pytest.fixture
def owner(person: Person, settings: Settings) -> Person:
    """Somebody with something of everything."""
    return with_everything(person, settings)


@pytest.fixture(scope="module")
def neighbours(service: str, settings: Settings) -> Iterator[tuple[Person, Person]]:
    """Such a one, and a stranger who knows little, for tests that only look."""
    with closing(Person(service)) as person, closing(Person(service)) as stranger:
        stranger.remember("The word for the safe is none of your business.")
        stranger.until_embedded()
        yield with_everything(person, settings), stranger


def with_everything(person: Person, settings: Settings) -> Person:
    """The same person, after they have been told, have forgotten, have written notes and so on."""
    chat = {"type": "chat", "conversation_id": "c"}
    for n in range(3):
        person.remember(f"The word for the safe is {person.email}, line {n}.", source=chat)
    gone = person.remember("Something to forget.")
    person.post("/memory/forget", json={"trace_id": gone})
    person.post("/auth/keys", json={"name": f"key of {person.email}"})
    notes = [
        written(person, f"{title} of {person.email}", f"Note of {person.email}")
        for title in ("Boats", "Harbour", "Soup")
    ]
    person.post(f"/notes/{notes[2]}/connections", json={"target_note_id": notes[0]})
    person.until_embedded()
    notice_something(settings, person)
    return person


def ids_of(person: Person) -> dict[str, str]:
    """An id of everything that a route can be asked for, by the name of its parameter."""
    last, other, first = (note["id"] for note in person.get("/notes").json())
    return {
        "note_id": last,
        "other_note_id": other,
        "unconnected_note_id": other,
        "connection_id": person.get(f"/notes/{first}/connections").json()[0]["id"],
        "trace_id": person.get("/memory/episodes").json()["episodes"][0]["trace_id"],
        "key_id": person.get("/auth/keys").json()["keys"][0]["id"],
        "insight_id": person.get("/memory/insights").json()["insights"][0]["id"],
    }


def body_of(method: str, path: str, ids: dict[str, str]) -> Any:
    """What a route wants in its body, with the ids that it names."""
    wanted = BODIES.get((method, path))
    return wanted and {
        key: value.format(**ids) if isinstance(value, str) else value
        for key, value in wanted.items()
    }


def test_the_list_is_that_of_the_service(service: str) -> None:
    told = httpx.get(f"{service}/openapi.json").json()["paths"]
    assert {(verb.upper(), path) for path, verbs in told.items() for verb in verbs} <= set(ROUTES)
    assert len(ROUTES) > 20


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_token_a_route_is_closed_or_on_the_public_list(
    service: str, method: str, path: str
) -> None:
    filled = re.sub(r"\{\w+\}", str(uuid4()), path)
    answer = httpx.request(method, service + filled)
    if (method, path) in PUBLIC:
        built_or_not = {200, 404} if path.startswith("/app") else set()
        assert answer.status_code in {200, 204, 307, 422} | built_or_not
    else:
        assert (answer.status_code, answer.json()["error"]) == (401, "NotSignedInError")


@pytest.mark.parametrize(("method", "path"), WITH_AN_ID)
def test_an_id_of_somebody_else_is_not_found(
    owner: Person, new_person: NewPerson, method: str, path: str
) -> None:
    ids = ids_of(owner)
    asked = path.format(**ids)
    body = body_of(method, path, ids)
    stranger = new_person().request(method, asked, json=body)
    assert (stranger.status_code, stranger.json()["error"]) == (404, "NotFoundError")
    assert owner.request(method, asked, json=body).is_success, "it is there for its owner"


@pytest.mark.parametrize("path", LISTS)
def test_no_answer_holds_anything_of_somebody_else(
    neighbours: tuple[Person, Person], path: str
) -> None:
    owner, stranger = neighbours
    ids = {item["trace_id"] for item in owner.get("/memory/episodes").json()["episodes"]}
    tombstones = {item["id"] for item in owner.get("/memory/tombstones").json()["tombstones"]}
    keys = {item["id"] for item in owner.get("/auth/keys").json()["keys"]}
    insights = {item["id"] for item in owner.get("/memory/insights").json()["insights"]}
    notes = {item["id"] for item in owner.get("/notes").json()}
    answer = stranger.get(path, params=PARAMETERS)
    for secret in {owner.email, *ids, *tombstones, *keys, *insights, *notes}:
        assert secret not in answer.text


def test_a_node_of_somebody_else_is_in_no_graph(owner: Person, new_person: NewPerson) -> None:
    """Routes whose ids are parameters or in a body."""
    stranger = new_person()
    own = stranger.remember("The word for the safe is none of your business.")
    first, second, *_ = (
        item["trace_id"] for item in owner.get("/memory/episodes").json()["episodes"]
    )
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/knowledge-graph", {"params": {"centre": first}}),
        ("GET", "/knowledge-graph/path", {"params": {"from": first, "to": second}}),
        ("GET", "/knowledge-graph/path", {"params": {"from": own, "to": second}}),
        ("POST", "/knowledge-graph/connection-details", {"json": {"source": own, "target": first}}),
        (
            "POST",
            "/knowledge-graph/connection-details",
            {"json": {"source": first, "target": second}},
        ),
    ]
    for method, path, sent in asked:
        answer = stranger.request(method, path, **sent)
        assert (answer.status_code, answer.json()["error"]) == (404, "NotFoundError")
        if own not in str(sent):
            assert owner.request(method, path, **sent).is_success, "it is there for its owner"


def test_what_is_counted_is_ones_own(owner: Person, new_person: NewPerson) -> None:
    stranger = new_person()
    assert stranger.get("/memory/stats").json()["traces"] == 0
    assert stranger.get("/memory/episodes").json()["total"] == 0
    assert stranger.get("/memory/tombstones").json()["total"] == 0
    assert stranger.get("/auth/keys").json()["keys"] == []
    assert stranger.get("/memory/insights").json()["total"] == 0
    assert stranger.get("/memory/consolidations").json()["total"] == 0
    assert stranger.get("/notes").json() == []
    assert stranger.recall("the word for the safe")["results"] == []
    assert stranger.get("/knowledge-graph").json()["nodes"] == []
    lines = stranger.get("/memory/export").text.splitlines()
    assert json.loads(lines[-1])["counts"] == {**dict.fromkeys(KINDS, 0), "trace": 0}


def test_the_same_words_and_sources_of_two_people_do_not_meet(new_person: NewPerson) -> None:
    said = {
        "content": "We both say this about the harbour.",
        "source": {"type": "chat", "id": "s1", "conversation_id": "c1"},
    }
    one, other = new_person(), new_person()
    headers = {"Idempotency-Key": "k1"}
    ids = [
        somebody.post("/memory/trace", json=said, headers=headers).json()["trace_id"]
        for somebody in (one, other)
    ]
    one.post("/memory/forget", json={"scope": "source", "id": "s1"})
    assert other.get(f"/memory/traces/{ids[1]}").status_code == 200
    assert other.contents("harbour") == [said["content"]]
    assert one.contents("harbour") == []


def test_an_import_writes_into_no_other_account(owner: Person, new_person: NewPerson) -> None:
    """Its ids are the owner's, and both keep their own."""
    other = new_person()
    export = owner.get("/memory/export").content
    taken = other.post("/memory/import", content=export).json()
    assert (taken["traces"], taken["notes"]) == (6, 3)
    other.post("/memory/forget", json={"scope": "all", "include_notes": True})
    assert owner.get("/memory/stats").json()["traces"] == 6
    assert len(owner.get("/notes").json()) == 3


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_a_load_balancer_may_ask_by_head(service: str, path: str) -> None:
    answer = httpx.head(service + path)
    assert (answer.status_code, answer.content) == (200, b"")
