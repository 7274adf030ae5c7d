"""Traces that faded and were pruned: what still leads to them, and to what the dream made of them."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import PrunedTrace
from app.storage.database import any_of, statement, uuid_array


@dataclass(frozen=True, slots=True)
class PrunedOfExport:
    """A pruned trace as an export holds it."""

    id: UUID
    created_at: datetime
    source: dict[str, Any]
    pruned_at: datetime
    made: tuple[UUID, ...]


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

    async def take_over(self, user_id: UUID, lines: Iterable[PrunedOfExport]) -> int:
        """Note down what an export says was pruned; how many were not known."""
        each = list({line.id: line for line in lines}.values())
        if not each:
            return 0
        rows = await self._session.execute(
            statement("import_pruned"),
            {
                "user_id": user_id,
                "ids": uuid_array(line.id for line in each),
                "created": [line.created_at for line in each],
                "sources": [json.dumps(line.source) for line in each],
                "pruned": [line.pruned_at for line in each],
                "made": [uuid_array(sorted(set(line.made))) for line in each],
            },
        )
        return sum(row.is_new for row in rows.all())
