"""The story of notes: they link to each other, the memory knows them, and alike notes find each other."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import pytest
from conftest import NewDatabase
from support.databases import database_url
from support.embedders import HashingEmbedder
from support.embedding_endpoint import EmbeddingEndpoint
from support.http_server import serving
from support.notes import note_of, references, written
from support.people import Person

from app.embedders.protocol import Urgency, Vectors
from app.main import create_app
from app.storage.migrations import migrate


@pytest.fixture(scope="module")
def keeper(real_service: str) -> Iterator[Person]:
    """Somebody who plans a summer, by the model that the service brings along."""
    with closing(Person(real_service)) as person:
        yield person


@pytest.fixture(scope="module")
def summer(keeper: Person) -> dict[str, str]:
    """Their notes, by title; one links to a note that is written after it."""
    texts = {
        "Summer": "First [[Lisbon trip]], then the boat. Ask [[Ana Oliveira|Ana]] about the keys.",
        "Lisbon trip": "The hotel is by the river. We fly on the fifth of May with Ana Oliveira.",
        "Ana Oliveira": "She is allergic to peanuts and prefers the window seat.",
        "Boat": "The hull needs paint before we sail, and the engine an oil change.",
        "Dinghy": "Paint the wooden hull and change the oil of the engine before sailing.",
        "Fish soup": "Saffron, fennel and a little orange peel, as grandmother made it.",
    }
    ids = {title: written(keeper, title, text) for title, text in texts.items()}
    keeper.until_embedded()
    return ids


def suggested(person: Person, note_id: str) -> dict[str, dict[str, Any]]:
    """What is suggested to a note, by title."""
    answer = person.get(f"/notes/{note_id}/suggestions", params={"limit": 50})
    return {one["title"]: one for one in answer.json()}


def test_links_lead_to_notes_that_came_later(keeper: Person, summer: dict[str, str]) -> None:
    assert references(keeper, summer["Summer"]) == {("Lisbon trip", "to"), ("Ana Oliveira", "to")}
    (backlink,) = keeper.get(f"/notes/{summer['Ana Oliveira']}/backlinks").json()
    assert (backlink["title"], "|Ana]]" in backlink["line"]) == ("Summer", True)


def test_what_is_in_a_note_can_be_recalled(keeper: Person, summer: dict[str, str]) -> None:
    best = keeper.recall("What can Ana not eat?", k=1)["results"][0]
    assert best["role"] == "note"
    assert best["source"] == {"type": "note", "id": summer["Ana Oliveira"]}


def test_every_suggestion_says_why(keeper: Person, summer: dict[str, str]) -> None:
    boat = suggested(keeper, summer["Boat"])
    alike = boat["Dinghy"]
    assert alike["strength"] == max(one["strength"] for one in boat.values())
    assert alike["connection_type"] == "semantic"
    assert "They say similar things." in [tie["reason"] for tie in alike["reasons"]]
    trip = suggested(keeper, summer["Lisbon trip"])["Ana Oliveira"]
    assert "Both speak of Ana Oliveira." in [tie["reason"] for tie in trip["reasons"]]
    soup = suggested(keeper, summer["Boat"])["Fish soup"]
    assert (soup["connection_type"], [tie["kind"] for tie in soup["reasons"]]) == (
        "temporal",
        ["day"],
    )
    assert keeper.get(f"/notes/{summer['Boat']}/similar").json()[0]["title"] == "Dinghy"


def test_what_is_accepted_is_connected_and_what_is_dismissed_is_gone(
    keeper: Person, summer: dict[str, str]
) -> None:
    boat, dinghy, soup = summer["Boat"], summer["Dinghy"], summer["Fish soup"]
    made = keeper.post(f"/notes/{boat}/suggestions/{dinghy}/accept").json()
    assert (made["connection_type"], made["title"]) == ("semantic", "Dinghy")
    assert keeper.post(f"/notes/{soup}/suggestions/{boat}/dismiss").status_code == 204
    assert not {"Dinghy", "Fish soup"} & set(suggested(keeper, boat))
    assert "Boat" not in suggested(keeper, soup)


def test_a_new_title_goes_into_the_links_and_into_the_memory(
    keeper: Person, summer: dict[str, str]
) -> None:
    changed = keeper.patch(f"/notes/{summer['Lisbon trip']}", json={"title": "Porto trip"})
    assert changed.status_code == 200
    plan = note_of(keeper, summer["Summer"])
    assert plan["content"].startswith("First [[Porto trip]], then the boat.")
    assert ("Porto trip", "to") in references(keeper, summer["Summer"])
    trace = keeper.get(f"/memory/traces/{plan['trace_id']}").json()
    assert trace["content"] == f"Summer\n\n{plan['content']}"


def test_an_editing_burst_is_one_memory_of_what_was_said_last(
    keeper: Person, summer: dict[str, str]
) -> None:
    before = keeper.get("/memory/stats").json()["traces"]
    text = "Saffron, fennel and a little lemon peel."
    for end in range(10, len(text) + 1, 5):
        keeper.patch(f"/notes/{summer['Fish soup']}", json={"content": text[:end]})
    keeper.until_embedded()
    assert keeper.get("/memory/stats").json()["traces"] == before
    best = keeper.contents("What goes into the fish soup?", k=1)
    assert best == [f"Fish soup\n\n{text}"]


def test_a_deleted_note_is_forgotten_and_its_links_wait_for_another(
    keeper: Person, summer: dict[str, str]
) -> None:
    counts = keeper.delete(f"/notes/{summer['Ana Oliveira']}").json()["counts"]
    assert (counts["notes"], counts["traces"], counts["note_links"]) == (1, 1, 1)
    assert "She is allergic" not in str(keeper.recall("What can Ana not eat?"))
    assert references(keeper, summer["Summer"]) == {("Porto trip", "to")}
    written(keeper, "Ana Oliveira", "She arrives on Friday.")
    assert ("Ana Oliveira", "to") in references(keeper, summer["Summer"])


class StuckEmbedder(HashingEmbedder):
    """Does not answer about a note of the boat until it may."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.may_go_on = threading.Event(), threading.Event()

    async def embed(self, texts: Sequence[str], *, urgency: Urgency) -> list[Vectors]:
        if any(text.startswith("Boat") for text in texts):
            self.reached.set()
            await asyncio.to_thread(self.may_go_on.wait, 60)
        return await super().embed(texts, urgency=urgency)


