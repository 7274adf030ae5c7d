"""Looks for insights when a day has been dreamt, inside the transaction that writes its results."""

from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.dream import insights
from app.dream.calendar import Period, derived_id, summary_id
from app.dream.group import UNNAMED
from app.dream.insights import Insight, KnownPerson, Saying, TopicDay, Verdicts
from app.language.words import Words
from app.models import MemoryTrace
from app.services.dream_reader import Material
from app.storage.insights import InsightStore, NewInsight
from app.storage.traces import TraceStore


class InsightFinder:
    """One person's patterns as they stand at the end of a day."""

    def __init__(self, words: Words) -> None:
        self._words = words

    async def find(self, session: AsyncSession, user_id: UUID, material: Material) -> int:
        """Keep what is new and worth telling; how many that is."""
        store = InsightStore(session)
        day = material.period.last_day
        candidates = [
            *insights.returning_topics(await self._topics(session, user_id, material), today=day),
            *insights.open_plans(await self._sayings(store, user_id, material), today=day),
            *insights.absent_people(await self._people(store, user_id, material), today=day),
        ]
        ids = {insight: insight_id(user_id, insight) for insight in candidates}
        told = await store.told(user_id, set(ids.values()))
        monday = day - timedelta(days=day.weekday())
        chosen = insights.choose(
            candidates,
            is_told=lambda insight: ids[insight] in told,
            told_this_week=await store.told_within(
                user_id, first=monday, last=monday + timedelta(days=6)
            ),
            verdicts={
                kind: Verdicts(*said) for kind, said in (await store.verdicts(user_id)).items()
            },
        )
        await store.add(
            user_id,
            [NewInsight(ids[one], one.kind, day, one.text, one.evidence) for one in chosen],
        )
        return len(chosen)

    async def _topics(
        self, session: AsyncSession, user_id: UUID, material: Material
    ) -> list[TopicDay]:
        """The topics of the days, and each thing and person of today on the days that mention it."""
        since, until = _looked_at(material)
        topics = [
            TopicDay(
                label=topic["label"],
                day=summary.created_at.astimezone(material.zone).date(),
                evidence=(summary.id, *map(UUID, topic["traces"])),
            )
            for summary in await self._summaries(session, user_id, material)
            for topic in cast(list[dict[str, str]], summary.meta["topics"])
            if topic["label"] != UNNAMED
        ]
        today = [trace.trace_id for trace in material.traces]
        mentions = await InsightStore(session).mentions(user_id, today, since=since, until=until)
        return topics + [
            TopicDay(name, said_at.astimezone(material.zone).date(), (trace_id,))
            for name, trace_id, said_at in mentions
        ]

    async def _summaries(
        self, session: AsyncSession, user_id: UUID, material: Material
    ) -> list[MemoryTrace]:
        """Those of the days that are looked back at, which name their topics in ``meta``."""
        last = material.period.last_day
        ids = [
            summary_id(user_id, Period("daily", last - timedelta(days=back)))
            for back in range(insights.LOOK_BACK.days)
        ]
        return list((await TraceStore(session).by_ids(user_id, ids)).values())

    async def _sayings(
        self, store: InsightStore, user_id: UUID, material: Material
    ) -> list[Saying]:
        since, until = _looked_at(material)
        return [
            Saying(
                trace_id,
                said_at.astimezone(material.zone).date(),
                content,
                frozenset(self._words.terms(content)),
            )
            for trace_id, said_at, content in await store.sayings(user_id, since=since, until=until)
        ]

    async def _people(
        self, store: InsightStore, user_id: UUID, material: Material
    ) -> list[KnownPerson]:
        _, until = _looked_at(material)
        found = await store.people(
            user_id,
            days=insights.KNOWN_FROM_DAYS,
            before=until - insights.ABSENT_AFTER,
            until=until,
        )
        return [
            KnownPerson(
                one.entity_id,
                one.name,
                one.days,
                one.last_at.astimezone(material.zone).date(),
                one.evidence,
            )
            for one in found
        ]


def insight_id(user_id: UUID, insight: Insight) -> UUID:
    """The same insight has the same id, whenever it is found."""
    return derived_id(user_id, f"insight:{insight.kind}:{insight.key}")


def _looked_at(material: Material) -> tuple[datetime, datetime]:
    """From ``LOOK_BACK`` ago to the end of the day that is dreamt."""
    _, until = material.period.span(material.zone)
    return until - insights.LOOK_BACK, until
