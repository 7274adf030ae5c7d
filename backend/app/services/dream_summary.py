"""A run's summary as a trace like others, written again only when it says something else."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.dream.calendar import summary_id
from app.services.dream_author import Dreamt
from app.services.dream_reader import Material
from app.services.trace_writer import TraceWriter
from app.storage.consolidations import ConsolidationStore
from app.storage.entities import EntityStore, NewEdge
from app.storage.traces import TraceStore

QUOTED, READ = 1.0, 0.5  # how much of a trace its summary holds

Change = Literal["same", "new", "revised", "gone"]


class DreamSummary:
    """Keeps a period's summary, the edges to what it sums up, and the period above in step."""

    def __init__(self, session: AsyncSession, writer: TraceWriter) -> None:
        self._traces = TraceStore(session)
        self._edges = EntityStore(session)
        self._runs = ConsolidationStore(session)
        self._writer = writer

    async def put(
        self, user_id: UUID, material: Material, dreamt: Dreamt, *, now: datetime
    ) -> tuple[Change, int]:
        """What became of the summary, and how many edges are new. A period that has changed, or has
        nothing to say any more, lets the one above it be dreamt again."""
        change = await self._put(user_id, material, dreamt, now=now)
        above = material.period.above
        if change != "same" and above is not None:
            await self._runs.open(
                user_id,
                {(above.last_day, above.kind): above.night(material.zone)},
                now=now,
                again=True,
            )
        if dreamt.draft is None:
            return change, 0
        return change, await self._put_sources(user_id, dreamt.draft.trace.id, material, dreamt)

    async def _put(
        self, user_id: UUID, material: Material, dreamt: Dreamt, *, now: datetime
    ) -> Change:
        stored = await self._traces.get(user_id, summary_id(user_id, material.period))
        if dreamt.draft is None:
            if stored is None:
                return "same"
            await self._writer.remove(user_id, [stored.id], now=now)
            return "gone"
        if stored is None:
            await self._traces.disown(user_id, ("dream", material.period.source_id))
            await self._writer.add(user_id, [dreamt.draft], now=now)
            return "new"
        if stored.content_hash != dreamt.draft.trace.content_hash:
            await self._writer.revise(user_id, stored, dreamt.draft, now=now)
            return "revised"
        stored.meta = dreamt.draft.trace.meta
        return "same"

    async def _put_sources(
        self, user_id: UUID, summary: UUID, material: Material, dreamt: Dreamt
    ) -> int:
        """An edge to everything that was read, because forgetting any of it must reach the summary;
        what it quotes weighs more."""
        quoted = set(dreamt.written.summary.sources)
        edges = [
            NewEdge(
                summary,
                trace.trace_id,
                QUOTED if trace.trace_id in quoted else READ,
                trace.said_at,
            )
            for trace in material.traces
        ]
        return await self._edges.reconcile(user_id, "summary_of", edges, of=[summary])
