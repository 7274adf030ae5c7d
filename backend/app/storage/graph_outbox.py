"""The outbox: which nodes of the graph have changed and are still to be told to a graph database.

A row names a node and holds nothing of it. Whoever claims it reads what the node is by then, with the
edges that leave it; one that is not there any more is to be forgotten. Triggers write the rows, in the
transaction of the change, whatever made it: a cascade, an import, a statement typed by hand.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.models import MemoryEdge, MemoryTrace
from app.storage.database import Database, any_of, statement, uuid_array
from app.storage.graph import GraphEdge, GraphNode, edges_of, nodes_of
from app.storage.queue import Queue

GRAPH_LOCK = 5_747_107
LEASE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(minutes=1)
EVERYTHING = UUID(int=0)  # in place of a node: all of this person's
QUEUE = "the outbox is worked off for everybody, oldest first"
MIRRORED = "a graph database holds everybody's graph or nobody's"

# Which function notes what: the event, the table, and what the function sees of it.
TRIGGERS = {
    "graph_edges_added": "INSERT ON memory_edge REFERENCING NEW TABLE AS changed|note_graph_edges",
    "graph_edges_altered": "UPDATE ON memory_edge REFERENCING NEW TABLE AS changed|note_graph_edges",
    "graph_edges_gone": "DELETE ON memory_edge REFERENCING OLD TABLE AS changed|note_graph_edges",
    "graph_nodes_added": "INSERT ON memory_trace REFERENCING NEW TABLE AS changed|note_graph_nodes",
    "graph_nodes_altered": (
        "UPDATE ON memory_trace REFERENCING OLD TABLE AS before NEW TABLE AS changed|note_graph_names"
    ),
    "graph_nodes_gone": "DELETE ON memory_trace REFERENCING OLD TABLE AS changed|note_graph_nodes",
    "graph_people_gone": "DELETE ON app_user REFERENCING OLD TABLE AS changed|note_graph_people",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A node of one person that has changed, as of ``version``; ``EVERYTHING`` stands for all of them."""

    user_id: UUID
    trace_id: UUID
    version: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Present:
    """Nodes as they are now, every edge that leaves them, and the ids of those that are ``gone``."""

    nodes: Sequence[GraphNode]
    edges: Sequence[GraphEdge]
    gone: Collection[UUID]


class GraphOutbox:
    """A worker claims changes of one person, tells them outside any transaction, then settles or
    postpones them. While a claim of a person lasts, nobody else tells anything of theirs."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def claim(self, *, most: int, now: datetime) -> list[Change]:
        """Up to ``most`` changes of the person who has waited longest, for ``LEASE``."""
        await self._session.execute(text(f"SELECT pg_advisory_xact_lock({GRAPH_LOCK})"))
        rows = await self._session.execute(
            statement("claim_graph_changes", across_people=QUEUE),
            {"most": most, "now": now, "lease_until": now + LEASE},
        )
        return [Change(*row) for row in rows]

    async def present(self, user_id: UUID, ids: Collection[UUID]) -> Present:
        """What these nodes are now."""
        nodes = await nodes_of(
            self._session, MemoryTrace.user_id == user_id, MemoryTrace.id == any_of(ids)
        )
        edges = await edges_of(
            self._session, MemoryEdge.user_id == user_id, MemoryEdge.src == any_of(ids)
        )
        return Present(nodes, edges, set(ids) - {node.id for node in nodes})

    async def settle(self, done: Sequence[Change]) -> None:
        """Take what was told out of the outbox; what has changed again meanwhile waits again."""
        await self._session.execute(
            statement("settle_graph_changes"),
            {
                "user_id": done[0].user_id,
                "trace_ids": uuid_array(change.trace_id for change in done),
                "versions": [change.version for change in done],
            },
        )

    async def postpone(self, failed: Sequence[Change], *, now: datetime) -> None:
        """Try again later: after 1, 2, 4 … seconds, at most a minute."""
        tried = max(change.attempts for change in failed)
        pause = min(timedelta(seconds=2 ** min(tried - 1, 6)), LONGEST_PAUSE)
        await self._session.execute(
            text(
                "UPDATE graph_outbox SET due_at = :due_at"
                " WHERE user_id = :user_id AND trace_id = ANY(CAST(:trace_ids AS uuid[]))"
            ),
            {
                "user_id": failed[0].user_id,
                "trace_ids": uuid_array(change.trace_id for change in failed),
                "due_at": now + pause,
            },
        )

    async def tell_all(self, user_id: UUID) -> None:
        """Every node of one person waits to be told."""
        await self._session.execute(statement("tell_whole_graph"), {"user_id": user_id})

    async def queue(self) -> Queue:
        """What is still to be told of everybody, and since when."""
        query = text("SELECT count(*), min(noted_at) FROM graph_outbox")
        rows = await self._session.execute(query.execution_options(across_people=QUEUE))
        return Queue(*rows.one())


async def keep_outbox(database: Database) -> None:
    """Let every change be noted from now on, and everybody's graph be told. Nothing happens when that
    is so already."""
    async with database.engine.begin() as connection:
        if await _is_kept(connection):
            return
        for name, what in TRIGGERS.items():
            event, function = what.split("|")
            await connection.execute(
                text(
                    f"CREATE TRIGGER {name} AFTER {event}"
                    f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
                )
            )
        await connection.execute(
            text(
                "INSERT INTO graph_outbox (user_id, trace_id) SELECT id, :everything FROM app_user"
                " ON CONFLICT (user_id, trace_id) DO NOTHING"
            ).execution_options(across_people=MIRRORED),
            {"everything": EVERYTHING},
        )


async def drop_outbox(database: Database) -> None:
    """Note nothing any more, and forget what was noted."""
    async with database.engine.begin() as connection:
        if not await _is_kept(connection):
            return
        for name, what in TRIGGERS.items():
            table = what.split(" ON ")[1].split()[0]
            await connection.execute(text(f"DROP TRIGGER {name} ON {table}"))
        await connection.execute(
            text("DELETE FROM graph_outbox").execution_options(across_people=MIRRORED)
        )


async def _is_kept(connection: AsyncConnection) -> bool:
    """One replica at a time looks and acts."""
    await connection.execute(text(f"SELECT pg_advisory_xact_lock({GRAPH_LOCK})"))
    await connection.execute(text("SET LOCAL lock_timeout = '10s'"))
    found = await connection.scalar(
        text(
            "SELECT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'graph_nodes_gone'"
            " AND tgrelid = to_regclass('memory_trace'))"
        )
    )
    return bool(found)
