"""Look through a memory without asking it anything: its pages, its days, its size."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.dream.calendar import Period, summary_id
from app.models import MemoryTrace
from app.storage.browsing import BrowsingStore, Day, Shelf, Sizes, Tier
from app.storage.traces import TraceStore
from app.storage.warm_vectors import WarmVectors


@dataclass(frozen=True, slots=True)
class DayTold:
    """A day, and its summary when it was dreamt."""

    day: Day
    summary: MemoryTrace | None


@dataclass(frozen=True, slots=True)
class Storage:
    """How one person's memory is held, and the room that everybody's takes."""

    tiers: list[Tier]
    sizes: Sizes


class BrowsingService:
    """One person's memory, read only."""

    def __init__(
        self, browsing: BrowsingStore, *, traces: TraceStore, warm_vectors: WarmVectors
    ) -> None:
        self._browsing = browsing
        self._traces = traces
        self._warm_vectors = warm_vectors

    async def episodes(
        self, user_id: UUID, shelf: Shelf, *, page: int, per_page: int
    ) -> tuple[list[MemoryTrace], int]:
        """One page of what is on a shelf, newest first, and how many there are."""
        return await self._browsing.page(user_id, shelf, page=page, per_page=per_page)

    async def traces(self, user_id: UUID, ids: Sequence[UUID]) -> list[MemoryTrace]:
        """Those of these traces that there are, in the order asked for."""
        found = await self._traces.by_ids(user_id, ids)
        return [found[trace_id] for trace_id in dict.fromkeys(ids) if trace_id in found]

    async def timeline(
        self, user_id: UUID, *, zone: str, page: int, per_page: int
    ) -> tuple[list[DayTold], int]:
        """One page of days, latest first, each with its summary, and how many days there are."""
        days, total = await self._browsing.days(user_id, zone=zone, page=page, per_page=per_page)
        ids = [summary_id(user_id, Period("daily", day.day)) for day in days]
        summaries = await self._traces.by_ids(user_id, ids)
        return [
            DayTold(day, summaries.get(trace_id)) for day, trace_id in zip(days, ids, strict=True)
        ], total

    async def storage(self, user_id: UUID) -> Storage:
        """What is hot, what is warm, and how much room there is taken."""
        warm_before = await self._warm_vectors.before()
        return Storage(
            await self._browsing.tiers(user_id, warm_before=warm_before),
            await self._browsing.sizes(),
        )
