"""Forget again, in a database that was restored, what was forgotten since its backup was made.

What was forgotten comes from the list beside the backups (``scripts/tombstones.sql``), one JSON object a
line. A tombstone that the database has is left alone: its traces were gone when the backup was made.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError

from app.errors import StartupError
from app.models import MemoryTombstone
from app.services.note_links import NoteLinks
from app.services.trace_writer import TraceWriter
from app.settings import Settings
from app.storage.database import Database
from app.storage.notes import NoteStore
from app.storage.selection import Selection, selected
from app.storage.tombstones import TombstoneStore
from app.storage.traces import TraceStore
from app.storage.users import UserStore, account_digest

PEOPLE_A_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class ListedTombstone:
    """A tombstone with the ids of the traces, and of the notes, that it stands for."""

    kind: Literal["tombstone"]
    user_id: UUID
    id: UUID
    scope: str
    target: dict[str, Any]
    forgotten_by: UUID
    forgotten_at: datetime
    counts: dict[str, int]
    trace_ids: list[UUID]

    @property
    def reach(self) -> tuple[datetime, datetime] | None:
        """The time of which nothing was to be left, as ``Selection.reach``: what the dream made of traces
        that have faded since goes too."""
        if self.scope == "all":
            return Selection().reach
        if "from" not in self.target or "to" not in self.target:
            return None
        since, until = map(datetime.fromisoformat, (self.target["from"], self.target["to"]))
        return Selection(since=since, until=until).reach


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """An account that was closed, by the SHA-256 of its id in hexadecimal."""

    kind: Literal["closed_account"]
    digest: str
    closed_at: datetime


@dataclass(slots=True)
class Reforgotten:
    """How many accounts were closed again, tombstones set again, and traces gone with them."""

    accounts: int = 0
    tombstones: int = 0
    traces: int = 0


_line: TypeAdapter[ListedTombstone | ListedAccount] = TypeAdapter(
    Annotated[ListedTombstone | ListedAccount, Field(discriminator="kind")]
)


async def reforget(settings: Settings, lines: Iterable[str]) -> Reforgotten:
    """Do it, one person after the other, oldest first. Run again, it changes nothing. The service is
    stopped meanwhile, and Redis emptied before it starts.

    Raises:
        StartupError: no database is named, or a line of the list cannot be read; nothing is changed.
    """
    if settings.database_url is None:
        raise StartupError("DATABASE_URL must be set.")
    listed = _read(lines)
    database = Database(settings.database_url.get_secret_value())
    try:
        return await _Reforgetting(
            database,
            writer=partial(
                TraceWriter,
                column=await database.vector_column(),
                model=settings.embedding_model,
                threshold=settings.memory_salience_write_threshold,
            ),
        ).run(listed)
    finally:
        await database.close()


def _read(lines: Iterable[str]) -> list[ListedTombstone | ListedAccount]:
    listed: list[ListedTombstone | ListedAccount] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            listed.append(_line.validate_json(line))
        except ValidationError as error:
            raise StartupError(
                f"Line {number} of the list is no tombstone: is this the tombstones.ndjson of a "
                "backup folder? Nothing was changed."
            ) from error
    return listed


class _Reforgetting:
    def __init__(self, database: Database, *, writer: "partial[TraceWriter]") -> None:
        self._database = database
        self._writer = writer
        self._done = Reforgotten()

    async def run(self, listed: Sequence[ListedTombstone | ListedAccount]) -> Reforgotten:
        closed = {
            account.digest: account.closed_at
            for account in listed
            if isinstance(account, ListedAccount)
        }
        if closed:
            await self._close(closed)
        by_person: dict[UUID, list[ListedTombstone]] = defaultdict(list)
        for tombstone in listed:
            if isinstance(tombstone, ListedTombstone):
                by_person[tombstone.user_id].append(tombstone)
        for user_id, theirs in by_person.items():
            for missing in await self._missing(user_id, theirs):
                await self._forget(missing)
        return self._done

    async def _close(self, closed: Mapping[str, datetime]) -> None:
        """Look at everybody, a page at a time: a digest does not say whose it is."""
        after: UUID | None = None
        while people := await self._people(after):
            for user_id in people:
                closed_at = closed.get(account_digest(user_id).hex())
                if closed_at is not None:
                    async with self._database.unit_of_work() as work:
                        await UserStore(work.session).remove(user_id, at=closed_at)
                    self._done.accounts += 1
            after = people[-1]

    async def _people(self, after: UUID | None) -> list[UUID]:
        async with self._database.unit_of_work() as work:
            return await UserStore(work.session).ids(after=after, most=PEOPLE_A_PAGE)

    async def _missing(
        self, user_id: UUID, theirs: Sequence[ListedTombstone]
    ) -> list[ListedTombstone]:
        """Those of these tombstones that the database lacks, oldest first; none of a stranger's."""
        async with self._database.unit_of_work() as work:
            if await UserStore(work.session).get(user_id) is None:
                return []
            ids = {tombstone.id for tombstone in theirs}
            known = await TombstoneStore(work.session).known(user_id, ids)
        by_age = sorted(theirs, key=lambda tombstone: (tombstone.forgotten_at, tombstone.id))
        return [tombstone for tombstone in by_age if tombstone.id not in known]

    async def _forget(self, listed: ListedTombstone) -> None:
        """As it was done the first time, with all that the dream has made of these traces since."""
        async with self._database.unit_of_work() as work:
            user_id = listed.user_id
            await TraceStore(work.session).lock(user_id)
            named = Selection(trace_ids=listed.trace_ids, with_notes=True)
            present = await selected(work.session, user_id, named)
            tombstone = MemoryTombstone(
                user_id=user_id,
                id=listed.id,
                scope=listed.scope,
                target=listed.target,
                forgotten_by=listed.forgotten_by,
                forgotten_at=listed.forgotten_at,
                counts=listed.counts,
            )
            await TombstoneStore(work.session).add(tombstone, listed.trace_ids)
            writer = self._writer(work.session)
            derived = await writer.made_of(user_id, present, span=listed.reach)
            now = datetime.now(UTC)
            if present or derived:
                await writer.remove(user_id, present, now=now, derived=derived)
            notes = NoteStore(work.session)
            titles = await notes.remove(user_id, listed.trace_ids)
            await NoteLinks(notes).settle_without(user_id, titles=titles, now=now)
        self._done.tombstones += 1
        self._done.traces += len(present)
