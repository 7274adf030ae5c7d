"""The contract of a graph store, asked of each: Postgres, a dictionary and, where there is one, Neo4j.

The last two are told through the outbox, so that they show what was kept in step. Neo4j's part runs
when ``NEO4J_URI`` is set, with ``NEO4J_USER``, ``NEO4J_PASSWORD`` and ``NEO4J_DATABASE`` where needed.
"""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from conftest import NewDatabase
from pydantic import SecretStr
from sqlalchemy import Connection, text
from support.databases import database_url, looking_into
from support.dreamers import MONDAY, Clock
from support.graphs import MemoryGraph, a_minute_after, node_id, put_edge, put_node

from app.graph import walk
from app.graph.neo4j import Neo4jGraph
from app.graph.postgres import PostgresGraph
from app.graph.protocol import Graph, GraphMirror
from app.graph.walk import Subgraph
from app.services.graph_worker import GraphWorker
from app.settings import Settings
from app.storage.database import Database
from app.storage.graph import GraphStore
from app.storage.graph_outbox import keep_outbox
from app.storage.migrations import migrate

pytestmark = pytest.mark.anyio
NOW = MONDAY
PERSON = (
    "INSERT INTO app_user (id, email, password_hash, timezone, is_admin, created_at)"
    " VALUES (:id, CAST(:id AS text) || '@example.com', '', 'UTC', false, now())"
)
Seed = Callable[[Connection, UUID], None]


@pytest.fixture(scope="module")
def store_settings(new_database: NewDatabase) -> Settings:
    """A database whose changes are noted."""
    fresh = new_database()
    migrate(database_url(fresh))
    return fresh


class Store:
    """One graph store on a database, and somebody whose graph is in it."""

    def __init__(self, settings: Settings, database: Database, mirror: GraphMirror | None) -> None:
        self.settings = settings
        self.database = database
        self.mirror = mirror
        self.me = uuid4()

    @contextmanager
    def written(self) -> Iterator[Connection]:
        with looking_into(self.settings) as connection:
            yield connection

    def sign_up(self, user_id: UUID) -> None:
        with self.written() as connection:
            connection.execute(text(PERSON), {"id": user_id})

    async def in_step(self) -> None:
        """Tell all that is still to be told."""
        if self.mirror is not None:
            worker = GraphWorker(self.database, self.mirror, clock=Clock(NOW))
            while await worker.work_off(self.mirror, most=40):
                pass

    @asynccontextmanager
    async def graph(self) -> AsyncIterator[tuple[Graph, GraphStore]]:
        async with self.database.reading() as work:
            found = PostgresGraph(work.session)
            yield (found if self.mirror is None else self.mirror), GraphStore(work.session)

    async def strongest(self, *names: str, fan_out: int = 10, at: datetime = NOW) -> set[str]:
        async with self.graph() as (graph, _):
            found = await graph.strongest(
                self.me, [node_id(name) for name in names], fan_out=fan_out, at=at
            )
        return {told(edge.src, edge.type, edge.dst) for edge in found}

    async def around(self, *names: str, depth: int = 2, limit: int = 50) -> Subgraph:
        async with self.graph() as (graph, store):
            return await walk.around(
                graph,
                self.me,
                [node_id(name) for name in names],
                depth=depth,
                limit=limit,
                at=NOW,
                shown=lambda ids: store.shown_ids(self.me, ids, as_of=None),
            )

    async def path(self, start: str, end: str) -> list[str] | None:
        async with self.graph() as (graph, store):
            found = await walk.path(
                graph,
                self.me,
                node_id(start),
                node_id(end),
                at=NOW,
                shown=lambda ids: store.shown_ids(self.me, ids, as_of=None),
            )
        return None if found is None else [NAMES[node] for node in found.nodes]


NAMES = {
    node_id(name): name
    for name in ["Ana", "Bo", "Cy", "Porto", *(f"line {n}" for n in range(1_200))]
}


