"""Every statement of the service is about one person, so that a distributed database asks one shard.

``storage/guard.py`` refuses a statement that is not, unless it says why it is about everybody. Here are
those that say so: each visits all shards, and none of them is part of a request, but for those of whoever
runs the service.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from conftest import NewDatabase
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, event, text
from sqlalchemy.dialects.postgresql import psycopg
from support.databases import database_url
from support.dreamers import MONDAY, Clock, Dreamer, dreaming
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.people import Person
from support.routes import PAGES, ROUTES
from support.walk import run_the_service, walk

from app.main import create_app
from app.storage.guard import EXEMPTION, SHARED, unbound_table
from app.storage.migrations import migrate

APP = Path(__file__).parents[2] / "app"
QUERIES = sorted((APP / "storage" / "sql").glob("*.sql"))

# Of the command `sara-memory reembed`, and of the worker that tells a Neo4j.
ABOUT_EVERYBODY = {"request_all_embeddings", "claim_graph_changes"}
# What the process does by itself, beside requests: a model is looked at when it starts, queues, nights,
# upkeep.
OF_THE_BACKGROUND = {
    "everybody's vectors are of one model",
    "the queue is worked off for everybody, oldest first",
    "the night falls for everybody",
    "partitions hold everybody's vectors of a month",
    "what has faded goes for everybody",
    "what is past its time goes, whoever it belongs to",
}
# What whoever runs the service asks: how much waits, whoever it belongs to.
OF_RUNNING = {
    "the queue is worked off for everybody, oldest first",
    "the night falls for everybody",
    "the outbox is worked off for everybody, oldest first",
}
ADMINS = ("walker@example.com", "operator@example.com")


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
    """One person uses every route there is; what the process does meanwhile is its own. Only who runs the
    service asks about everybody."""
    fresh = new_database().model_copy(update={"admin_emails": ADMINS})
    migrate(database_url(fresh))
    with ExitStack() as stack:
        url = stack.enter_context(serving(create_app(fresh, embedder=HashingEmbedder())))
        person, admin = (stack.enter_context(closing(Person(url, email=one))) for one in ADMINS)
        walk(person, fresh)
        of_people = list(issued)
        issued.clear()
        run_the_service(admin)
        of_running = list(issued)
        answered = routes_answered(admin)
    requested = [each for each in of_people if each.is_of_a_request]
    assert [each for each in requested if each.exemption is not None] == []
    assert {each.exemption for each in of_people} - {None} <= OF_THE_BACKGROUND
    assert {each.exemption for each in of_running if each.is_of_a_request} - {None} == OF_RUNNING
    assert len({each.sql for each in requested if each.is_of_people}) > 120
    assert answered == set(ROUTES) - PAGES


def routes_answered(admin: Person) -> set[tuple[str, str]]:
    """Every route that has answered with a success, by method and path: the service counts them."""
    return {
        (sample.labels["method"], sample.labels["route"])
        for family in text_string_to_metric_families(admin.get("/metrics").text)
        for sample in family.samples
        if sample.name == "sara_requests_total" and sample.labels["status"].startswith("2")
    }


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
