"""The associations between traces."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import MemoryEdge
from app.storage.database import statement, uuid_array

EdgeRow = tuple[UUID, UUID, str, float]


@dataclass(frozen=True, slots=True)
class Mentioned:
    """An entity by all its names, and the traces that mention it."""

    names: Sequence[str]
    trace_ids: Sequence[UUID]


class EdgeStore:
    """One person's edges in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def walk(
        self,
        user_id: UUID,
        seeds: Collection[UUID],
        *,
        hops: int,
        fan_out: int,
        most: int,
        at: datetime,
    ) -> list[EdgeRow]:
        """(src, dst, type, weight) of every edge valid at ``at`` among the ``most`` nodes that the
        seeds, which are among them, lead to most strongly."""
        rows = await self._session.execute(
            statement("walk_edges"),
            {
                "user_id": user_id,
                "seeds": uuid_array(seeds),
                "hops": hops,
                "fan_out": fan_out,
                "most": most,
                "at": at,
            },
        )
        return [(src, dst, kind, weight) for src, dst, kind, weight in rows]

    async def mentioned(
        self, user_id: UUID, trace_ids: Collection[UUID], *, kinds: Collection[str], at: datetime
    ) -> list[Mentioned]:
        """The dream's entities of these kinds that these traces mention, as of ``at``."""
        if not trace_ids:
            return []
        rows = await self._session.execute(
            statement("mentioned_entities"),
            {
                "user_id": user_id,
                "trace_ids": uuid_array(trace_ids),
                "kinds": sorted(kinds),
                "at": at,
            },
        )
        return [Mentioned((row.name, *row.aliases), row.trace_ids) for row in rows]

    async def retelling(
        self, user_id: UUID, summary_ids: Collection[UUID], trace_ids: Collection[UUID]
    ) -> set[UUID]:
        """Those of these summaries that tell of one of these traces, directly or through others."""
        if not summary_ids or not trace_ids:
            return set()
        rows = await self._session.execute(
            statement("retelling"),
            {
                "user_id": user_id,
                "summary_ids": uuid_array(summary_ids),
                "trace_ids": uuid_array(trace_ids),
            },
        )
        return set(rows.scalars())

    async def near(
        self, user_id: UUID, trace_ids: Collection[UUID], *, at: datetime
    ) -> list[MemoryEdge]:
        """What leads to the turns before and after these traces and to their summaries, and is valid
        at ``at``."""
        ids = list(trace_ids)
        query = select(MemoryEdge).where(
            MemoryEdge.user_id == user_id,
            or_(
                and_(MemoryEdge.type == "next", MemoryEdge.src.in_(ids)),
                and_(MemoryEdge.type.in_(("next", "summary_of")), MemoryEdge.dst.in_(ids)),
            ),
            or_(MemoryEdge.valid_from.is_(None), MemoryEdge.valid_from <= at),
            or_(MemoryEdge.valid_to.is_(None), MemoryEdge.valid_to > at),
        )
        return list(await self._session.scalars(query))
