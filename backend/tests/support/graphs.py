"""A graph database that is only a dictionary, and graphs to put into any."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import Connection, text

from app.graph.protocol import GraphUnavailableError
from app.storage.graph import GraphEdge, GraphNode
from app.storage.graph_outbox import Present

NAMES = UUID("00000000-0000-0000-0000-0000000c0de5")
LONG_AGO = datetime.fromisoformat("2026-01-01T00:00:00+00:00")

NODE = """
INSERT INTO memory_trace (user_id, id, content, role, created_at, salience, source, meta,
    content_hash, term_count, states_preference, wording, term_codes)
VALUES (:me, :id, :content, :role, :at, :salience, '{"type": "test"}',
    CASE WHEN :role = 'entity' THEN jsonb '{"kind": "person", "aliases": []}' ELSE '{}' END,
    '', 0, false, 0, '')
"""
EDGE = """
INSERT INTO memory_edge (user_id, src, dst, type, weight, ts, valid_from, valid_to)
VALUES (:me, :src, :dst, :type, :weight, :ts, :since, :until)
"""


def node_id(name: str) -> UUID:
    """The same for everybody: ids of two people may be equal."""
    return uuid5(NAMES, name)


def put_node(connection: Connection, me: UUID, name: str, **more: object) -> UUID:
    """A node past the service; what begins with a capital is an entity."""
    values = {
        "role": "entity" if name[:1].isupper() else "user",
        "at": LONG_AGO,
        "salience": 0.5,
        **more,
    }
    found = {"me": me, "id": node_id(name), "content": name, **values}
    connection.execute(text(NODE), found)
    return node_id(name)


def put_edge(
    connection: Connection, me: UUID, src: str, dst: str, kind: str, **more: object
) -> None:
    """An edge past the service, of weight 1 and valid for ever unless said otherwise."""
    values: Mapping[str, object] = {
        "weight": 1.0,
        "ts": LONG_AGO,
        "since": None,
        "until": None,
        **more,
    }
    ends = {"src": node_id(src), "dst": node_id(dst), "type": kind}
    connection.execute(text(EDGE), {"me": me, **ends, **values})


def a_minute_after(number: int) -> datetime:
    """A moment of its own for each number, the later the larger."""
    return LONG_AGO + timedelta(minutes=number)


class MemoryGraph:
    """What a ``Graph`` and a ``GraphMirror`` must do, done in the plainest way.

    While it is ``down`` it answers nothing; ``before_telling`` is called each time it is told something.
    """

    def __init__(self) -> None:
        self.nodes: dict[UUID, dict[UUID, GraphNode]] = {}
        self.edges: dict[UUID, dict[tuple[UUID, UUID, str], GraphEdge]] = {}
        self.down = False
        self.told: list[UUID] = []
        self.before_telling: Callable[[], Awaitable[None]] | None = None

    async def prepare(self) -> None:
        self._answer()

    async def tell(self, user_id: UUID, present: Present) -> None:
        self._answer()
        if self.before_telling is not None:
            await self.before_telling()
        self.told.append(user_id)
        nodes = self.nodes.setdefault(user_id, {})
        edges = self.edges.setdefault(user_id, {})
        told = {node.id for node in present.nodes}
        for key in list(edges):
            if key[0] in told or {key[0], key[1]}.intersection(present.gone):
                del edges[key]
        for gone in present.gone:
            nodes.pop(gone, None)
        nodes.update({node.id: node for node in present.nodes})
        edges.update({edge.key: edge for edge in present.edges})

    async def forget(self, user_id: UUID) -> None:
        self._answer()
        self.nodes.pop(user_id, None)
        self.edges.pop(user_id, None)

    async def hubs(self, user_id: UUID, *, most: int, fan_out: int, at: datetime) -> list[UUID]:
        self._answer()
        found: list[tuple[float, float, UUID]] = []
        for node in self.nodes.get(user_id, {}).values():
            ties = self._strongest(user_id, node.id, fan_out=fan_out, at=at)
            if node.role == "entity" and ties:
                strength = sum(edge.weight for edge in ties)
                latest = max(edge.ts for edge in ties).timestamp()
                found.append((-strength, -latest, node.id))
        return [node for _, _, node in sorted(found)[:most]]

    async def strongest(
        self, user_id: UUID, nodes: Collection[UUID], *, fan_out: int, at: datetime
    ) -> list[GraphEdge]:
        self._answer()
        found = {
            edge.key: edge
            for node in nodes
            for edge in self._strongest(user_id, node, fan_out=fan_out, at=at)
        }
        return list(found.values())

    async def among(
        self, user_id: UUID, nodes: Collection[UUID], *, most: int, at: datetime
    ) -> list[GraphEdge]:
        self._answer()
        between = [e for e in self._valid(user_id, at) if {e.src, e.dst} <= set(nodes)]
        return sorted(between, key=_heaviest)[:most]

    def _strongest(
        self, user_id: UUID, node: UUID, *, fan_out: int, at: datetime
    ) -> Sequence[GraphEdge]:
        valid = sorted(self._valid(user_id, at), key=_heaviest)
        leaving = [edge for edge in valid if edge.src == node][:fan_out]
        arriving = [edge for edge in valid if edge.dst == node][:fan_out]
        return [*leaving, *arriving]

    def _valid(self, user_id: UUID, at: datetime) -> list[GraphEdge]:
        return [
            edge
            for edge in self.edges.get(user_id, {}).values()
            if (edge.valid_from is None or edge.valid_from <= at)
            and (edge.valid_to is None or edge.valid_to > at)
        ]

    def _answer(self) -> None:
        if self.down:
            raise GraphUnavailableError


def _heaviest(edge: GraphEdge) -> tuple[float, float, UUID, UUID, str]:
    return (-edge.weight, -edge.ts.timestamp(), edge.src, edge.dst, edge.type)
