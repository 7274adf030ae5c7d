"""The story of a night: what was said becomes a summary, people, places and facts, once and for all."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from conftest import NewDatabase
from support.databases import database_url, scalar
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.people import Person, until

from app.main import create_app
from app.settings import Settings
from app.storage.migrations import migrate


@pytest.fixture(scope="module")
def house(new_database: NewDatabase) -> Settings:
    """A database of this story's own."""
    fresh = new_database().model_copy(update={"timezone": "Europe/Lisbon"})
    migrate(database_url(fresh))
    return fresh


@pytest.fixture(scope="module")
def url(house: Settings) -> Iterator[str]:
    """The service; a first account that nobody uses administers it."""
    with serving(create_app(house, embedder=HashingEmbedder())) as url, closing(Person(url)):
        yield url


@pytest.fixture
def somebody(url: str) -> Iterator[Person]:
    """Somebody with an empty memory."""
    with closing(Person(url)) as person:
        yield person


@pytest.fixture(scope="module")
def admin(house: Settings) -> Iterator[Person]:
    """Whoever administers, on a service of their own beside the other: two replicas."""
    settings = house.model_copy(update={"admin_emails": ("admin@example.com",)})
    with (
        serving(create_app(settings, embedder=HashingEmbedder())) as url,
        closing(Person(url, email="admin@example.com")) as person,
    ):
        yield person


def day(days_ago: int) -> datetime:
    """Noon so many days ago."""
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    return noon - timedelta(days=days_ago)


def say(person: Person, days_ago: int, *lines: str) -> list[str]:
    """One conversation; the ids of what was said."""
    start = day(days_ago)
    return person.remember_many(
        [
            {
                "content": line,
                "created_at": (start + timedelta(minutes=n)).isoformat(),
                "source": {"type": "chat", "conversation_id": f"talk-{days_ago}"},
            }
            for n, line in enumerate(lines)
        ]
    )