def told(src: UUID, kind: str, dst: UUID) -> str:
    return f"{NAMES[src]} {kind} {NAMES[dst]}"


@pytest.fixture(params=["postgres", "dictionary", "neo4j"])
async def store(request: pytest.FixtureRequest, store_settings: Settings) -> AsyncIterator[Store]:
    """Each store in turn, with nothing in it of a person who is new."""
    mirror = mirror_of(request.param)
    database = Database(database_url(store_settings))
    await keep_outbox(database)
    found = Store(store_settings, database, mirror)
    found.sign_up(found.me)
    await found.in_step()
    yield found
    if isinstance(mirror, Neo4jGraph):
        await mirror.forget(found.me)
        await mirror.close()
    with found.written() as connection:
        connection.execute(text("DELETE FROM graph_outbox"))
    await database.close()


def mirror_of(name: str) -> GraphMirror | None:
    if name == "postgres":
        return None
    if name == "dictionary":
        return MemoryGraph()
    uri = os.environ.get("NEO4J_URI")
    if not uri:
        pytest.skip("the contract of a graph store was not asked of Neo4j: NEO4J_URI is not set")
    password = os.environ.get("NEO4J_PASSWORD")
    return Neo4jGraph(
        uri,
        user=os.environ.get("NEO4J_USER", "neo4j"),
        password=SecretStr(password) if password else None,
        database=os.environ.get("NEO4J_DATABASE", "neo4j"),
    )


async def put(store: Store, seed: Seed) -> None:
    with store.written() as connection:
        seed(connection, store.me)
    await store.in_step()


def mentions_of_ana(connection: Connection, me: UUID, *, count: int) -> None:
    """Each line mentions her a little more strongly than the one before."""
    put_node(connection, me, "Ana")
    for n in range(count):
        put_node(connection, me, f"line {n}")
        put_edge(
            connection,
            me,
            f"line {n}",
            "Ana",
            "mentions",
            weight=(n + 1) / count,
            ts=a_minute_after(n),
        )


async def test_of_a_hub_only_the_strongest_edges_come(store: Store) -> None:
    await put(store, lambda connection, me: mentions_of_ana(connection, me, count=60))
    assert await store.strongest("Ana", fan_out=3) == {
        "line 59 mentions Ana",
        "line 58 mentions Ana",
        "line 57 mentions Ana",
    }
    assert len(await store.strongest("Ana", fan_out=100)) == 60


async def test_edges_come_in_both_directions_and_each_once(store: Store) -> None:
    def seed(connection: Connection, me: UUID) -> None:
        for name in ("Ana", "Porto", "line 0"):
            put_node(connection, me, name)
        put_edge(connection, me, "Ana", "Porto", "lives_in")
        put_edge(connection, me, "line 0", "Ana", "mentions")

    await put(store, seed)
    everything = {"Ana lives_in Porto", "line 0 mentions Ana"}
    assert await store.strongest("Ana") == everything
    assert await store.strongest("Ana", "Porto", "line 0") == everything
    assert await store.strongest("Porto") == {"Ana lives_in Porto"}


async def test_an_edge_is_there_while_it_is_valid(store: Store) -> None:
    def seed(connection: Connection, me: UUID) -> None:
        put_node(connection, me, "Ana")
        put_node(connection, me, "Porto")
        span = {"since": a_minute_after(10), "until": a_minute_after(20)}
        put_edge(connection, me, "Ana", "Porto", "lives_in", **span)

    await put(store, seed)
    assert await store.strongest("Ana", at=a_minute_after(9)) == set()
    assert await store.strongest("Ana", at=a_minute_after(10)) == {"Ana lives_in Porto"}
    assert await store.strongest("Ana", at=a_minute_after(20)) == set()


