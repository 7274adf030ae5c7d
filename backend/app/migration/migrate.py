"""The migration as a recipe: people, episodes, notes and what ties them, edges; then compared."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.errors import StartupError
from app.language.words import Words
from app.migration.checkpoint import Checkpoint, Options
from app.migration.people import People, people_of
from app.migration.plan import Plan
from app.migration.report import Report
from app.migration.source import Source, reading
from app.migration.target import Target
from app.migration.verify import Verification
from app.models import NoteConnection
from app.settings import Settings
from app.storage.database import Database

Progress = Callable[[str, int, int], None]
"""What is done, how much of it, and of how much."""


@dataclass(frozen=True, slots=True)
class Migration:
    """Everything that the steps work on."""

    target: Target
    database: Database
    plan: Plan
    people: People
    progress: Progress

    async def run(self, report: Report) -> None:
        """Bring over what is not here yet, from where an earlier run was stopped."""
        reached = await self.target.checkpoint()
        await self.target.add_people(self.people.new)
        report.table("app_user").written = len(self.people.new)
        if reached.stage == "episodes":
            await self._episodes(reached, report)
        await self._notes(report)
        report.edges = await self._associate()
        await self.target.reach(Checkpoint("done"))

    async def foretell(self, report: Report) -> None:
        """Go through everything and write nothing."""
        async for batch in self.plan.batches(report):
            report.table("episode").expected += len(batch.items)
            report.split += len(batch.items) - batch.sayings
            self._tell("episodes", report.table("episode").expected - report.split, report)
        async for notes in self.plan.notes(report):
            report.table("note").expected += len(notes)
        async for tie in self.plan.ties():
            if tie.connection is None:
                report.table("note_connection").skip(tie.skipped or "orphan", tie.id)
            else:
                report.table("note_connection").expected += 1
        report.table("app_user").expected = len(self.people.ids)

    async def compare(self) -> Report:
        """What should be here beside what is."""
        done = 0

        def show(sayings: int) -> None:
            nonlocal done
            done += sayings
            self.progress("compared", done, 0)

        return await Verification(self.database, self.plan, self.people, progress=show).report()

    async def _episodes(self, reached: Checkpoint, report: Report) -> None:
        done = reached.done
        async for batch in self.plan.batches(after=reached.place):
            done += batch.sayings
            place = Checkpoint("episodes", batch.place, done)
            added = await self.target.add_traces(batch.user_id, batch.items, place)
            report.table("episode").written += added
            self._tell("episodes", done, report)
        await self.target.reach(Checkpoint("notes"))

    async def _notes(self, report: Report) -> None:
        """All of them, at every run: what is here already stays as it is."""
        async for old in self.plan.notes():
            notes = {one.note.id: (one.note, one.id) for one in old}
            report.table("note").written += await self.target.add_notes(old[0].note.user_id, notes)
        ties: dict[UUID, list[NoteConnection]] = defaultdict(list)
        async for tie in self.plan.ties():
            if tie.connection is not None:
                ties[tie.connection.user_id].append(tie.connection)
        for user_id, theirs in ties.items():
            report.table("note_connection").written += await self.target.tie(user_id, theirs)

    async def _associate(self) -> int:
        edges = 0
        for at, (user_id, zone) in enumerate(self.people.zones.items(), start=1):
            edges += await self.target.associate(user_id, zone=zone)
            self.progress("edges", at, len(self.people.zones))
        return edges

    def _tell(self, what: str, done: int, report: Report) -> None:
        table = report.table("episode")
        self.progress(what, done, table.source - table.collapsed - table.stays_away)


async def migrate(
    options: Options, settings: Settings, *, progress: Progress, clock: Callable[[], datetime]
) -> Report:
    """Bring over what is not here yet, then compare.

    Raises:
        StartupError: one of the databases does not answer, or is not what it should be.
    """
    async with _migration(options, settings, progress=progress, clock=clock) as migration:
        report = await migration.plan.counted()
        await migration.run(report)
        verified = await migration.compare()
        verified.edges = report.edges
        for name, table in report.tables.items():
            verified.table(name).written = table.written
        return verified


async def verify(
    options: Options, settings: Settings, *, progress: Progress, clock: Callable[[], datetime]
) -> Report:
    """Only compare."""
    async with _migration(options, settings, progress=progress, clock=clock) as migration:
        return await migration.compare()


async def foretell(
    options: Options, settings: Settings, *, progress: Progress, clock: Callable[[], datetime]
) -> Report:
    """What a migration would bring over. Nothing is written anywhere."""
    async with _migration(options, settings, progress=progress, clock=clock) as migration:
        report = await migration.plan.counted()
        await migration.foretell(report)
        return report


@asynccontextmanager
async def _migration(
    options: Options, settings: Settings, *, progress: Progress, clock: Callable[[], datetime]
) -> AsyncIterator[Migration]:
    if settings.database_url is None:
        raise StartupError("DATABASE_URL must be set.")
    database = Database(settings.database_url.get_secret_value())
    try:
        target = Target(
            database,
            await database.vector_column(),
            Words(settings.memory_language),
            key=options.key,
            model=settings.embedding_model,
            threshold=settings.memory_salience_write_threshold,
            heads=options.heads,
            clock=clock,
        )
        async with reading(options.source, schema=options.schema, zone=options.assume_tz) as source:
            people = await _people(source, target, settings, now=clock())
            yield Migration(target, database, Plan(source, people, options), people, progress)
    finally:
        await database.close()


async def _people(source: Source, target: Target, settings: Settings, *, now: datetime) -> People:
    return people_of(
        await source.users(),
        here=await target.people(),
        admin_emails=settings.admin_emails,
        timezone=settings.timezone,
        now=now,
    )
