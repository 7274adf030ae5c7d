"""The traces themselves, their conversations, and the counts that go with them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import MemoryEdge, MemoryTrace, MemoryUsage
from app.storage.database import any_of, statement, uuid_array

SourceKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Usage:
    """How much one person has: traces, and terms in all of them together; how often something was
    forgotten (``generation``), and, where vectors are looked for, when one was last written."""

    generation: int
    traces: int
    terms: int
    sketched_at: datetime | None = None

    @property
    def average_length(self) -> float:
        """Terms per trace, at least 1."""
        return max(1.0, self.terms / max(1, self.traces))


@dataclass(frozen=True, slots=True)
class Situation:
    """A trace's text between its neighbours' in the conversation: the two before, the one after."""

    trace_id: UUID
    content: str
    before: tuple[str | None, str | None]
    after: str | None


@dataclass(frozen=True, slots=True)
class Removed:
    """How many traces went, and how many terms there were in them together."""

    traces: int
    terms: int


class TraceStore:
    """One person's traces in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self, user_id: UUID) -> Usage:
        """Order this person's writes one behind the other until the transaction ends."""
        row = (await self._session.execute(statement("lock_usage"), {"user_id": user_id})).one()
        return Usage(*row)

    async def wait_turn(self, user_id: UUID) -> None:
        """As ``lock``, for a writer that must not make anything for somebody who is gone."""
        query = select(MemoryUsage.user_id).where(MemoryUsage.user_id == user_id)
        await self._session.execute(query.with_for_update())

    async def usage(self, user_id: UUID) -> Usage:
        """Their counts, without a lock."""
        query = select(MemoryUsage.generation, MemoryUsage.traces, MemoryUsage.terms)
        row = (
            await self._session.execute(query.where(MemoryUsage.user_id == user_id))
        ).one_or_none()
        return Usage(*row) if row else Usage(0, 0, 0)

    async def count(self, user_id: UUID, *, traces: int, terms: int, forgets: bool = False) -> None:
        """Add to their counts; a forgetting opens a new generation."""
        await self._session.execute(
            update(MemoryUsage)
            .where(MemoryUsage.user_id == user_id)
            .values(
                traces=MemoryUsage.traces + traces,
                terms=MemoryUsage.terms + terms,
                generation=MemoryUsage.generation + int(forgets),
            )
        )

    async def add(self, traces: Sequence[MemoryTrace]) -> None:
        """Insert new traces."""
        columns = MemoryTrace.__table__.columns.keys()
        rows = [{name: getattr(trace, name) for name in columns} for trace in traces]
        await self._session.execute(insert(MemoryTrace), rows)

    async def link_conversations(
        self, user_id: UUID, trace_ids: Collection[UUID], *, now: datetime
    ) -> None:
        """Thread traces into their conversations."""
        await self._session.execute(
            statement("link_conversations"),
            {"user_id": user_id, "trace_ids": uuid_array(trace_ids), "now": now},
        )

    async def get(self, user_id: UUID, trace_id: UUID) -> MemoryTrace | None:
        """One trace."""
        return await self._session.get(MemoryTrace, (user_id, trace_id))

    async def by_ids(self, user_id: UUID, trace_ids: Iterable[UUID]) -> dict[UUID, MemoryTrace]:
        """Several traces by id; unknown ids are left out."""
        query = select(MemoryTrace).where(
            MemoryTrace.user_id == user_id, MemoryTrace.id == any_of(trace_ids)
        )
        return {trace.id: trace for trace in await self._session.scalars(query)}

    async def later_than(
        self, user_id: UUID, moment: datetime, *, among: Iterable[UUID]
    ) -> set[UUID]:
        """Those of these traces that came after a moment."""
        query = select(MemoryTrace.id).where(
            MemoryTrace.user_id == user_id,
            MemoryTrace.id.in_(list(among)),
            MemoryTrace.created_at > moment,
        )
        return set(await self._session.scalars(query))

    async def by_sources(
        self, user_id: UUID, sources: Iterable[SourceKey]
    ) -> dict[SourceKey, MemoryTrace]:
        """The traces that came from these (type, id) sources."""
        kind, source_id = MemoryTrace.source["type"].astext, MemoryTrace.source["id"].astext
        query = select(MemoryTrace).where(
            MemoryTrace.user_id == user_id,
            MemoryTrace.source.has_key("id"),
            tuple_(kind, source_id).in_(list(sources)),
        )
        found = await self._session.scalars(query)
        return {(trace.source["type"], trace.source["id"]): trace for trace in found}

    async def disown(self, user_id: UUID, source: SourceKey) -> None:
        """Whatever was sent in under a source that is the service's own keeps its type alone."""
        kind, source_id = MemoryTrace.source["type"].astext, MemoryTrace.source["id"].astext
        await self._session.execute(
            update(MemoryTrace)
            .where(
                MemoryTrace.user_id == user_id,
                MemoryTrace.source.has_key("id"),
                kind == source[0],
                source_id == source[1],
            )
            .values(source=MemoryTrace.source.op("-")("id"))
        )

    async def page(self, user_id: UUID, *, page: int, per_page: int) -> list[MemoryTrace]:
        """One page of everything, newest first; pages count from 1."""
        query = (
            select(MemoryTrace)
            .where(MemoryTrace.user_id == user_id, MemoryTrace.role != "entity")
            .order_by(MemoryTrace.created_at.desc(), MemoryTrace.id.desc())
        )
        return list(
            await self._session.scalars(query.limit(per_page).offset((page - 1) * per_page))
        )

    async def overhearing(self, user_id: UUID, trace_ids: Collection[UUID]) -> set[UUID]:
        """The traces whose situation has one of these in it: the one before each, the two after."""
        rows = await self._session.execute(
            statement("overhearing"), {"user_id": user_id, "trace_ids": uuid_array(trace_ids)}
        )
        return {row.id for row in rows.all()}.difference(trace_ids)

    async def situations(self, user_id: UUID, trace_ids: Collection[UUID]) -> list[Situation]:
        """These traces in their conversations."""
        rows = await self._session.execute(
            statement("situations"), {"user_id": user_id, "trace_ids": list(trace_ids)}
        )
        return [
            Situation(row.id, row.content, (row.before2, row.before1), row.after1) for row in rows
        ]

    async def edges(self, user_id: UUID, trace_id: UUID) -> list[MemoryEdge]:
        """Every edge that touches one trace."""
        query = select(MemoryEdge).where(
            MemoryEdge.user_id == user_id,
            or_(MemoryEdge.src == trace_id, MemoryEdge.dst == trace_id),
        )
        return list(await self._session.scalars(query))

    async def remove(self, user_id: UUID, trace_ids: Collection[UUID]) -> Removed:
        """Delete traces; embeddings, edges and waiting heads go with them."""
        row = await self._session.execute(
            statement("remove_traces"), {"user_id": user_id, "trace_ids": uuid_array(trace_ids)}
        )
        return Removed(*row.one())

    async def mean_salience(self, user_id: UUID) -> float | None:
        """The mean salience of everything; None while there is nothing."""
        query = select(func.avg(MemoryTrace.salience)).where(
            MemoryTrace.user_id == user_id, MemoryTrace.role != "entity"
        )
        mean = await self._session.scalar(query)
        return None if mean is None else float(mean)