def consolidate(admin: Person, person: Person, **asked: Any) -> dict[str, Any]:
    """Dream for somebody, as an administrator may."""
    person.until_embedded()
    answer = admin.post(
        "/memory/consolidate", json={"user_id": person.get("/auth/me").json()["id"], **asked}
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_day_becomes_a_summary_with_edges_to_its_sources(somebody: Person, admin: Person) -> None:
    said = say(
        somebody,
        3,
        "My sister Ana works at Siemens in Porto.",
        "Tomorrow Ana and I will book the ferry to the island.",
        "ok, thanks",
    )
    found = consolidate(admin, somebody, day=day(3).date().isoformat())
    assert found["status"] == "done"
    assert found["edges_created"] >= len(said)
    summary = somebody.get(f"/memory/traces/{found['summary_trace']}").json()
    assert summary["role"] == "summary"
    assert summary["source"] == {"type": "dream", "id": f"day:{day(3).date()}"}
    sources = {edge["dst"] for edge in summary["edges"] if edge["type"] == "summary_of"}
    assert sources == set(said)
    assert "Ana" in summary["content"]


def test_the_summary_comes_to_mind(somebody: Person, admin: Person) -> None:
    say(
        somebody, 2, "The harbour park gets a boardwalk of oak.", "The council chose the boardwalk."
    )
    consolidate(admin, somebody)
    somebody.until_embedded()
    results = somebody.recall("what did the council choose", role="summary")["results"]
    assert "boardwalk" in results[0]["content"]


def test_people_and_places_become_nodes_and_facts_edges_with_a_validity(
    somebody: Person, admin: Person
) -> None:
    (porto,) = say(somebody, 9, "I live in Porto near the river.")
    (moved,) = say(somebody, 4, "I live in Lisbon now.")
    consolidate(admin, somebody)
    mentions = somebody.get(f"/memory/traces/{porto}").json()["edges"]
    nodes = [edge["dst"] for edge in mentions if edge["type"] == "mentions"]
    names = {somebody.get(f"/memory/traces/{node}").json()["content"] for node in nodes}
    assert "Porto" in names
    then = somebody.recall("where do I live", as_of=day(7).isoformat())
    recalled = {result["trace_id"] for result in then["results"]}
    assert porto in recalled
    assert moved not in recalled
    assert somebody.recall("Porto", role="entity")["results"] == [], "a node is never a result"


def test_twice_is_once(somebody: Person, admin: Person, house: Settings) -> None:
    say(somebody, 5, "We painted the boat in blue.", "Rui bought the paint in Setúbal.")
    first = consolidate(admin, somebody)
    count = "SELECT count(*) FROM memory_edge"
    edges = scalar(house, count)
    again = consolidate(admin, somebody)
    assert (again["status"], again["edges_created"]) == ("unchanged", 0)
    assert again["summary_trace"] == first["summary_trace"]
    assert scalar(house, count) == edges


def test_a_late_memory_reopens_its_day(somebody: Person, admin: Person) -> None:
    say(somebody, 6, "We painted the boat in blue.")
    first = consolidate(admin, somebody)
    say(somebody, 6, "The engine was repaired in Setúbal by Rui.")
    again = consolidate(admin, somebody)
    assert again["summary_trace"] == first["summary_trace"]
    content = somebody.get(f"/memory/traces/{again['summary_trace']}").json()["content"]
    assert "Setúbal" in content


def test_forgetting_rebuilds_the_summary_at_once(somebody: Person, admin: Person) -> None:
    secret, _ = say(
        somebody,
        7,
        "The safe opens with the word quetzalcoatl.",
        "We saw the boats in the harbour.",
    )
    summary = consolidate(admin, somebody)["summary_trace"]
    assert "quetzalcoatl" in somebody.get(f"/memory/traces/{summary}").text
    somebody.post("/memory/forget", json={"trace_id": secret})
    assert "quetzalcoatl" not in somebody.get(f"/memory/traces/{summary}").text
    until(lambda: "boats" in somebody.get(f"/memory/traces/{summary}").text)
    assert "quetzalcoatl" not in somebody.get(f"/memory/traces/{summary}").text


def test_only_an_administrator_may_wake_the_dream(somebody: Person, url: str) -> None:
    assert httpx.post(f"{url}/memory/consolidate", json={}).status_code == 401
    answer = somebody.post("/memory/consolidate", json={})
    assert (answer.status_code, answer.json()["error"]) == (403, "ForbiddenError")


def test_a_run_can_be_asked_for_and_followed(somebody: Person, admin: Person) -> None:
    say(somebody, 8, "We painted the boat in blue.")
    somebody.until_embedded()
    me = somebody.get("/auth/me").json()["id"]
    answer = admin.post("/memory/consolidate", json={"user_id": me, "wait": False})
    assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
    run = answer.json()["run"]["id"]

    def state() -> str:
        runs = somebody.get("/memory/consolidations").json()["runs"]
        return str(next(found["state"] for found in runs if found["id"] == run))

    until(lambda: state() == "done")
    assert admin.get("/memory/consolidations", params={"user_id": me}).json()["total"] >= 1
    other = admin.get("/auth/me").json()["id"]
    refused = somebody.get("/memory/consolidations", params={"user_id": other})
    assert refused.status_code == 403


def test_everybody_is_dreamt_for(somebody: Person, admin: Person) -> None:
    say(somebody, 8, "We painted the boat in blue.")
    answer = admin.post("/memory/consolidate", json={"user_id": "all"}).json()
    me = somebody.get("/auth/me").json()["id"]
    assert me in {run["user_id"] for run in answer["runs"]}
    assert answer["status"] == "done"


@pytest.mark.parametrize(
    "asked",
    [
        {"day": "2999-01-01"},
        {"day": "yesterday"},
        {"user_id": "nobody"},
        {"dry_run": True, "user_id": "all"},
        {"dry": True},
    ],
)
def test_nonsense_is_told(admin: Person, asked: dict[str, Any]) -> None:
    assert admin.post("/memory/consolidate", json=asked).status_code == 422


def test_nobody_is_not_found(admin: Person) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    assert admin.post("/memory/consolidate", json={"user_id": nobody}).status_code == 404


def test_a_day_on_which_nothing_was_said_is_empty(somebody: Person, admin: Person) -> None:
    found = consolidate(admin, somebody, day=day(3).date().isoformat())
    assert (found["status"], found["summary_trace"], found["run"]) == ("empty", None, None)
