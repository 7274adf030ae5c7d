"""Rows below the write threshold: read to decide, promoted, faded, restored, and gone in the end."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import InsightEvidence, MemoryFact, MemoryTrace, Note
from app.storage.database import statement


@dataclass(frozen=True, slots=True)
class FadeableRow:
    """A raw trace below the threshold. ``is_held`` by a summary; ``is_evidence`` of a fact or insight."""

    trace_id: UUID
    created_at: datetime
    salience: float
    access_count: int
    last_accessed_at: datetime | None
    pinned: bool
    is_held: bool
    is_evidence: bool


class FadingStore:
    """One person's rows in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def fadeable(
        self, user_id: UUID, *, threshold: float, until: datetime
    ) -> list[FadeableRow]:
        """What was said before ``until``, is below the threshold and has not faded."""
        rows = await self._session.execute(
            statement("fadeable"), {"user_id": user_id, "threshold": threshold, "until": until}
        )
        return [FadeableRow(*row) for row in rows.all()]

    async def promote(self, user_id: UUID, trace_ids: Collection[UUID], *, salience: float) -> None:
        """Lift these to the threshold: from now on they are embedded like the others."""
        await self._set(user_id, trace_ids, salience=salience)

    async def fade(self, user_id: UUID, trace_ids: Collection[UUID], *, now: datetime) -> None:
        """They are not recalled any more, and can be restored for a while."""
        await self._set(user_id, trace_ids, faded_at=now)

    async def expired(self, user_id: UUID, *, faded_before: datetime, most: int) -> list[UUID]:
        """Faded so long ago that nobody will restore them. What a fact or an insight has come to rest on
        since stays as long as that does: no forgetting would reach it otherwise. So does a summary, since
        what was made of it is reached through it, and what a note says."""
        query = (
            select(MemoryTrace.id)
            .where(MemoryTrace.user_id == user_id, *_is_over(faded_before))
            .order_by(MemoryTrace.faded_at, MemoryTrace.id)
        )
        return list(await self._session.scalars(query.limit(most)))

    async def people_with_expired(self, *, faded_before: datetime, most: int) -> list[UUID]:
        """Whose memories hold such traces."""
        query = (
            select(MemoryTrace.user_id)
            .distinct()
            .where(*_is_over(faded_before))
            .limit(most)
            .execution_options(across_people="what has faded goes for everybody")
        )
        return list(await self._session.scalars(query))

    async def _set(self, user_id: UUID, trace_ids: Collection[UUID], **values: object) -> None:
        if not trace_ids:
            return
        await self._session.execute(
            update(MemoryTrace)
            .where(MemoryTrace.user_id == user_id, MemoryTrace.id.in_(trace_ids))
            .values(**values)
        )


def _is_over(faded_before: datetime) -> list[ColumnElement[bool]]:
    return [
        MemoryTrace.faded_at < faded_before,
        MemoryTrace.pinned.is_(False),
        MemoryTrace.role != "summary",
        *(
            ~exists().where(rest.user_id == MemoryTrace.user_id, rest.trace_id == MemoryTrace.id)
            for rest in (MemoryFact, InsightEvidence, Note)
        ),
    ]
