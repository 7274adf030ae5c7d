"""Looking through a memory: page by page, day by day, and how large it is."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import MemoryEdge, MemoryTrace
from app.storage.database import statement


@dataclass(frozen=True, slots=True)
class Shelf:
    """Traces that fit everything that is not None; with nothing given, all of them.

    ``since`` to ``until`` (not included) is when it was said; ``sources_of`` is the summary of which
    they are the sources.
    """

    since: datetime | None = None
    until: datetime | None = None
    sources_of: UUID | None = None
    pinned: bool | None = None
    faded: bool | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """How much was said on a local day, and how much of that is pinned or has faded."""

    day: date
    traces: int
    pinned: int
    faded: int


@dataclass(frozen=True, slots=True)
class Tier:
    """How many traces and vectors of one person are held in one way."""

    name: Literal["hot", "warm"]
    traces: int
    vectors: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes on disk, of everybody together."""

    table_bytes: int
    index_bytes: int


class BrowsingStore:
    """One person's memory in this session's transaction; nothing is changed."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self, user_id: UUID, shelf: Shelf, *, page: int, per_page: int
    ) -> tuple[list[MemoryTrace], int]:
        """One page of a shelf, newest first, and how many there are on it; pages count from 1."""
        fitting = (
            MemoryTrace.user_id == user_id,
            MemoryTrace.role != "entity",
            *_conditions(user_id, shelf),
        )
        total = await self._session.scalar(
            select(func.count()).select_from(MemoryTrace).where(*fitting)
        )
        newest = (MemoryTrace.created_at.desc(), MemoryTrace.id.desc())
        query = select(MemoryTrace).where(*fitting).order_by(*newest)
        found = await self._session.scalars(query.limit(per_page).offset((page - 1) * per_page))
        return list(found), total or 0

    async def days(
        self, user_id: UUID, *, zone: str, page: int, per_page: int
    ) -> tuple[list[Day], int]:
        """One page of days on which something was said, latest first, and how many there are."""
        rows = await self._session.execute(
            statement("timeline"),
            {
                "user_id": user_id,
                "zone": zone,
                "most": per_page,
                "passed": (page - 1) * per_page,
            },
        )
        found = rows.all()
        days = [
            Day(date.fromisoformat(row.day), row.traces, row.pinned, row.faded) for row in found
        ]
        return days, found[0].total if found else 0

    async def tiers(self, user_id: UUID, *, warm_before: datetime | None) -> list[Tier]:
        """What is hot and what is warm; a tier without traces is left out."""
        rows = await self._session.execute(
            statement("tiers"), {"user_id": user_id, "warm_before": warm_before}
        )
        found = [
            Tier("warm" if row.is_warm else "hot", row.traces, int(row.vectors))
            for row in rows.all()
        ]
        return sorted(found, key=lambda tier: tier.name)

    async def sizes(self) -> Sizes:
        """How much room the tables and their indexes take."""
        row = (await self._session.execute(statement("relation_sizes"))).one()
        return Sizes(int(row.table_bytes), int(row.index_bytes))


def _conditions(user_id: UUID, shelf: Shelf) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if shelf.since is not None:
        found.append(MemoryTrace.created_at >= shelf.since)
    if shelf.until is not None:
        found.append(MemoryTrace.created_at < shelf.until)
    if shelf.sources_of is not None:
        sources = select(MemoryEdge.dst).where(
            MemoryEdge.user_id == user_id,
            MemoryEdge.src == shelf.sources_of,
            MemoryEdge.type == "summary_of",
        )
        found.append(MemoryTrace.id.in_(sources))
    if shelf.pinned is not None:
        found.append(MemoryTrace.pinned.is_(shelf.pinned))
    if shelf.faded is not None:
        has_faded = MemoryTrace.faded_at.is_not(None)
        found.append(has_faded if shelf.faded else ~has_faded)
    return found
