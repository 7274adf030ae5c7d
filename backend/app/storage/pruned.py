"""Traces that faded and were pruned: what still leads to them, and to what the dream made of them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import PrunedTrace
from app.storage.database import any_of, statement, uuid_array


class PrunedStore:
    """One person's pruned traces in this session's transaction; their write lock is held."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def keep(self, user_id: UUID, trace_ids: Collection[UUID], *, now: datetime) -> None:
        """Note these traces down, which are about to be pruned."""
        await self._session.execute(
            statement("keep_pruned"),
            {"user_id": user_id, "trace_ids": uuid_array(trace_ids), "now": now},
        )

    async def among(self, user_id: UUID, trace_ids: Collection[UUID]) -> set[UUID]:
        """Those of these ids that are of pruned traces."""
        query = select(PrunedTrace.id).where(
            PrunedTrace.user_id == user_id, PrunedTrace.id == any_of(trace_ids)
        )
        return set(await self._session.scalars(query))

    async def remove(self, user_id: UUID, trace_ids: Collection[UUID]) -> None:
        """Nothing leads to these any more."""
        await self._session.execute(
            delete(PrunedTrace)
            .where(PrunedTrace.user_id == user_id, PrunedTrace.id == any_of(trace_ids))
            .execution_options(synchronize_session=False)
        )