async def test_every_property_of_an_edge_comes_back(store: Store) -> None:
    since, until = datetime(1950, 3, 4, tzinfo=UTC), NOW + timedelta(microseconds=1)

    def seed(connection: Connection, me: UUID) -> None:
        put_node(connection, me, "Ana")
        put_node(connection, me, "Porto")
        span = {"since": since, "until": until, "ts": NOW, "weight": 0.25}
        put_edge(connection, me, "Ana", "Porto", "lives_in", **span)

    await put(store, seed)
    async with store.graph() as (graph, _):
        (edge,) = await graph.strongest(store.me, [node_id("Ana")], fan_out=1, at=NOW)
    assert (edge.weight, edge.ts, edge.valid_from, edge.valid_to) == (0.25, NOW, since, until)


async def test_the_best_connected_entities_come_first(store: Store) -> None:
    def seed(connection: Connection, me: UUID) -> None:
        mentions_of_ana(connection, me, count=10)
        for name in ("Bo", "Cy", "Porto"):
            put_node(connection, me, name)
        put_edge(connection, me, "line 3", "Bo", "mentions", ts=a_minute_after(3))
        put_edge(connection, me, "line 4", "Cy", "mentions", ts=a_minute_after(4))

    await put(store, seed)
    async with store.graph() as (graph, _):
        hubs = await graph.hubs(store.me, most=5, fan_out=100, at=NOW)
        first = await graph.hubs(store.me, most=1, fan_out=2, at=NOW)
    assert [NAMES[hub] for hub in hubs] == ["Ana", "Cy", "Bo"], "nothing is tied to Porto"
    assert [NAMES[hub] for hub in first] == ["Ana"]


async def test_the_heaviest_edges_among_nodes(store: Store) -> None:
    await put(store, lambda connection, me: mentions_of_ana(connection, me, count=9))
    nodes = [node_id(name) for name in ("Ana", "line 8", "line 7", "line 1")]
    async with store.graph() as (graph, _):
        found = await graph.among(store.me, nodes, most=2, at=NOW)
        none = await graph.among(store.me, nodes[1:], most=2, at=NOW)
    assert [NAMES[edge.src] for edge in found] == ["line 8", "line 7"]
    assert none == []


async def test_people_whose_ids_are_equal_do_not_meet(store: Store) -> None:
    other = uuid4()
    store.sign_up(other)

    def theirs(connection: Connection, _me: UUID) -> None:
        for name in ("Ana", "Porto"):
            put_node(connection, other, name)
        put_edge(connection, other, "Ana", "Porto", "hates")

    await put(store, lambda connection, me: mentions_of_ana(connection, me, count=1))
    await put(store, theirs)
    assert await store.strongest("Ana") == {"line 0 mentions Ana"}
    with store.written() as connection:
        connection.execute(text("DELETE FROM app_user WHERE id = :id"), {"id": other})
    await store.in_step()
    assert await store.strongest("Ana") == {"line 0 mentions Ana"}
    async with store.graph() as (graph, _):
        left = await graph.strongest(other, [node_id("Ana")], fan_out=5, at=NOW)
    assert left == [], "with an account its graph goes"


async def test_what_changes_is_what_is_found(store: Store) -> None:
    def seed(connection: Connection, me: UUID) -> None:
        mentions_of_ana(connection, me, count=3)
        put_node(connection, me, "Porto")
        put_edge(connection, me, "Ana", "Porto", "lives_in")

    def change(connection: Connection, me: UUID) -> None:
        ids = {"me": me, "ana": node_id("Ana"), "one": node_id("line 1"), "two": node_id("line 2")}
        sql = (
            "UPDATE memory_edge SET valid_to = :now WHERE user_id = :me AND src = :ana",
            "DELETE FROM memory_edge WHERE user_id = :me AND src = :one",
            "DELETE FROM memory_trace WHERE user_id = :me AND id = :two",
        )
        for each in sql:
            connection.execute(text(each), {**ids, "now": a_minute_after(5)})

    await put(store, seed)
    await put(store, change)
    assert await store.strongest("Ana") == {"line 0 mentions Ana"}
    before = await store.strongest("Ana", at=a_minute_after(4))
    assert before == {"line 0 mentions Ana", "Ana lives_in Porto"}


