"""The graph in Neo4j, through its own driver. Every value is a parameter, every statement names a person.

A node is ``(:Memory {user_id, id, role, name, kind, created_at})``, an edge ``[:EDGE {type, weight, ts,
valid_from, valid_to}]``: types come from memories, so they are values and never part of a statement.
Moments are microseconds since 1970, which compare the same everywhere.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import LiteralString
from uuid import UUID

from neo4j import AsyncGraphDatabase, AsyncManagedTransaction, Record
from neo4j.exceptions import DriverError, Neo4jError
from pydantic import SecretStr

from app.graph.protocol import GraphUnavailableError
from app.storage.graph import GraphEdge, GraphNode
from app.storage.graph_outbox import Present

CONNECT_SECONDS = 3.0
WRITE_SECONDS = 30.0
FORGOTTEN_AT_ONCE = 1_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Value = str | int | float | None
Row = Mapping[str, Value]
Parameter = Value | list[str] | list[Row]

INDEXES: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT memory_key IF NOT EXISTS FOR (n:Memory) REQUIRE (n.user_id, n.id) IS UNIQUE",
    "CREATE INDEX memory_person IF NOT EXISTS FOR (n:Memory) ON (n.user_id)",
)

TELL: tuple[LiteralString, ...] = (
    "UNWIND $gone AS id MATCH (n:Memory {user_id: $user_id, id: id}) DETACH DELETE n",
    "UNWIND $nodes AS row MERGE (n:Memory {user_id: $user_id, id: row.id})"
    " SET n.role = row.role, n.name = row.name, n.kind = row.kind, n.created_at = row.created_at",
    "UNWIND $nodes AS row MATCH (:Memory {user_id: $user_id, id: row.id})-[e:EDGE]->() DELETE e",
    "UNWIND $edges AS row MERGE (d:Memory {user_id: $user_id, id: row.dst})",
    "UNWIND $edges AS row"
    " MATCH (s:Memory {user_id: $user_id, id: row.src}), (d:Memory {user_id: $user_id, id: row.dst})"
    " CREATE (s)-[:EDGE {type: row.type, weight: row.weight, ts: row.ts,"
    " valid_from: row.valid_from, valid_to: row.valid_to}]->(d)",
)

FORGET: LiteralString = """
MATCH (n:Memory {user_id: $user_id}) WITH n LIMIT $most DETACH DELETE n RETURN count(n) AS gone
"""

_VALID: LiteralString = (
    "(e.valid_from IS NULL OR e.valid_from <= $at) AND (e.valid_to IS NULL OR e.valid_to > $at)"
)
_EDGE: LiteralString = (
    "startNode(e).id AS src, endNode(e).id AS dst, e.type AS type, e.weight AS weight, e.ts AS ts,"
    " e.valid_from AS valid_from, e.valid_to AS valid_to"
)

HUBS: LiteralString = f"""
MATCH (n:Memory {{user_id: $user_id}}) WHERE n.role = 'entity'
CALL (n) {{
    MATCH (n)-[e:EDGE]->(o) WHERE {_VALID}
    RETURN e ORDER BY e.weight DESC, e.ts DESC, o.id LIMIT $fan_out
    UNION ALL
    MATCH (n)<-[e:EDGE]-(o) WHERE {_VALID}
    RETURN e ORDER BY e.weight DESC, e.ts DESC, o.id LIMIT $fan_out
}}
RETURN n.id AS id, sum(e.weight) AS strength, max(e.ts) AS latest
ORDER BY strength DESC, latest DESC, id LIMIT $most
"""

STRONGEST: LiteralString = f"""
UNWIND $nodes AS id
MATCH (n:Memory {{user_id: $user_id, id: id}})
CALL (n) {{
    MATCH (n)-[e:EDGE]->(o) WHERE {_VALID}
    RETURN e ORDER BY e.weight DESC, e.ts DESC, o.id, e.type LIMIT $fan_out
    UNION ALL
    MATCH (n)<-[e:EDGE]-(o) WHERE {_VALID}
    RETURN e ORDER BY e.weight DESC, e.ts DESC, o.id, e.type LIMIT $fan_out
}}
RETURN DISTINCT {_EDGE}
"""

AMONG: LiteralString = f"""
UNWIND $nodes AS id
MATCH (n:Memory {{user_id: $user_id, id: id}})-[e:EDGE]->(o:Memory)
WHERE o.id IN $nodes AND {_VALID}
RETURN {_EDGE} ORDER BY weight DESC, ts DESC, src, dst, type LIMIT $most
"""


class Neo4jGraph:
    """Reads as any graph, and is told what has changed."""

    def __init__(self, uri: str, *, user: str, password: SecretStr | None, database: str) -> None:
        self._driver = AsyncGraphDatabase.driver(
            uri,
            auth=(user, password.get_secret_value()) if password is not None else None,
            connection_timeout=CONNECT_SECONDS,
            connection_acquisition_timeout=2 * CONNECT_SECONDS,
            max_transaction_retry_time=CONNECT_SECONDS,
            notifications_min_severity="OFF",
        )
        self._database = database

    async def hubs(self, user_id: UUID, *, most: int, fan_out: int, at: datetime) -> list[UUID]:
        """See ``Graph``. Nodes without an edge have no ties and come not at all."""
        rows = await self._read(
            HUBS, user_id=str(user_id), most=most, fan_out=fan_out, at=_micros(at)
        )
        return [UUID(row["id"]) for row in rows]

    async def strongest(
        self, user_id: UUID, nodes: Collection[UUID], *, fan_out: int, at: datetime
    ) -> list[GraphEdge]:
        """See ``Graph``."""
        ids = [str(node) for node in nodes]
        rows = await self._read(
            STRONGEST, user_id=str(user_id), nodes=ids, fan_out=fan_out, at=_micros(at)
        )
        return [_edge(row) for row in rows]

    async def among(
        self, user_id: UUID, nodes: Collection[UUID], *, most: int, at: datetime
    ) -> list[GraphEdge]:
        """See ``Graph``."""
        ids = [str(node) for node in nodes]
        rows = await self._read(AMONG, user_id=str(user_id), nodes=ids, most=most, at=_micros(at))
        return [_edge(row) for row in rows]

    async def prepare(self) -> None:
        """See ``GraphMirror``."""
        for statement in INDEXES:
            async with _answering():
                await self._driver.execute_query(statement, database_=self._database)

    async def tell(self, user_id: UUID, present: Present) -> None:
        """See ``GraphMirror``; one transaction."""
        parameters: dict[str, Parameter] = {
            "user_id": str(user_id),
            "gone": [str(node) for node in present.gone],
            "nodes": [_node_row(node) for node in present.nodes],
            "edges": [_edge_row(edge) for edge in present.edges],
        }
        async with _answering(), self._driver.session(database=self._database) as session:
            await session.execute_write(_tell, parameters)

    async def forget(self, user_id: UUID) -> None:
        """See ``GraphMirror``; a thousand nodes a transaction."""
        parameters: dict[str, Parameter] = {"user_id": str(user_id), "most": FORGOTTEN_AT_ONCE}
        gone = FORGOTTEN_AT_ONCE
        while gone:
            async with _answering():
                answer = await self._driver.execute_query(
                    FORGET, parameters, database_=self._database
                )
            gone = answer.records[0]["gone"]

    async def close(self) -> None:
        """Give every connection back."""
        await self._driver.close()

    async def _read(self, statement: LiteralString, **parameters: Parameter) -> list[Record]:
        async with (
            _answering(),
            self._driver.session(database=self._database, default_access_mode="READ") as session,
        ):
            answer = await session.run(statement, dict(parameters))
            return [record async for record in answer]


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    """An error's code is told and its message is not: that one repeats what was sent."""
    try:
        yield
    except (DriverError, Neo4jError) as error:
        code = error.code if isinstance(error, Neo4jError) else type(error).__name__
        raise GraphUnavailableError(f"The graph database does not answer ({code}).") from error


async def _tell(transaction: AsyncManagedTransaction, parameters: dict[str, Parameter]) -> None:
    for statement in TELL:
        await (await transaction.run(statement, parameters)).consume()


def _micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _moment(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


def _node_row(node: GraphNode) -> Row:
    return {
        "id": str(node.id),
        "role": node.role,
        "name": node.name,
        "kind": node.kind,
        "created_at": _micros(node.created_at),
    }


def _edge_row(edge: GraphEdge) -> Row:
    return {
        "src": str(edge.src),
        "dst": str(edge.dst),
        "type": edge.type,
        "weight": edge.weight,
        "ts": _micros(edge.ts),
        "valid_from": None if edge.valid_from is None else _micros(edge.valid_from),
        "valid_to": None if edge.valid_to is None else _micros(edge.valid_to),
    }


def _edge(row: Record) -> GraphEdge:
    since, until = row["valid_from"], row["valid_to"]
    return GraphEdge(
        src=UUID(row["src"]),
        dst=UUID(row["dst"]),
        type=row["type"],
        weight=row["weight"],
        ts=_moment(row["ts"]),
        valid_from=None if since is None else _moment(since),
        valid_to=None if until is None else _moment(until),
    )
