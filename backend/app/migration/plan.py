"""What should come over, told from the old database alone: the same for writing and for comparing."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.migration.checkpoint import Options
from app.migration.episodes import Moved, moved
from app.migration.notes import MovedTie, Ties, note_of
from app.migration.people import People
from app.migration.report import MOST_EXAMPLES, Report
from app.migration.source import Place, Source
from app.models import Note

NOTES_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Batch:
    """Traces of one person, and the place of the last saying among them."""

    user_id: UUID
    items: Sequence[Moved]
    sayings: int
    place: Place


@dataclass(frozen=True, slots=True)
class OldNote:
    """A note with its old id."""

    note: Note
    id: str


class Plan:
    """Goes through the old database as often as it is asked to, always in the same order."""

    def __init__(self, source: Source, people: People, options: Options) -> None:
        self._source = source
        self._people = people
        self._options = options
        self._owners: dict[UUID, UUID] = {}

    async def batches(
        self, report: Report | None = None, *, after: Place | None = None
    ) -> AsyncIterator[Batch]:
        """Episodes as traces, a person at a time, oldest first; ``report`` is told of those that stay
        away though the database counts them: it knows fewer signs for white space."""
        held: list[list[Moved]] = []
        owner: UUID | None = None
        place: Place | None = None
        lineage = self._source.tables.lineage
        async for row in self._source.episodes(since=self._options.since, after=after):
            user_id = self._people.ids.get(row.user_id)
            items = [] if user_id is None else moved(row, user_id=user_id, lineage=lineage)
            if not items:
                if report is not None:
                    report.table("episode").skip("empty" if user_id else "unknown_user", row.id)
                continue
            if (
                place
                and owner
                and (place.user_id != row.user_id or len(held) == self._options.batch)
            ):
                yield _batch(owner, held, place)
                held = []
            owner, place = user_id, Place(row.user_id, row.at, row.id)
            held.append(items)
        if place and owner:
            yield _batch(owner, held, place)

    async def notes(self, report: Report | None = None) -> AsyncIterator[list[OldNote]]:
        """Notes, a person at a time; ``report`` is told of those that stay away."""
        held: list[OldNote] = []
        async for row in self._source.notes():
            user_id = self._people.ids.get(row.user_id or "")
            note = None if user_id is None else note_of(row, user_id=user_id)
            if note is None:
                if report is not None:
                    reason = "empty" if user_id else "unknown_user"
                    report.table("note").skip(reason, row.id)
                continue
            if held and (held[0].note.user_id != note.user_id or len(held) == NOTES_AT_ONCE):
                yield held
                held = []
            self._owners[note.id] = note.user_id
            held.append(OldNote(note, row.id))
        if held:
            yield held

    async def ties(self) -> AsyncIterator[MovedTie]:
        """Connections, when all notes have been gone through."""
        ties = Ties(self._owners)
        async for row in self._source.connections():
            yield ties.of(row)

    async def counted(self) -> Report:
        """How many rows there are in the old database, and which of them stay away and why."""
        tables = self._source.tables
        report = Report(tables.lineage)
        users = report.table("app_user")
        users.source = len(self._people.ids) + len(self._people.without_email)
        for old_id in self._people.without_email:
            users.skip("no_email", old_id)
        report.merged_accounts = list(self._people.merged)
        report.passwords_to_reset = list(self._people.to_reset)
        await self._count_episodes(report)
        for what in ("note", "note_connection"):
            if (table := tables.get(what)) is not None:
                report.table(what).source = await self._source.count(table)
        for table in tables.left:
            report.left[table.name] = await self._source.count(table)
        return report

    async def _count_episodes(self, report: Report) -> None:
        if self._source.tables.get("episode") is None:
            return
        counts = await self._source.count_episodes(since=self._options.since)
        table = report.table("episode")
        table.source, table.collapsed = counts.rows, counts.repeats
        for reason in ("empty", "unknown_user", "before_since"):
            if number := getattr(counts, reason):
                table.skipped[reason] = number
        table.examples |= await self._source.skipped_episodes(most=MOST_EXAMPLES)


def _batch(owner: UUID, held: list[list[Moved]], place: Place) -> Batch:
    items = [item for parts in held for item in parts]
    return Batch(owner, items, len(held), place)