def test_saving_waits_for_no_embedder(new_database: NewDatabase) -> None:
    fresh = new_database()
    migrate(database_url(fresh))
    embedder = StuckEmbedder()
    with (
        serving(create_app(fresh, embedder=embedder)) as url,
        closing(Person(url)) as person,
    ):
        note_id = written(person, "Boat")
        assert embedder.reached.wait(60)
        for n in range(20):
            content = {"content": f"The hull, coat {n}."}
            assert person.patch(f"/notes/{note_id}", json=content).status_code == 200
        assert person.get("/memory/stats").json()["pending_embeddings"] == 3
        assert person.contents("hull") == ["Boat\n\nThe hull, coat 19."], "by its words"
        embedder.may_go_on.set()
        person.until_embedded()
        assert person.recall("hull")["results"][0]["scores"]["semantic"] > 0


def test_saving_does_not_fail_while_the_embedder_is_down(new_database: NewDatabase) -> None:
    endpoint = EmbeddingEndpoint()
    with serving(endpoint.app) as endpoint_url:
        fresh = new_database().model_copy(
            update={"embedding_base_url": endpoint_url, "embedding_model": "remote"}
        )
        migrate(database_url(fresh))
        with serving(create_app(fresh)) as url, closing(Person(url)) as person:
            endpoint.status = 503
            boat = written(person, "Boat", "The hull, and the [[Keel]].")
            keel = written(person, "Keel", "Of oak.")
            assert references(person, boat) == {("Keel", "to")}
            assert "Keel" not in suggested(person, boat), "they are connected"
            assert person.get(f"/notes/{keel}/similar").json() == []
            endpoint.status = 200
            person.until_embedded()
            assert [one["title"] for one in person.get(f"/notes/{keel}/similar").json()] == ["Boat"]
