"""The graph as Postgres has it: nodes are traces, edges are those of ``memory_edge``."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import MemoryEdge, MemoryFact, MemoryTrace, Note
from app.storage.database import any_of, statement


@dataclass(frozen=True, slots=True)
class GraphNode:
    """What a graph database knows of a node: its role and, of an entity, its name and kind. No trace's
    words are in it."""

    id: UUID
    role: str
    name: str | None
    kind: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """A directed edge, valid from ``valid_from`` up to and without ``valid_to``."""

    src: UUID
    dst: UUID
    type: str
    weight: float
    ts: datetime
    valid_from: datetime | None
    valid_to: datetime | None

    @property
    def key(self) -> tuple[UUID, UUID, str]:
        """What tells it from every other edge of this person."""
        return (self.src, self.dst, self.type)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A trace that an edge rests on: what it says of it holds from ``valid_from`` to ``valid_to``."""

    trace: MemoryTrace
    edge_type: str
    weight: float
    valid_from: datetime | None
    valid_to: datetime | None


class GraphStore:
    """One person's graph in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def shown(
        self, user_id: UUID, ids: Iterable[UUID], *, as_of: datetime | None
    ) -> dict[UUID, MemoryTrace]:
        """Those of these nodes that there are: not what has faded, nor, with ``as_of``, what had faded
        by then or came later."""
        query = select(MemoryTrace).where(
            MemoryTrace.user_id == user_id, MemoryTrace.id == any_of(ids), *_there(as_of)
        )
        return {node.id: node for node in await self._session.scalars(query)}

    async def shown_ids(
        self, user_id: UUID, ids: Iterable[UUID], *, as_of: datetime | None
    ) -> set[UUID]:
        """The ids of those that ``shown`` would give."""
        query = select(MemoryTrace.id).where(
            MemoryTrace.user_id == user_id, MemoryTrace.id == any_of(ids), *_there(as_of)
        )
        return set(await self._session.scalars(query))

    async def titles(self, user_id: UUID, trace_ids: Iterable[UUID]) -> dict[UUID, str]:
        """The titles of the notes that these traces are of."""
        query = select(Note.trace_id, Note.title).where(
            Note.user_id == user_id, Note.trace_id == any_of(trace_ids)
        )
        return {row.trace_id: row.title for row in await self._session.execute(query)}

    async def salient(self, user_id: UUID, *, most: int, as_of: datetime | None) -> list[UUID]:
        """The traces that matter most, the newest of equals first."""
        query = (
            select(MemoryTrace.id)
            .where(MemoryTrace.user_id == user_id, MemoryTrace.role != "entity", *_there(as_of))
            .order_by(MemoryTrace.salience.desc(), MemoryTrace.created_at.desc(), MemoryTrace.id)
            .limit(most)
        )
        return list(await self._session.scalars(query))

    async def named(self, user_id: UUID, text: str, *, most: int) -> list[UUID]:
        """The entities that a text names by their name or another one, the longest name first. The text
        is lower-cased, with single spaces between its words."""
        if not text:
            return []
        rows = await self._session.execute(
            statement("entities_named"), {"user_id": user_id, "text": text, "most": most}
        )
        return [row.id for row in rows]

    async def between(self, user_id: UUID, one: UUID, other: UUID) -> list[GraphEdge]:
        """Every edge between two nodes, of any time and in both directions, the heaviest first."""
        query = (
            select(*_EDGE)
            .where(
                MemoryEdge.user_id == user_id,
                MemoryEdge.src.in_((one, other)),
                MemoryEdge.dst.in_((one, other)),
                MemoryEdge.src != MemoryEdge.dst,
            )
            .order_by(MemoryEdge.weight.desc(), MemoryEdge.type, MemoryEdge.src)
        )
        return [GraphEdge(*row) for row in await self._session.execute(query)]

    async def facts_between(
        self, user_id: UUID, one: UUID, other: UUID, *, most: int
    ) -> list[Evidence]:
        """The traces that say something of two entities, the newest ``most``."""
        query = (
            select(MemoryTrace, MemoryFact)
            .join(
                MemoryFact,
                (MemoryFact.user_id == user_id) & (MemoryFact.trace_id == MemoryTrace.id),
            )
            .where(
                MemoryTrace.user_id == user_id,
                MemoryFact.subject.in_((one, other)),
                MemoryFact.object.in_((one, other)),
            )
            .order_by(MemoryFact.valid_from.desc(), MemoryTrace.id, MemoryFact.predicate)
            .limit(most)
        )
        return [
            Evidence(trace, fact.predicate, fact.weight, fact.valid_from, fact.valid_to)
            for trace, fact in await self._session.execute(query)
        ]

    async def mentioning_both(
        self, user_id: UUID, one: UUID, other: UUID, *, most: int
    ) -> list[MemoryTrace]:
        """The newest traces that have an edge to both nodes: two people in one sentence."""
        rows = await self._session.execute(
            statement("graph_shared"),
            {"user_id": user_id, "one": one, "other": other, "most": most},
        )
        ids = [row.id for row in rows]
        found = await self.shown(user_id, ids, as_of=None)
        return [found[trace_id] for trace_id in ids if trace_id in found]


async def nodes_of(session: AsyncSession, *conditions: ColumnElement[bool]) -> list[GraphNode]:
    """Nodes that fit all conditions, one of which names their owner."""
    is_entity = MemoryTrace.role == "entity"
    query = select(
        MemoryTrace.id,
        MemoryTrace.role,
        case((is_entity, MemoryTrace.content)),
        case((is_entity, MemoryTrace.meta["kind"].astext)),
        MemoryTrace.created_at,
    ).where(*conditions)
    return [GraphNode(*row) for row in await session.execute(query)]


async def edges_of(session: AsyncSession, *conditions: ColumnElement[bool]) -> list[GraphEdge]:
    """Edges that fit all conditions, one of which names their owner."""
    return [GraphEdge(*row) for row in await session.execute(select(*_EDGE).where(*conditions))]


_EDGE = (
    MemoryEdge.src,
    MemoryEdge.dst,
    MemoryEdge.type,
    MemoryEdge.weight,
    MemoryEdge.ts,
    MemoryEdge.valid_from,
    MemoryEdge.valid_to,
)


def _there(as_of: datetime | None) -> tuple[ColumnElement[bool], ...]:
    if as_of is None:
        return (MemoryTrace.faded_at.is_(None),)
    return (
        func.coalesce(MemoryTrace.faded_at > as_of, True),
        MemoryTrace.created_at <= as_of,
    )
