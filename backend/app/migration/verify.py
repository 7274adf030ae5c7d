"""Compares what should have come over with what is here."""

from collections.abc import Callable, Sequence

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.migration.episodes import Moved
from app.migration.notes import MovedTie, trace_id_of
from app.migration.people import People
from app.migration.plan import Batch, OldNote, Plan
from app.migration.report import MOST_EXAMPLES, Day, Report
from app.models import AppUser, MemoryTrace, NoteConnection
from app.services.trace_draft import content_hash
from app.storage.database import Database
from app.storage.notes import NoteStore
from app.storage.pruned import PrunedStore
from app.storage.traces import TraceStore
from app.storage.transfer import ImportStore

SAMPLES = 200
WHOLE = "a migration is about everybody of the old database"


class Verification:
    """Every row is looked for and compared by digest, role and time; some are compared in everything."""

    def __init__(
        self, database: Database, plan: Plan, people: People, *, progress: Callable[[int], None]
    ) -> None:
        self._database = database
        self._plan = plan
        self._people = people
        self._progress = progress

    async def report(self) -> Report:
        """What agrees and what does not."""
        report = await self._plan.counted()
        report.is_verified = True
        await self._compare_people(report)
        sayings = report.table("episode")
        step = max(1, (sayings.source - sayings.collapsed) // SAMPLES)
        async for batch in self._plan.batches(report):
            await self._compare_traces(batch, report, step=step)
            self._progress(batch.sayings)
        async for notes in self._plan.notes(report):
            await self._compare_notes(notes, report)
        async for tie in self._plan.ties():
            await self._compare_tie(tie, report)
        async with self._database.reading() as work:
            report.doubled = await _doubled(work.session)
        return report

    async def _compare_people(self, report: Report) -> None:
        async with self._database.reading() as work:
            here = set(await work.session.scalars(select(AppUser.id)))
        for old_id, user_id in self._people.ids.items():
            report.table("app_user").compare(old_id, is_there=user_id in here)

    async def _compare_traces(self, batch: Batch, report: Report, *, step: int) -> None:
        table = report.table("episode")
        ids = [item.id for item in batch.items]
        async with self._database.reading() as work:
            stored = await TraceStore(work.session).by_ids(batch.user_id, ids)
            gone = await ImportStore(work.session).named(batch.user_id, ids)
            pruned = await PrunedStore(work.session).among(batch.user_id, ids) - stored.keys()
        for item in batch.items:
            old_id, is_first = str(item.new.meta["migrated"]["id"]), _is_first_part(item)
            if item.id in gone | pruned:
                if is_first:
                    table.skip("forgotten" if item.id in gone else "pruned", old_id)
                continue
            trace = stored.get(item.id)
            is_sample = table.expected % step == 0
            is_same = trace is not None and _is_same(trace, item, in_everything=is_sample)
            table.compare(old_id, is_there=trace is not None, is_same=is_same)
            report.sampled += is_sample
            report.split += not is_first
            report.guessed_times += is_first and "time_guessed" in item.new.meta
            report.days.setdefault(f"{item.at:%Y-%m-%d}", Day()).expected += 1
            if trace is not None:
                report.days.setdefault(f"{trace.created_at:%Y-%m-%d}", Day()).found += 1

    async def _compare_notes(self, notes: Sequence[OldNote], report: Report) -> None:
        user_id = notes[0].note.user_id
        named = [trace_id_of(old.note) for old in notes]
        async with self._database.reading() as work:
            stored = await NoteStore(work.session).by_ids(user_id, [o.note.id for o in notes])
            gone = await ImportStore(work.session).named(user_id, named)
        for old in notes:
            here = stored.get(old.note.id)
            if here is None and trace_id_of(old.note) in gone:
                report.table("note").skip("forgotten", old.id)
                continue
            is_same = here is not None and (
                here.version > 1 or (here.title, here.content) == (old.note.title, old.note.content)
            )
            report.table("note").compare(old.id, is_there=here is not None, is_same=is_same)

    async def _compare_tie(self, tie: MovedTie, report: Report) -> None:
        """A connection, or one of the same kind between the same notes that was here before."""
        table = report.table("note_connection")
        if tie.connection is None:
            table.skip(tie.skipped or "orphan", tie.id)
            return
        async with self._database.reading() as work:
            is_there = await _is_tied(work.session, tie.connection)
        table.compare(tie.id, is_there=is_there)


async def _is_tied(session: AsyncSession, wanted: NoteConnection) -> bool:
    """Whether there is a connection of this kind: in its direction for a reference, else in either."""
    here = NoteConnection
    ends = [(wanted.source_note_id, wanted.target_note_id)]
    if wanted.connection_type != "reference":
        ends.append((wanted.target_note_id, wanted.source_note_id))
    query = select(func.count()).where(
        here.user_id == wanted.user_id,
        here.connection_type == wanted.connection_type,
        tuple_(here.source_note_id, here.target_note_id).in_(ends),
    )
    return bool(await session.scalar(query))


async def _doubled(session: AsyncSession) -> list[str]:
    """Old ids of which there is more than one trace."""
    old = MemoryTrace.meta["migrated"]
    traces = (
        select(
            MemoryTrace.user_id,
            old["table"].astext.label("source"),
            old["id"].astext.label("old_id"),
            MemoryTrace.meta["part"].astext.label("part"),
        )
        .where(MemoryTrace.meta.has_key("migrated"))
        .subquery()
    )
    query = select(traces.c.old_id).group_by(*traces.c).having(func.count() > 1)
    query = query.limit(MOST_EXAMPLES).execution_options(across_people=WHOLE)
    return list(await session.scalars(query))


def _is_first_part(item: Moved) -> bool:
    return str(item.new.meta.get("part", "1/1")).startswith("1/")


def _is_same(trace: MemoryTrace, item: Moved, *, in_everything: bool) -> bool:
    """Whether a trace is what was said. Its place among repeats may grow, its salience be learned."""
    new = item.new
    is_same = (trace.content_hash, trace.role, trace.created_at) == (
        content_hash(new.content),
        new.role,
        item.at,
    )
    if not in_everything or not is_same:
        return is_same
    return (trace.content, trace.source, trace.meta) == (new.content, new.source, new.meta)
