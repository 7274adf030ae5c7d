"""What the dream has made of traces, and what becomes of it when they are forgotten."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import any_, delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import DreamInsight, IdempotencyKey, MemoryEdge, MemoryFact
from app.storage.consolidations import ConsolidationStore, PeriodKey
from app.storage.database import statement, uuid_array
from app.storage.facts import FactStore


@dataclass(slots=True)
class Derived:
    """What goes with forgotten traces: summaries and nodes by id, and the periods to dream again.

    ``subjects`` are the entities about whom less is known afterwards, ``renamed`` those that lose another
    name.
    """

    summaries: set[UUID] = field(default_factory=set)
    entities: set[UUID] = field(default_factory=set)
    insights: set[UUID] = field(default_factory=set)
    subjects: set[UUID] = field(default_factory=set)
    renamed: set[UUID] = field(default_factory=set)
    periods: set[PeriodKey] = field(default_factory=set)

    def __bool__(self) -> bool:
        """Whether anything goes."""
        return bool(self.summaries or self.entities or self.insights or self.renamed)

    def with_their(self, trace_ids: Collection[UUID]) -> set[UUID]:
        """Every trace that goes, when these do."""
        return {*trace_ids, *self.summaries, *self.entities}

    def counts(self) -> dict[str, int]:
        """For the tombstone."""
        return {
            "summaries": len(self.summaries),
            "entities": len(self.entities),
            "insights": len(self.insights),
        }


class DerivedStore:
    """One person's derived rows in this session's transaction; their write lock is held."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._facts = FactStore(session)
        self._runs = ConsolidationStore(session)

    async def of(
        self,
        user_id: UUID,
        trace_ids: Collection[UUID],
        *,
        span: tuple[datetime, datetime] | None = None,
    ) -> Derived:
        """What goes with these traces, and with a ``span`` of time; asked before they go."""
        since, until = span or (None, None)
        rows = await self._session.execute(
            statement("forgotten_with"),
            {
                "user_id": user_id,
                "trace_ids": uuid_array(trace_ids),
                "since": since,
                "until": until,
            },
        )
        found = Derived()
        places = {
            "summary": found.summaries,
            "entity": found.entities,
            "insight": found.insights,
            "subject": found.subjects,
            "alias": found.renamed,
        }
        for row in rows.all():
            if row.what == "period":
                found.periods.add((row.day, row.kind))
            else:
                places[row.what].add(row.id)
        return found

    async def trim(self, user_id: UUID, derived: Derived, *, without: Collection[UUID]) -> None:
        """Take the other names out of the nodes that nothing says ``without`` these traces; before they
        go."""
        await self._session.execute(
            statement("trim_aliases"),
            {
                "user_id": user_id,
                "node_ids": uuid_array(derived.renamed),
                "trace_ids": uuid_array(without),
            },
        )

    async def unsay(self, user_id: UUID, trace_id: UUID) -> None:
        """Take back what one trace said, which stays and says something else: whom it mentions, its
        facts, and the answers of requests that wrote it, which keep a digest of it."""
        for table, is_its_own in (
            (MemoryEdge, (MemoryEdge.src == trace_id) & (MemoryEdge.type == "mentions")),
            (MemoryFact, MemoryFact.trace_id == trace_id),
            (IdempotencyKey, any_(IdempotencyKey.trace_ids) == trace_id),
        ):
            await self._session.execute(delete(table).where(table.user_id == user_id, is_its_own))

    async def settle(self, user_id: UUID, derived: Derived, *, now: datetime) -> None:
        """After the traces are gone: insights go, what they had closed holds again, and the periods
        that they were part of are dreamt anew without them."""
        if derived.insights:
            await self._session.execute(
                delete(DreamInsight).where(
                    DreamInsight.user_id == user_id, DreamInsight.id.in_(derived.insights)
                )
            )
        await self._facts.reopen(user_id, derived.subjects - derived.entities)
        await self._runs.reopen(user_id, derived.periods, now=now)
