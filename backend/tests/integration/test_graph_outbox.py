"""The outbox: a graph database that is down delays and loses nothing, and forgetting reaches it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from conftest import NewDatabase
from pydantic import SecretStr
from sqlalchemy import text
from support.databases import database_url, looking_into, scalar
from support.dreamers import MONDAY, Clock, Dreamer, dreaming
from support.embedders import HashingEmbedder
from support.graphs import MemoryGraph
from support.http_server import serving
from support.people import Person, until

from app.graph.neo4j import Neo4jGraph
from app.graph.protocol import GraphMirror, GraphUnavailableError
from app.main import create_app
from app.schemas.memory import TraceIn
from app.services.graph_worker import GraphWorker
from app.settings import Settings
from app.storage.graph_outbox import LEASE, drop_outbox, keep_outbox
from app.storage.migrations import migrate

pytestmark = pytest.mark.anyio
LATER = MONDAY + timedelta(days=40)
WAITING = "SELECT count(*) FROM graph_outbox"


@pytest.fixture(scope="module")
def mirrored(new_database: NewDatabase) -> Settings:
    fresh = new_database()
    migrate(database_url(fresh))
    return fresh


@pytest.fixture
async def somebody(mirrored: Settings) -> AsyncIterator[Dreamer]:
    """Somebody who is new, on a database whose changes are noted and told."""
    async with dreaming(mirrored, clock=Clock(LATER)) as resources:
        await keep_outbox(resources.database)
        with looking_into(mirrored) as connection:
            connection.execute(text("DELETE FROM graph_outbox"))  # what other tests have left
        yield await Dreamer.sign_up(resources)
        await resources.database.engine.dispose()
        await drop_outbox(resources.database)


@pytest.fixture
def graph() -> MemoryGraph:
    return MemoryGraph()


def worker_of(somebody: Dreamer, graph: GraphMirror) -> GraphWorker:
    return GraphWorker(somebody.resources.database, graph, clock=somebody.resources.clock)


async def in_step(somebody: Dreamer, graph: GraphMirror, *, most: int = 500) -> None:
    worker = worker_of(somebody, graph)
    while await worker.work_off(graph, most=most):
        pass


def stored(somebody: Dreamer) -> tuple[set[object], set[object]]:
    """What Postgres has of somebody: the ids of nodes, the keys of edges."""
    nodes = somebody.looking("SELECT id FROM memory_trace WHERE user_id = :me")
    edges = somebody.looking("SELECT src, dst, type FROM memory_edge WHERE user_id = :me")
    return {row.id for row in nodes}, {tuple(row) for row in edges}


def mirrored_of(somebody: Dreamer, graph: MemoryGraph) -> tuple[set[object], set[object]]:
    return set(graph.nodes.get(somebody.id, {})), set(graph.edges.get(somebody.id, {}))


def oldest(somebody: Dreamer) -> Any:
    """When the oldest change that waits was noted."""
    (row,) = somebody.looking("SELECT min(noted_at) FROM graph_outbox WHERE user_id = :me")
    return row[0]


async def test_what_is_said_dreamt_and_forgotten_is_in_the_graph_as_in_postgres(
    somebody: Dreamer, graph: MemoryGraph
) -> None:
    said = await somebody.say("I met Ana Sousa in Porto.", "Then Ana Sousa sang.", at=MONDAY)
    await in_step(somebody, graph)
    assert mirrored_of(somebody, graph) == stored(somebody)
    await somebody.dream()
    await in_step(somebody, graph, most=3)
    nodes, edges = mirrored_of(somebody, graph)
    assert (nodes, edges) == stored(somebody)
    assert {kind for _, _, kind in edges} >= {"next", "mentions", "summary_of"}
    names = {node.name for node in graph.nodes[somebody.id].values() if node.name}
    assert "Porto" in names
    await somebody.forget(*said)
    await in_step(somebody, graph)
    assert mirrored_of(somebody, graph) == stored(somebody)
    assert "Porto" not in str(graph.nodes), "what nothing mentions any more is gone there as well"


async def test_a_graph_that_is_down_delays_and_loses_nothing(
    somebody: Dreamer, graph: MemoryGraph
) -> None:
    graph.down = True
    first, second = await somebody.say("One.", "Two.", at=MONDAY)
    for _ in range(3):
        with pytest.raises(GraphUnavailableError):
            await worker_of(somebody, graph).work_off(graph, most=500)
        somebody.resources.clock.now += timedelta(minutes=2)
    await somebody.say("Three.", at=MONDAY + timedelta(hours=1))
    await somebody.forget(first)
    assert mirrored_of(somebody, graph) == (set(), set())
    graph.down = False
    await in_step(somebody, graph)
    assert mirrored_of(somebody, graph) == stored(somebody)
    assert second in graph.nodes[somebody.id]
    assert scalar(somebody.resources.settings, WAITING) == 0


async def test_a_graph_that_is_down_is_not_asked_again_at_once(
    somebody: Dreamer, graph: MemoryGraph
) -> None:
    graph.down = True
    await somebody.say("One.", at=MONDAY)
    with pytest.raises(GraphUnavailableError):
        await worker_of(somebody, graph).work_off(graph, most=500)
    assert await worker_of(somebody, graph).work_off(graph, most=500) == 0
    somebody.resources.clock.now += timedelta(seconds=2)
    graph.down = False
    await in_step(somebody, graph)
    assert mirrored_of(somebody, graph) == stored(somebody)


async def test_the_outbox_holds_ids_and_a_node_once_however_often_it_changes(
    somebody: Dreamer,
) -> None:
    source = {"type": "note", "id": "n1"}
    for line in ("The word is axolotlite.", "The word is basiliskite."):
        await somebody.say(line, at=MONDAY, role="note", source=source)
    rows = somebody.looking("SELECT o::text AS row FROM graph_outbox AS o WHERE user_id = :me")
    assert len(rows) == 1
    assert "ite" not in rows[0].row


async def test_what_is_rolled_back_is_not_told(somebody: Dreamer) -> None:
    with pytest.raises(ZeroDivisionError):
        async with somebody.memory() as memory:
            never_mind = TraceIn(content="Never mind.").to_new_trace()
            await memory.remember(somebody.id, [never_mind])
            raise ZeroDivisionError
    assert somebody.looking("SELECT 1 FROM graph_outbox WHERE user_id = :me") == []


async def test_what_changes_while_it_is_told_is_told_again(
    somebody: Dreamer, graph: MemoryGraph
) -> None:
    (first, *_) = await somebody.say("One.", "Two.", at=MONDAY)

    async def forget_meanwhile() -> None:
        graph.before_telling = None
        await somebody.forget(first)

    graph.before_telling = forget_meanwhile
    await in_step(somebody, graph)
    assert mirrored_of(somebody, graph) == stored(somebody)
    assert first not in graph.nodes[somebody.id]
    assert len(graph.told) > 1


async def test_a_change_waits_since_it_was_first_noted_and_not_yet_told(
    somebody: Dreamer, graph: MemoryGraph
) -> None:
    (first,) = await somebody.say("One.", at=MONDAY)
    noted = oldest(somebody)
    await somebody.say("Two.", at=MONDAY + timedelta(minutes=5))
    assert oldest(somebody) == noted

    async def forget_meanwhile() -> None:
        graph.before_telling = None
        await somebody.forget(first)

    graph.before_telling = forget_meanwhile
    await worker_of(somebody, graph).work_off(graph, most=500)
    assert oldest(somebody) > noted
    await in_step(somebody, graph)
    assert oldest(somebody) is None


async def test_two_workers_never_tell_the_same_person_at_once(
    somebody: Dreamer, graph: MemoryGraph
) -> None:
    await somebody.say("One.", "Two.", "Three.", at=MONDAY)
    other = await Dreamer.sign_up(somebody.resources)
    await other.say("Elsewhere.", at=MONDAY)
    begun, may_go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        await may_go_on.wait()

    graph.before_telling = wait
    first = asyncio.create_task(worker_of(somebody, graph).work_off(graph, most=1))
    await begun.wait()
    graph.before_telling = None
    await in_step(somebody, graph)
    assert len(set(graph.told)) == 1, "meanwhile the second tells the other person's alone"
    may_go_on.set()
    assert await first == 1
    await in_step(somebody, graph)
    for person in (somebody, other):
        assert mirrored_of(person, graph) == stored(person)


async def test_what_a_killed_worker_had_claimed_is_told_when_its_lease_has_run_out(
    somebody: Dreamer, graph: MemoryGraph
) -> None:
    await somebody.say("One.", at=MONDAY)

    async def die() -> None:
        raise asyncio.CancelledError

    graph.before_telling = die
    with pytest.raises(asyncio.CancelledError):
        await worker_of(somebody, graph).work_off(graph, most=500)
    graph.before_telling = None
    assert await worker_of(somebody, graph).work_off(graph, most=500) == 0
    somebody.resources.clock.now += LEASE
    await in_step(somebody, graph)
    assert mirrored_of(somebody, graph) == stored(somebody)


async def test_a_graph_that_is_named_later_is_told_everything_that_there_is(
    somebody: Dreamer, graph: MemoryGraph
) -> None:
    database = somebody.resources.database
    await drop_outbox(database)
    await somebody.say("Said before.", "And this.", at=MONDAY)
    assert scalar(somebody.resources.settings, WAITING) == 0, "nobody is to be told"
    await keep_outbox(database)
    await keep_outbox(database)
    await in_step(somebody, graph)
    assert mirrored_of(somebody, graph) == stored(somebody)


async def test_a_refused_connection_keeps_what_is_to_be_told(
    somebody: Dreamer, refused: str
) -> None:
    neo4j = Neo4jGraph(refused, user="neo4j", password=SecretStr("x"), database="neo4j")
    await somebody.say("One.", at=MONDAY)
    with pytest.raises(GraphUnavailableError, match="does not answer"):
        await worker_of(somebody, neo4j).work_off(neo4j, most=500)
    await neo4j.close()
    assert len(somebody.looking("SELECT 1 FROM graph_outbox WHERE user_id = :me")) == 1


def test_without_its_graph_database_the_service_serves(
    new_database: NewDatabase, refused: str
) -> None:
    fresh = new_database()
    migrate(database_url(fresh))
    settings = fresh.model_copy(update={"graph_backend": "neo4j", "neo4j_uri": refused})
    app = create_app(settings, embedder=HashingEmbedder())
    with serving(app) as url, closing(Person(url)) as person:
        until(lambda: scalar(fresh, "SELECT count(*) FROM pg_trigger WHERE tgname ~ '^graph_'") > 0)
        trace = person.remember("The boats lie in the harbour.")
        answer = person.get("/knowledge-graph", params={"centre": trace})
        assert answer.json()["degraded"] == ["graph"]
        assert [node["id"] for node in answer.json()["nodes"]] == [trace]
        until(lambda: scalar(fresh, "SELECT max(attempts) FROM graph_outbox") > 0)
        assert person.get("/ready").json()["pending_graph_changes"] > 0
        person.post("/memory/forget", json={"trace_id": trace})
    assert scalar(fresh, WAITING) > 0
    with serving(create_app(fresh, embedder=HashingEmbedder())):
        until(lambda: scalar(fresh, WAITING) == 0)
