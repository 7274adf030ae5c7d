"""Every statement of the service is about one person, so that a distributed database asks one shard.

``storage/guard.py`` refuses a statement that is not, unless it says why it is about everybody. Here are
those that say so: each visits all shards, and none of them is part of a request.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from conftest import NewDatabase
from sqlalchemy import Engine, event, text
from sqlalchemy.dialects.postgresql import psycopg
from support.databases import database_url
from support.dreamers import MONDAY, Clock, Dreamer, dreaming
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.people import PASSWORD, Person

from app.main import create_app
from app.storage.guard import EXEMPTION, SHARED, unbound_table
from app.storage.migrations import migrate

APP = Path(__file__).parents[2] / "app"
QUERIES = sorted((APP / "storage" / "sql").glob("*.sql"))

# Of the command `sara-memory reembed`, and of the worker that tells a Neo4j.
ABOUT_EVERYBODY = {"request_all_embeddings", "claim_graph_changes"}
# What the process does by itself, beside requests: queues, nights, upkeep.
OF_THE_BACKGROUND = {
    "the queue is worked off for everybody, oldest first",
    "the night falls for everybody",
    "partitions hold everybody's vectors of a month",
    "what has faded goes for everybody",
    "what is past its time goes, whoever it belongs to",
}


@dataclass(frozen=True, slots=True)
class Issued:
    """A statement as it was sent, why it is about everybody, and whether somebody waited for it."""

    sql: str
    exemption: str | None
    is_of_a_request: bool

    @property
    def is_of_people(self) -> bool:
        """Whether it touches a table that is spread over shards."""
        named = re.findall(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z_]+)", self.sql, re.IGNORECASE)
        return bool(set(named) - SHARED)


@pytest.fixture
def issued() -> Iterator[list[Issued]]:
    """Every statement of every engine while the test runs."""
    found: list[Issued] = []

    def note(_c: object, _cursor: object, sql: str, _p: object, context: object, _m: bool) -> None:
        options = getattr(context, "execution_options", {})
        compiled = getattr(context, "compiled", None)
        text = sql if compiled is None else compiled.string
        is_of_a_request = "request_id" in structlog.contextvars.get_contextvars()
        found.append(Issued(text, options.get(EXEMPTION), is_of_a_request))

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.stem)
def test_a_query_binds_its_person_or_is_known_to_be_about_everybody(query: Path) -> None:
    sql = text(query.read_text()).compile(dialect=psycopg.dialect()).string
    is_bound = unbound_table(sql) is None
    assert is_bound != (query.stem in ABOUT_EVERYBODY)


def test_no_request_is_about_everybody(new_database: NewDatabase, issued: list[Issued]) -> None:
    """One person uses every part of the service; what the process does meanwhile is its own."""
    fresh = new_database()
    migrate(database_url(fresh))
    with serving(create_app(fresh, embedder=HashingEmbedder())) as url:
        person = Person(url)
        live(person)
        person.close()
    assert [each for each in issued if each.is_of_a_request and each.exemption is not None] == []
    assert {each.exemption for each in issued} - {None} <= OF_THE_BACKGROUND
    assert len({each.sql for each in issued if each.is_of_a_request and each.is_of_people}) > 60


def live(person: Person) -> None:
    """Use every part of the service once."""
    talk = {"type": "chat", "conversation_id": "c"}
    ids = [person.remember(f"Line {n} of our talk about Lisbon.", source=talk) for n in range(4)]
    person.remember_many([{"content": "The ferry is late."}, {"content": "Rui repairs boats."}])
    person.until_embedded()
    person.recall("Lisbon")
    person.get("/memory/recall", params={"q": "Lisbon", "as_of": "2026-01-01T00:00:00Z"})
    person.get("/memory/context", params={"q": "What about Lisbon?"}).raise_for_status()
    for path in ("episodes", "stats", "insights", "consolidations", "tombstones"):
        person.get(f"/memory/{path}").raise_for_status()
    person.get(f"/memory/traces/{ids[0]}").raise_for_status()
    export = person.get("/memory/export").content
    person.post("/memory/forget", json={"trace_id": ids[0]}).raise_for_status()
    person.post(
        "/memory/forget", json={"scope": "query", "query": "ferry", "k": 1}
    ).raise_for_status()
    person.post("/memory/forget", json={"scope": "conversation", "id": "c"}).raise_for_status()
    person.post("/memory/import", content=export).raise_for_status()
    key = person.post("/auth/keys", json={"name": "agent"}).json()["id"]
    person.get("/auth/keys").raise_for_status()
    person.request("DELETE", f"/auth/keys/{key}").raise_for_status()
    person.patch("/auth/me", json={"timezone": "Asia/Tokyo"}).raise_for_status()
    person.request("DELETE", "/auth/me", json={"password": PASSWORD}).raise_for_status()


@pytest.mark.anyio
async def test_a_night_goes_on_person_by_person(
    new_database: NewDatabase, issued: list[Issued]
) -> None:
    fresh = new_database()
    migrate(database_url(fresh))
    clock = Clock(MONDAY)
    async with dreaming(fresh, clock=clock) as resources:
        dreamer = await Dreamer.sign_up(resources)
        await dreamer.say("Rui mended the boiler.", "Ana works at Galp.", at=MONDAY)
        clock.now = MONDAY.replace(day=9)
        issued.clear()
        await dreamer.dream()
    assert {each.exemption for each in issued} - {None} <= OF_THE_BACKGROUND
    assert len({each.sql for each in issued if each.is_of_people}) > 20