async def test_around_a_centre_the_strongest_come_first_and_no_more_than_asked(
    store: Store,
) -> None:
    def seed(connection: Connection, me: UUID) -> None:
        mentions_of_ana(connection, me, count=30)
        for name in ("Porto", "Bo"):
            put_node(connection, me, name)
        put_edge(connection, me, "Ana", "Porto", "lives_in")
        put_edge(connection, me, "line 29", "Bo", "mentions")

    await put(store, seed)
    near = await store.around("Ana", depth=1, limit=4)
    assert {NAMES[node] for node in near.nodes} == {"Ana", "Porto", "line 29", "line 28"}
    assert NAMES[near.nodes[0]] == "Ana"
    assert {told(e.src, e.type, e.dst) for e in near.edges} == {
        "Ana lives_in Porto",
        "line 29 mentions Ana",
        "line 28 mentions Ana",
    }
    assert [NAMES[node] for node in (await store.around("Bo", depth=1)).nodes] == ["Bo", "line 29"]
    two = await store.around("Bo", depth=2)
    assert [NAMES[node] for node in two.nodes] == ["Bo", "line 29", "Ana"]


async def test_a_hub_with_a_thousand_mentions_does_not_flood_a_walk(store: Store) -> None:
    await put(store, lambda connection, me: mentions_of_ana(connection, me, count=1_200))
    found = await store.around("line 7", depth=3, limit=500)
    assert len(found.nodes) == 2 + walk.FAN_OUT


async def test_a_path_is_a_shortest_one_and_of_those_the_strongest(store: Store) -> None:
    def seed(connection: Connection, me: UUID) -> None:
        for name in ("Ana", "Bo", "Cy", "Porto", "line 0", "line 1"):
            put_node(connection, me, name)
        put_edge(connection, me, "Ana", "Bo", "knows", weight=0.4)
        put_edge(connection, me, "Bo", "Porto", "lives_in", weight=0.4)
        put_edge(connection, me, "line 0", "Ana", "mentions", weight=0.9)
        put_edge(connection, me, "line 0", "Porto", "mentions", weight=0.9)
        put_edge(connection, me, "line 0", "line 1", "next")
        put_edge(connection, me, "line 1", "Porto", "mentions")

    await put(store, seed)
    assert await store.path("Ana", "Porto") == ["Ana", "line 0", "Porto"]
    assert await store.path("Porto", "Ana") == ["Porto", "line 0", "Ana"]
    assert await store.path("Bo", "line 1") == ["Bo", "Porto", "line 1"]
    assert await store.path("Ana", "Ana") == ["Ana"]
    assert await store.path("Ana", "Cy") is None


async def test_a_path_leads_through_a_hub(store: Store) -> None:
    def seed(connection: Connection, me: UUID) -> None:
        mentions_of_ana(connection, me, count=300)
        put_node(connection, me, "Bo")
        put_edge(connection, me, "line 299", "Bo", "mentions")

    await put(store, seed)
    assert await store.path("line 0", "Bo") == ["line 0", "Ana", "line 299", "Bo"]


async def test_what_has_faded_is_neither_shown_nor_gone_through(store: Store) -> None:
    def seed(connection: Connection, me: UUID) -> None:
        mentions_of_ana(connection, me, count=2)
        put_node(connection, me, "Bo")
        put_edge(connection, me, "line 0", "Bo", "mentions")
        fade = "UPDATE memory_trace SET faded_at = now() WHERE user_id = :me AND id = :id"
        connection.execute(text(fade), {"me": me, "id": node_id("line 0")})

    await put(store, seed)
    assert [NAMES[node] for node in (await store.around("Ana")).nodes] == ["Ana", "line 1"]
    assert await store.path("Ana", "Bo") is None
