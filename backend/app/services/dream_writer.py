"""Writes all results of a run in one transaction, under the person's write lock, or nothing."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.services.dream_author import Dreamt
from app.services.dream_knowledge import DreamKnowledge
from app.services.dream_reader import DreamReader, Material
from app.services.dream_summary import Change, DreamSummary
from app.services.fading import Fading
from app.services.insight_finder import InsightFinder
from app.services.trace_writer import TraceWriter
from app.services.turns import Turns
from app.storage.consolidations import ConsolidationStore, Lease
from app.storage.database import Database
from app.storage.tombstones import TombstoneStore
from app.storage.traces import TraceStore, Usage
from app.storage.working_memory import WorkingMemory


class LeaseLostError(Exception):
    """Somebody else dreams this by now."""


@dataclass(slots=True)
class Report:
    """What a run has done, in numbers and ids; never a word of the memory.

    ``writer`` is who wrote the summary, ``fallback`` why a model that was asked did not. ``promoted``
    and ``faded`` list the traces that became easier or impossible to recall.
    """

    traces: int
    topics: int
    quoted: int
    writer: str
    fallback: str | None
    summary_trace: str | None = None
    edges_created: int = 0
    entities: int = 0
    mentions: int = 0
    facts: int = 0
    insights: int = 0
    promoted: list[str] = field(default_factory=list)
    faded: list[str] = field(default_factory=list)


class DreamWriter:
    """Results have ids made of what they are about, so that writing them again changes nothing."""

    def __init__(
        self,
        database: Database,
        reader: DreamReader,
        *,
        turns: Turns,
        trace_writer: Callable[[AsyncSession], TraceWriter],
        insights: InsightFinder,
        fading: Fading,
        working_memory: WorkingMemory,
        wake_worker: Callable[[], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._reader = reader
        self._turns = turns
        self._trace_writer = trace_writer
        self._insights = insights
        self._fading = fading
        self._working_memory = working_memory
        self._wake_worker = wake_worker
        self._clock = clock

    async def write(self, lease: Lease, material: Material, dreamt: Dreamt) -> bool:
        """Write it all and end the run. False when the memory has changed since it was read: then
        nothing is written.

        Raises:
            LeaseLostError: somebody else has taken the run over.
        """
        now, user_id = self._clock(), lease.user_id
        async with self._database.unit_of_work() as work:
            await work.held.enter_async_context(self._turns.of(user_id))
            usage = await TraceStore(work.session).lock(user_id)
            runs = ConsolidationStore(work.session)
            if not await runs.renew(lease, now=now):
                raise LeaseLostError
            if not await self._reader.is_unchanged(
                work.session, user_id, material, generation=usage.generation
            ):
                return False
            dreamt = await _wanted(work.session, user_id, dreamt)
            report = _report(material, dreamt)
            change = await self._summary(work.session, user_id, material, dreamt, report, now=now)
            if material.period.kind == "daily":
                await self._day(work.session, user_id, material, dreamt, report, now=now)
            await runs.finish(lease, asdict(report), now=now)
            work.after_commit.append(lambda: self._bring_to_mind(user_id, usage, change))
        return True

    async def _summary(
        self,
        session: AsyncSession,
        user_id: UUID,
        material: Material,
        dreamt: Dreamt,
        report: Report,
        *,
        now: datetime,
    ) -> Change:
        summary = DreamSummary(session, self._trace_writer(session))
        change, created = await summary.put(user_id, material, dreamt, now=now)
        report.summary_trace = None if dreamt.draft is None else str(dreamt.draft.trace.id)
        report.edges_created += created
        return change

    async def _day(
        self,
        session: AsyncSession,
        user_id: UUID,
        material: Material,
        dreamt: Dreamt,
        report: Report,
        *,
        now: datetime,
    ) -> None:
        """What only a day has: who and what it speaks of, what it adds to earlier days, what fades."""
        known = await DreamKnowledge(session).put(user_id, material, dreamt.extraction)
        report.entities, report.mentions, report.facts = known.entities, known.mentions, known.facts
        report.edges_created += known.edges_created
        report.insights = await self._insights.find(session, user_id, material)
        _, end = material.period.span(material.zone)
        decision = await self._fading.settle(session, user_id, at=min(end, now), now=now)
        report.promoted = [str(trace_id) for trace_id in decision.promoted]
        report.faded = [str(one.trace_id) for one in decision.faded]

    async def _bring_to_mind(self, user_id: UUID, usage: Usage, change: Change) -> None:
        """Show the worker what is to be embedded. A working memory that may hold what a summary said
        before is emptied, and filled by the next recall."""
        self._wake_worker()
        if change not in ("revised", "gone"):
            return
        generation = usage.generation + (change == "gone")
        await self._working_memory.drop(user_id, generation=generation)


async def _wanted(session: AsyncSession, user_id: UUID, dreamt: Dreamt) -> Dreamt:
    """Without the summary when somebody has had it forgotten: it does not come back with a late write."""
    draft = dreamt.draft
    if draft is not None and await TombstoneStore(session).was_meant(user_id, draft.trace.id):
        return replace(dreamt, draft=None)
    return dreamt


def _report(material: Material, dreamt: Dreamt) -> Report:
    written = dreamt.written
    return Report(
        traces=len(material.traces),
        topics=len(dreamt.topics),
        quoted=len(written.summary.sources),
        writer=written.writer,
        fallback=written.fallback,
    )
