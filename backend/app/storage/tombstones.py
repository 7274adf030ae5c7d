"""What was forgotten, counted, without a word of it."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import MemoryForgotten, MemoryTombstone
from app.storage.database import any_of, statement, uuid_array


class TombstoneStore:
    """One person's tombstones in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def weigh(self, user_id: UUID, trace_ids: Collection[UUID]) -> dict[str, int]:
        """How many rows of each store hang on these traces."""
        row = await self._session.execute(
            statement("weigh_traces"), {"user_id": user_id, "trace_ids": uuid_array(trace_ids)}
        )
        return dict(row.one()._mapping)

    async def add(self, tombstone: MemoryTombstone, trace_ids: Collection[UUID]) -> None:
        """Set a tombstone for these traces, and let go of the answers that named them: an
        ``Idempotency-Key`` keeps a digest of what was written."""
        self._session.add(tombstone)
        await self._session.flush()
        asked = {
            "user_id": tombstone.user_id,
            "tombstone_id": tombstone.id,
            "trace_ids": uuid_array(trace_ids),
        }
        await self._session.execute(statement("name_forgotten"), asked)
        await self._session.execute(statement("drop_answers"), asked)

    async def naming(self, user_id: UUID, trace_ids: Collection[UUID]) -> MemoryTombstone | None:
        """The first tombstone of any of these traces, when every one of them has a tombstone."""
        query = (
            select(MemoryTombstone, func.count())
            .join(
                MemoryForgotten,
                (MemoryForgotten.user_id == MemoryTombstone.user_id)
                & (MemoryForgotten.tombstone_id == MemoryTombstone.id),
            )
            .where(
                MemoryTombstone.user_id == user_id,
                MemoryForgotten.user_id == user_id,
                MemoryForgotten.trace_id == any_of(trace_ids),
            )
            .group_by(MemoryTombstone.user_id, MemoryTombstone.id)
            .order_by(MemoryTombstone.forgotten_at, MemoryTombstone.id)
        )
        found = (await self._session.execute(query)).all()
        named = sum(count for _, count in found)
        return found[0][0] if named == len(set(trace_ids)) else None

    async def was_meant(self, user_id: UUID, trace_id: UUID) -> bool:
        """Whether somebody has had this trace forgotten by its id, and not along with others."""
        query = select(MemoryTombstone.id).where(
            MemoryTombstone.user_id == user_id,
            MemoryTombstone.scope == "trace",
            MemoryTombstone.target["ids"].contains([str(trace_id)]),
        )
        return await self._session.scalar(query.limit(1)) is not None

    async def known(self, user_id: UUID, ids: Collection[UUID]) -> set[UUID]:
        """Those of these tombstones that are there."""
        query = select(MemoryTombstone.id).where(
            MemoryTombstone.user_id == user_id, MemoryTombstone.id == any_of(ids)
        )
        return set(await self._session.scalars(query))

    async def latest(
        self, user_id: UUID, scope: str, targets: Collection[Mapping[str, Any]]
    ) -> MemoryTombstone | None:
        """The newest tombstone of a scope with one of these targets."""
        query = select(MemoryTombstone).where(
            MemoryTombstone.user_id == user_id,
            MemoryTombstone.scope == scope,
            MemoryTombstone.target.in_([dict(target) for target in targets]),
        )
        return await self._session.scalar(query.order_by(MemoryTombstone.id.desc()).limit(1))

    async def stored_since(
        self, user_id: UUID, tombstone: MemoryTombstone, trace_ids: Collection[UUID]
    ) -> set[UUID]:
        """Those of these traces that came in after a tombstone was set, also by an import."""
        rows = await self._session.scalars(
            statement("stored_since"),
            {
                "user_id": user_id,
                "tombstone_id": tombstone.id,
                "trace_ids": uuid_array(trace_ids),
            },
        )
        return set(rows)

    async def page(
        self, user_id: UUID, *, page: int, per_page: int
    ) -> tuple[list[MemoryTombstone], int]:
        """One page, newest first, and how many there are in all; pages count from 1."""
        mine = MemoryTombstone.user_id == user_id
        total = await self._session.scalar(
            select(func.count()).select_from(MemoryTombstone).where(mine)
        )
        query = select(MemoryTombstone).where(mine)
        newest = query.order_by(MemoryTombstone.forgotten_at.desc(), MemoryTombstone.id.desc())
        found = await self._session.scalars(newest.limit(per_page).offset((page - 1) * per_page))
        return list(found), total or 0
