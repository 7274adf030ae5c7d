"""Insights with their evidence, what was said of them, and what the next ones are found in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import DreamInsight, InsightEvidence, MemoryTrace
from app.storage.database import statement, uuid_array

MOST_SAYINGS = 1_000
MOST_MENTIONS = 200  # of one entity


@dataclass(frozen=True, slots=True)
class NewInsight:
    """An insight to keep."""

    id: UUID
    kind: str
    day: date
    text: str
    evidence: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ToldInsight:
    """An insight and the traces that it rests on."""

    insight: DreamInsight
    evidence: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """Somebody who is mentioned, as the edges know them."""

    entity_id: UUID
    name: str
    days: int
    last_at: datetime
    evidence: tuple[UUID, ...]


class InsightStore:
    """One person's insights in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, user_id: UUID, insights: Sequence[NewInsight]) -> None:
        """Keep new insights and what they rest on."""
        if not insights:
            return
        await self._session.execute(
            insert(DreamInsight),
            [
                {
                    "user_id": user_id,
                    "id": insight.id,
                    "kind": insight.kind,
                    "day": insight.day,
                    "text": insight.text,
                    "helpful": None,
                }
                for insight in insights
            ],
        )
        await self._session.execute(
            insert(InsightEvidence),
            [
                {"user_id": user_id, "insight_id": insight.id, "trace_id": trace_id}
                for insight in insights
                for trace_id in insight.evidence
            ],
        )

    async def take_over(self, user_id: UUID, insight: NewInsight, *, helpful: bool | None) -> int:
        """Keep an insight out of an export when all that it rests on is there; 1 when it is new."""
        found = await self._session.scalar(
            statement("import_insight"),
            {
                "user_id": user_id,
                "id": insight.id,
                "kind": insight.kind,
                "day": insight.day,
                "text": insight.text,
                "helpful": helpful,
                "evidence": uuid_array(insight.evidence),
            },
        )
        return found or 0

    async def told(self, user_id: UUID, insight_ids: Collection[UUID]) -> set[UUID]:
        """Those of these that were told before."""
        query = select(DreamInsight.id).where(
            DreamInsight.user_id == user_id, DreamInsight.id.in_(insight_ids)
        )
        return set(await self._session.scalars(query))

    async def told_within(self, user_id: UUID, *, first: date, last: date) -> int:
        """How many were told from one day to another, both included."""
        query = select(func.count()).where(
            DreamInsight.user_id == user_id, DreamInsight.day.between(first, last)
        )
        return await self._session.scalar(query) or 0

    async def verdicts(self, user_id: UUID) -> dict[str, tuple[int, int]]:
        """By kind, how many were called helpful and how many were not."""
        query = (
            select(
                DreamInsight.kind,
                func.count().filter(DreamInsight.helpful.is_(True)),
                func.count().filter(DreamInsight.helpful.is_(False)),
            )
            .where(DreamInsight.user_id == user_id)
            .group_by(DreamInsight.kind)
        )
        return {kind: (yes, no) for kind, yes, no in await self._session.execute(query)}

    async def get(self, user_id: UUID, insight_id: UUID) -> DreamInsight | None:
        """One insight."""
        return await self._session.get(DreamInsight, (user_id, insight_id))

    async def evidence(
        self, user_id: UUID, insight_ids: Collection[UUID]
    ) -> dict[UUID, tuple[UUID, ...]]:
        """The traces that each of these rests on."""
        query = select(InsightEvidence.insight_id, func.array_agg(InsightEvidence.trace_id)).where(
            InsightEvidence.user_id == user_id, InsightEvidence.insight_id.in_(insight_ids)
        )
        rows = await self._session.execute(query.group_by(InsightEvidence.insight_id))
        return {insight_id: tuple(trace_ids) for insight_id, trace_ids in rows}

    async def page(
        self, user_id: UUID, *, page: int, per_page: int
    ) -> tuple[list[ToldInsight], int]:
        """One page of insights, newest first, and how many there are in all."""
        mine = DreamInsight.user_id == user_id
        query = select(DreamInsight).where(mine).order_by(DreamInsight.day.desc(), DreamInsight.id)
        found = list(
            await self._session.scalars(query.limit(per_page).offset((page - 1) * per_page))
        )
        evidence = await self.evidence(user_id, [insight.id for insight in found])
        total = await self._session.scalar(
            select(func.count()).select_from(DreamInsight).where(mine)
        )
        return [ToldInsight(one, evidence.get(one.id, ())) for one in found], total or 0

    async def sayings(
        self, user_id: UUID, *, since: datetime, until: datetime
    ) -> list[tuple[UUID, datetime, str]]:
        """(id, time, content) of what the person said in a span; of very much, the latest."""
        query = (
            select(MemoryTrace.id, MemoryTrace.created_at, MemoryTrace.content)
            .where(
                MemoryTrace.user_id == user_id,
                MemoryTrace.role == "user",
                MemoryTrace.created_at >= since,
                MemoryTrace.created_at < until,
            )
            .order_by(MemoryTrace.created_at.desc(), MemoryTrace.id)
        )
        rows = await self._session.execute(query.limit(MOST_SAYINGS))
        return [(row.id, row.created_at, row.content) for row in rows]

    async def mentions(
        self, user_id: UUID, trace_ids: Collection[UUID], *, since: datetime, until: datetime
    ) -> list[tuple[str, UUID, datetime]]:
        """(name, trace, time) of every mention in a span of whom and what these traces mention."""
        rows = await self._session.execute(
            statement("recent_mentions"),
            {
                "user_id": user_id,
                "trace_ids": uuid_array(trace_ids),
                "since": since,
                "until": until,
                "most": MOST_MENTIONS,
            },
        )
        return [(row.name, row.trace_id, row.ts) for row in rows.all()]

    async def people(
        self, user_id: UUID, *, days: int, before: datetime, until: datetime
    ) -> list[PersonSeen]:
        """People mentioned on that many days and, until ``until``, not since ``before``."""
        rows = await self._session.execute(
            statement("known_people"),
            {"user_id": user_id, "days": days, "before": before, "until": until},
        )
        return [
            PersonSeen(row.entity_id, row.name, row.days, row.last_at, tuple(row.evidence))
            for row in rows.all()
        ]
