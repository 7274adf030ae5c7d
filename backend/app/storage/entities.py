"""Entity nodes, and the edges that the dream draws: who is mentioned where, what sums up what."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import MemoryTrace
from app.storage.database import statement, uuid_array


@dataclass(frozen=True, slots=True)
class EntityNode:
    """A person, place, organisation or thing; ``key`` is its name as names are compared."""

    id: UUID
    name: str
    key: str
    kind: str
    aliases: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewEdge:
    """An edge to draw; ``ts`` is when what it rests on was said."""

    src: UUID
    dst: UUID
    weight: float
    ts: datetime


class EntityStore:
    """One person's entity nodes in this session's transaction.

    Nodes are traces without vectors and words, and no person's counts know of them. The ``key`` in their
    source tells them from whatever somebody sends in under the role of an entity.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def known(self, user_id: UUID) -> list[EntityNode]:
        """Every node that the dream has made, by name."""
        query = (
            select(MemoryTrace)
            .where(
                MemoryTrace.user_id == user_id,
                MemoryTrace.role == "entity",
                MemoryTrace.source.has_key("key"),
            )
            .order_by(MemoryTrace.content, MemoryTrace.id)
        )
        return [
            EntityNode(
                id=node.id,
                name=node.content,
                key=node.source["key"],
                kind=node.meta["kind"],
                aliases=tuple(node.meta["aliases"]),
                created_at=node.created_at,
            )
            for node in await self._session.scalars(query)
        ]

    async def put(self, user_id: UUID, nodes: Sequence[EntityNode]) -> None:
        """Make nodes, or give those that there are their present kind and aliases."""
        if not nodes:
            return
        await self._session.execute(
            statement("put_entities"),
            {
                "user_id": user_id,
                "ids": [node.id for node in nodes],
                "names": [node.name for node in nodes],
                "created": [node.created_at for node in nodes],
                "sources": [json.dumps({"type": "dream", "key": node.key}) for node in nodes],
                "metas": [
                    json.dumps({"kind": node.kind, "aliases": list(node.aliases)}) for node in nodes
                ],
                "hashes": [sha256(node.name.encode()).digest() for node in nodes],
            },
        )

    async def reconcile(
        self, user_id: UUID, kind: str, edges: Sequence[NewEdge], *, of: Collection[UUID]
    ) -> int:
        """Make the edges of one kind that leave ``of`` exactly these; how many are new."""
        rows = await self._session.execute(
            statement("reconcile_edges"),
            {
                "user_id": user_id,
                "type": kind,
                "of": uuid_array(of),
                "src": uuid_array(edge.src for edge in edges),
                "dst": uuid_array(edge.dst for edge in edges),
                "weight": [edge.weight for edge in edges],
                "ts": [edge.ts for edge in edges],
            },
        )
        return sum(row.is_new for row in rows.all())

    async def drop_orphans(self, user_id: UUID) -> int:
        """Let go of the nodes that nothing mentions any more; how many."""
        rows = await self._session.execute(statement("drop_orphans"), {"user_id": user_id})
        return len(rows.all())
