"""What was forgotten, counted, without a word of it."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import MemoryTombstone
from app.storage.database import statement


class TombstoneStore:
    """One person's tombstones in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def weigh(self, user_id: UUID, trace_ids: Collection[UUID]) -> dict[str, int]:
        """How many rows of each store hang on these traces."""
        row = await self._session.execute(
            statement("weigh_traces"), {"user_id": user_id, "trace_ids": list(trace_ids)}
        )
        return dict(row.one()._mapping)

    async def naming(self, user_id: UUID, trace_ids: Collection[UUID]) -> MemoryTombstone | None:
        """The first tombstone of any of these traces, when every one of them has a tombstone."""
        query = (
            select(MemoryTombstone)
            .where(
                MemoryTombstone.user_id == user_id,
                or_(*(MemoryTombstone.target.contains({"ids": [str(i)]}) for i in trace_ids)),
            )
            .order_by(MemoryTombstone.forgotten_at)
        )
        found = list(await self._session.scalars(query))
        named = {trace_id for tombstone in found for trace_id in tombstone.target["ids"]}
        return found[0] if named.issuperset(map(str, trace_ids)) else None
