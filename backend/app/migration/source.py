"""Reads an old database in one snapshot that can write nothing: rows of known shape, in a known order."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Row,
    Select,
    Subquery,
    cast,
    false,
    func,
    literal,
    make_url,
    select,
    text,
    true,
    tuple_,
)
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.errors import StartupError
from app.migration.source_tables import SourceTable, SourceTables, look

ROWS_AT_ONCE = 500
_EPOCH = "1970-01-01 00:00:00+00"
_ZONED_TIME = DateTime(timezone=True)


@dataclass(frozen=True, slots=True)
class UserRow:
    """A person. ``password_hash`` in whatever form it was kept."""

    id: str
    email: str | None
    password_hash: str | None
    timezone: str | None
    is_admin: str | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """Something said, as it was said first; ``repeats`` is how often it was stored in all.

    ``at`` is never missing: ``is_guessed`` says that it is that of another episode of the person, or
    1970 where no episode has one.
    """

    id: str
    user_id: str
    role: str | None
    content: str
    at: datetime
    is_guessed: bool
    repeats: int
    conversation: str | None
    importance: float | None
    access_count: float | None
    last_accessed: datetime | None
    source: str | None
    memory_type: str | None
    emotional_tone: str | None
    topics: str | None
    context_tags: str | None
    people: str | None
    meta: str | None


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note; times may be missing."""

    id: str
    user_id: str | None
    title: str | None
    content: str | None
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """What ties two notes, if they are there. ``is_fraction``: strengths of this table end at 1."""

    id: str
    source_note_id: str | None
    target_note_id: str | None
    connection_type: str | None
    strength: float | None
    is_fraction: bool
    auto_generated: str | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reading of episodes stands: after this one."""

    user_id: str
    at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class EpisodeCounts:
    """Of how many rows how many are empty, or of nobody; how many sayings are left of the others."""

    rows: int = 0
    empty: int = 0
    unknown_user: int = 0
    before_since: int = 0
    sayings: int = 0

    @property
    def repeats(self) -> int:
        """How many rows say what another one says."""
        return self.rows - self.empty - self.unknown_user - self.before_since - self.sayings


class Source:
    """An old database within one read-only transaction."""

    def __init__(self, connection: AsyncConnection, tables: SourceTables) -> None:
        self._connection = connection
        self.tables = tables

    async def count(self, table: SourceTable) -> int:
        """How many rows a table has."""
        query = select(func.count()).select_from(table.rows)
        return await self._connection.scalar(query) or 0

    async def users(self) -> list[UserRow]:
        """Everybody, the oldest account first."""
        t = self.tables.tables["app_user"]
        query = select(
            t.text("id").label("id"),
            t.text("email"),
            t.text("password_hash", "hashed_password", "password"),
            t.text("timezone", "time_zone", "tz"),
            t.text("is_admin", "is_superuser"),
            t.moment("created_at").label("created_at"),
        ).order_by(t.moment("created_at").asc().nulls_last(), t.text("id"))
        return [UserRow(*row) async for row in self._stream(query)]

    async def notes(self) -> AsyncIterator[NoteRow]:
        """Every note, person by person."""
        if (t := self.tables.get("note")) is None:
            return
        query = select(
            t.text("id"),
            t.text("user_id"),
            t.text("title"),
            t.text("content"),
            t.moment("created_at", "updated_at"),
            t.moment("updated_at", "created_at"),
        ).order_by(t.text("user_id"), t.text("id"))
        async for row in self._stream(query):
            yield NoteRow(*row)

    async def connections(self) -> AsyncIterator[ConnectionRow]:
        """Every connection of notes."""
        if (t := self.tables.get("note_connection")) is None:
            return
        strength = t.number("strength", "weight")
        query = select(
            t.text("id"),
            t.text("source_note_id", "source_id", "from_note_id"),
            t.text("target_note_id", "target_id", "to_note_id"),
            t.text("connection_type", "type"),
            strength,
            func.coalesce(func.max(strength).over() <= 1, False),
            t.text("auto_generated"),
            t.moment("created_at"),
        ).order_by(t.text("id"))
        async for row in self._stream(query):
            yield ConnectionRow(*row)

    async def episodes(
        self, *, since: datetime | None, after: Place | None = None
    ) -> AsyncIterator[EpisodeRow]:
        """What was said, once each, person by person and then in order of time."""
        if (t := self.tables.get("episode")) is None:
            return
        said = self._sayings(t)
        query = select(*(column for column in said.c if column.name not in {"nth", "last_at"}))
        query = query.where(said.c.nth == 1)
        if since is not None:
            query = query.where(said.c.last_at >= since)
        key = (said.c.user_id, said.c.at, said.c.id)
        if after is not None:
            place = tuple_(
                literal(after.user_id), literal(after.at, _ZONED_TIME), literal(after.id)
            )
            query = query.where(tuple_(*key) > place)
        async for row in self._stream(query.order_by(*key)):
            yield EpisodeRow(*row)

    async def count_episodes(self, *, since: datetime | None) -> EpisodeCounts:
        """How many there are of each kind."""
        if (t := self.tables.get("episode")) is None:
            return EpisodeCounts()
        is_empty = ~_says_something(t)
        is_known = self._is_known(t)
        rows, empty, unknown = (
            await self._connection.execute(
                select(
                    func.count(),
                    func.count().filter(is_empty),
                    func.count().filter(~is_empty, ~is_known),
                ).select_from(t.rows)
            )
        ).one()
        said = self._sayings(t)
        is_wanted = true() if since is None else said.c.last_at >= since
        sayings, before = (
            await self._connection.execute(
                select(
                    func.count().filter(is_wanted),
                    func.coalesce(func.sum(said.c.repeats).filter(~is_wanted), 0),
                ).where(said.c.nth == 1)
            )
        ).one()
        return EpisodeCounts(rows, empty, unknown, int(before), sayings)

    async def skipped_episodes(self, *, most: int) -> dict[str, list[str]]:
        """The ids of some of those that are empty, or of nobody."""
        if (t := self.tables.get("episode")) is None:
            return {}
        says = _says_something(t)
        reasons: Mapping[str, ColumnElement[bool]] = {
            "empty": ~says,
            "unknown_user": says & ~self._is_known(t),
        }
        return {
            reason: list(
                await self._connection.scalars(
                    select(t.text("id")).where(is_meant).order_by(t.text("id")).limit(most)
                )
            )
            for reason, is_meant in reasons.items()
        }

    def _sayings(self, t: SourceTable) -> Subquery:
        """Every row that says something, with its place among those that say the same."""
        user, content, role = t.text("user_id"), t.text("content"), t.text("role")
        given = t.moment("created_at", "updated_at", "last_accessed")
        at = func.coalesce(
            given, func.min(given).over(partition_by=user), cast(literal(_EPOCH), _ZONED_TIME)
        )
        timed = (
            select(
                t.text("id").label("id"),
                user.label("user_id"),
                role.label("role"),
                content.label("content"),
                at.label("at"),
                given.is_(None).label("is_guessed"),
                t.text("conversation_id", "session_id").label("conversation"),
                t.number("importance", "salience").label("importance"),
                t.number("access_count").label("access_count"),
                t.moment("last_accessed", "last_accessed_at").label("last_accessed"),
                t.text("source").label("source"),
                t.text("memory_type").label("memory_type"),
                t.text("emotional_tone").label("emotional_tone"),
                t.text("topics").label("topics"),
                t.text("context_tags", "tags").label("context_tags"),
                t.text("participants", "people").label("people"),
                t.text("meta", "metadata").label("meta"),
            )
            .where(_says_something(t), self._is_known(t))
            .subquery()
        )
        same = (timed.c.user_id, func.coalesce(timed.c.role, ""), func.md5(timed.c.content))
        order = (timed.c.at, timed.c.id)
        return select(
            *(column for column in timed.c if column.name in {"id", "user_id", "role", "content"}),
            timed.c.at,
            timed.c.is_guessed,
            func.count().over(partition_by=same).label("repeats"),
            *list(timed.c)[6:],
            func.max(timed.c.at).over(partition_by=same).label("last_at"),
            func.row_number().over(partition_by=same, order_by=order).label("nth"),
        ).subquery()

    def _is_known(self, t: SourceTable) -> ColumnElement[bool]:
        people = self.tables.tables["app_user"]
        has_email = people.text("email").regexp_match(r"\S")
        known = select(people.text("id")).where(has_email)
        user = t.text("user_id")
        return func.coalesce(user.in_(known), false())

    async def _stream(
        self, query: Select[*tuple[Any, ...]]
    ) -> AsyncIterator[Row[*tuple[Any, ...]]]:
        rows = await self._connection.stream(query, execution_options={"yield_per": ROWS_AT_ONCE})
        async for row in rows:
            yield row


def _says_something(t: SourceTable) -> ColumnElement[bool]:
    return func.coalesce(t.text("content").regexp_match(r"\S"), false())


@asynccontextmanager
async def reading(url: str, *, schema: str, zone: str) -> AsyncIterator[Source]:
    """The old database at one moment.

    Raises:
        StartupError: it does not answer, or is not that of a Sara.
    """
    try:
        engine = create_async_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            connect_args={"application_name": "sara-migration"},
            hide_parameters=True,
        )
    except ArgumentError as error:
        raise StartupError("--source is not the URL of a database.") from error
    try:
        async with engine.connect() as connection:
            await connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            await connection.execute(text("SET LOCAL TimeZone = 'UTC'"))
            yield Source(connection, await look(connection, schema=schema, zone=zone))
    except OperationalError as error:
        raise StartupError(f"The old database does not answer: {_first_line(error)}") from error
    finally:
        await engine.dispose()


def _first_line(error: OperationalError) -> str:
    return (str(error.orig).strip().splitlines() or ["it says nothing"])[0]
