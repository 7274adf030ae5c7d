"""Reads what a run needs in one transaction, and gives the connection back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.dream.calendar import Period, summary_id
from app.dream.material import DayTrace
from app.storage.consolidations import Lease
from app.storage.database import Database
from app.storage.entities import EntityNode, EntityStore
from app.storage.replay import Replayed, ReplayStore, Said
from app.storage.traces import TraceStore
from app.storage.users import UserStore


@dataclass(frozen=True, slots=True)
class Material:
    """What one run dreams of, and what it must still find when it writes: the memory's ``generation``
    and what was ``said``. ``known`` are the entities of earlier nights."""

    period: Period
    zone: ZoneInfo
    generation: int
    traces: tuple[DayTrace, ...]
    said: frozenset[Said]
    known: tuple[EntityNode, ...]


class DreamReader:
    """Raw traces for a day; for a week its days' summaries, for a month its weeks'."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, lease: Lease, period: Period) -> Material:
        """Everything, in one transaction."""
        user_id = lease.user_id
        async with self._database.unit_of_work() as work:
            usage = await TraceStore(work.session).usage(user_id)
            zone = await UserStore(work.session).zone(user_id)
            replayed = await _replay(work.session, user_id, period, zone)
            is_daily = period.kind == "daily"
            known = await EntityStore(work.session).known(user_id) if is_daily else []
        return Material(
            period=period,
            zone=zone,
            generation=usage.generation,
            traces=tuple(_day_trace(trace, zone) for trace in replayed),
            said=frozenset(trace.said for trace in replayed),
            known=tuple(known),
        )

    async def is_unchanged(
        self, session: AsyncSession, user_id: UUID, material: Material, *, generation: int
    ) -> bool:
        """Whether all that was read is still so; the person's write lock is held."""
        if generation != material.generation:
            return False
        store = ReplayStore(session)
        if material.period.kind == "daily":
            since, until = material.period.span(material.zone)
            return await store.raw_said(user_id, since=since, until=until) == material.said
        parts = await store.summaries(user_id, _parts(user_id, material.period))
        return frozenset(part.said for part in parts) == material.said


async def _replay(
    session: AsyncSession, user_id: UUID, period: Period, zone: ZoneInfo
) -> Sequence[Replayed]:
    store = ReplayStore(session)
    if period.kind == "daily":
        since, until = period.span(zone)
        return await store.raw_traces(user_id, since=since, until=until)
    return await store.summaries(user_id, _parts(user_id, period))


def _parts(user_id: UUID, period: Period) -> list[UUID]:
    """The ids that the summaries below a week or a month have, whether they exist or not."""
    return [summary_id(user_id, part) for part in period.parts()]


def _day_trace(trace: Replayed, zone: ZoneInfo) -> DayTrace:
    return DayTrace(
        trace_id=trace.trace_id,
        role=trace.role,
        content=trace.content,
        said_at=trace.created_at.astimezone(zone),
        salience=trace.salience,
        conversation=trace.conversation,
        vector=trace.vector,
    )
