"""Which tables and columns an old database has; both lineages and what lies between them.

Lineage A: ids are text without foreign keys, times are naive, JSON is held in text, ``importance`` is 0.5
unless somebody said otherwise. Lineage B: ids are UUIDs in text with cascades, times have a zone,
``meta`` is jsonb, ``importance`` is 0.0 unless somebody said otherwise, vectors lie in ``memory_vector``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Double,
    FromClause,
    Text,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    null,
    table,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import StartupError
from app.storage.database import SCHEMA

Lineage = Literal["A", "B"]

NAMES = {
    "app_user": ("app_user", "users", "user"),
    "episode": ("episode", "episodes"),
    "note": ("note", "notes"),
    "note_connection": ("note_connection", "note_connections"),
}
UNSAID_IMPORTANCE: Mapping[Lineage, float] = {"A": 0.5, "B": 0.0}
_NAIVE = frozenset({"timestamp without time zone", "date"})
_ZONED = "timestamp with time zone"
_NUMBERS = frozenset({"real", "double precision", "numeric", "integer", "bigint", "smallint"})
_ZONED_TIME, _NAIVE_TIME = DateTime(timezone=True), DateTime()
_EARLIEST = "1900-01-02"

_COLUMNS = text(
    "SELECT table_name, column_name, data_type FROM information_schema.columns"
    " WHERE table_schema = :schema"
)


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One table with the types of its columns; ``rows`` is what a query selects from, ``zone`` where its
    naive times are from."""

    name: str
    columns: Mapping[str, str]
    rows: FromClause
    zone: str

    @classmethod
    def of(cls, name: str, columns: Mapping[str, str], *, schema: str, zone: str) -> Self:
        """A table of a schema."""
        rows = table(name, *(column(one) for one in columns), schema=schema)
        return cls(name, columns, rows, zone)

    def text(self, *names: str) -> ColumnElement[str | None]:
        """The first of these columns that there is, as text; NULL where there is none."""
        found = self._first(*names)
        return cast(null(), Text) if found is None else cast(self.rows.c[found], Text)

    def number(self, *names: str) -> ColumnElement[float | None]:
        """The first of these columns that there is, when it holds numbers."""
        found = self._first(*names)
        if found is None or self.columns[found] not in _NUMBERS:
            return cast(null(), Double)
        return cast(self.rows.c[found], Double)

    def moment(self, *names: str) -> ColumnElement[datetime | None]:
        """The first that is given of these times, between 1900 and tomorrow."""
        given = [self._moment(name) for name in names if name in self.columns]
        return func.coalesce(*given, cast(null(), _ZONED_TIME))

    def _moment(self, name: str) -> ColumnElement[Any]:
        kind, raw = self.columns[name], self.rows.c[name]
        if kind in _NAIVE:
            moment: ColumnElement[Any] = func.timezone(self.zone, cast(raw, _NAIVE_TIME))
        elif kind == _ZONED:
            moment = raw
        else:
            return cast(null(), _ZONED_TIME)
        is_sensible = and_(
            raw >= cast(literal(_EARLIEST), _ZONED_TIME),
            raw < func.now() + text("interval '1 day'"),
        )
        return case((is_sensible, moment))

    def _first(self, *names: str) -> str | None:
        return next((name for name in names if name in self.columns), None)


@dataclass(frozen=True, slots=True)
class SourceTables:
    """The tables to be read by what they are; ``left`` are the others that concern the memory."""

    tables: Mapping[str, SourceTable]
    lineage: Lineage
    left: tuple[SourceTable, ...]

    def get(self, what: str) -> SourceTable | None:
        """The table of this kind, if there is one."""
        return self.tables.get(what)


LEFT = ("memory_vector", "memory_edge", "memory_hot", "semantic_summary")


async def look(connection: AsyncConnection, *, schema: str, zone: str) -> SourceTables:
    """What there is in a schema.

    Raises:
        StartupError: no people, or neither episodes nor notes; or it is the schema of this service.
    """
    if schema == SCHEMA:
        raise StartupError(f"The schema {SCHEMA} is this service's own: name that of the old Sara.")
    columns: dict[str, dict[str, str]] = {}
    for row in (await connection.execute(_COLUMNS, {"schema": schema})).all():
        columns.setdefault(row.table_name, {})[row.column_name] = row.data_type
    found = {
        name: SourceTable.of(name, types, schema=schema, zone=zone)
        for name, types in columns.items()
    }
    tables = {
        what: found[next(name for name in names if name in found)]
        for what, names in NAMES.items()
        if any(name in found for name in names)
    }
    _require(tables, schema)
    left = tuple(found[name] for name in LEFT if name in found)
    return SourceTables(tables, _lineage(tables), left)


def _require(tables: Mapping[str, SourceTable], schema: str) -> None:
    if "app_user" not in tables or not {"episode", "note"} & set(tables):
        raise StartupError(
            f"The schema {schema} has no app_user, or neither episode nor note: this is no database of "
            "an old Sara. Name it with --source, and its schema with --source-schema."
        )
    for what, needed in {"app_user": "email", "episode": "content", "note": "content"}.items():
        if what in tables and not {"id", needed} <= set(tables[what].columns):
            raise StartupError(f"{schema}.{tables[what].name} has no column id or {needed}.")


def _lineage(tables: Mapping[str, SourceTable]) -> Lineage:
    episode = tables.get("episode")
    if episode is None:
        return "B"
    return "B" if episode.columns.get("created_at") == _ZONED else "A"
