"""Which of a person's traces somebody means: by id, by where they come from, or by when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.language.time_window import BEGINNING, END
from app.models import MemoryEdge, MemoryTrace, PrunedTrace
from app.storage.database import any_of


@dataclass(frozen=True, slots=True)
class Selection:
    """Traces that fit everything that is not None; with nothing given, all of them.

    ``since`` to ``until`` (not included) means what happened then. What the dream made of it goes
    with it: its nodes are not meant themselves, and its summaries only when nothing that they sum up
    lies outside. Traces of notes are left out unless ``with_notes``.
    """

    trace_ids: Collection[UUID] | None = None
    source_type: str | None = None
    source_id: str | None = None
    conversation_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    with_notes: bool = False

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """From ``since`` to ``until``, if that is what is meant."""
        if self.since is None or self.until is None:
            return None
        return self.since, self.until

    @property
    def reach(self) -> tuple[datetime, datetime] | None:
        """The time of which nothing is to be left: ``span``, or all of it when everything is meant. What
        the dream made then goes as well, even of traces that are gone; None when traces are named."""
        named = (self.trace_ids, self.source_type, self.source_id, self.conversation_id, self.span)
        return (BEGINNING, END) if named == (None,) * len(named) else self.span


async def selected(session: AsyncSession, user_id: UUID, selection: Selection) -> list[UUID]:
    """The ids that a selection means, oldest first, whether they are there or were pruned."""
    there, pruned = (
        select(table.created_at, table.id).where(
            table.user_id == user_id, *_conditions(table, selection)
        )
        for table in (MemoryTrace, PrunedTrace)
    )
    if selection.span is not None:
        there = there.where(*_happened(user_id, *selection.span))
    rows = await session.execute(union(there, pruned).order_by("created_at", "id"))
    return list(dict.fromkeys(row.id for row in rows))


def _conditions(
    table: type[MemoryTrace] | type[PrunedTrace], selection: Selection
) -> list[ColumnElement[bool]]:
    source = table.source
    found: list[ColumnElement[bool]] = []
    if selection.trace_ids is not None:
        found.append(table.id == any_of(selection.trace_ids))
    if selection.source_type is not None:
        found.append(source["type"].astext == selection.source_type)
    if selection.source_id is not None:
        found += [source.has_key("id"), source["id"].astext == selection.source_id]
    if selection.conversation_id is not None:
        found += [
            source.has_key("conversation_id"),
            source["conversation_id"].astext == selection.conversation_id,
        ]
    if selection.since is not None and selection.until is not None:
        found += [table.created_at >= selection.since, table.created_at < selection.until]
    if not selection.with_notes:
        found.append(source["type"].astext != "note")
    return found


def _happened(user_id: UUID, since: datetime, until: datetime) -> list[ColumnElement[bool]]:
    """What the dream made of a span did not happen in it."""
    is_node = (MemoryTrace.role == "entity") & MemoryTrace.source.has_key("key")
    return [~is_node, ~_sums_up_others(user_id, since, until)]


def _sums_up_others(user_id: UUID, since: datetime, until: datetime) -> ColumnElement[bool]:
    """Whether a trace sums up anything outside of a span."""
    other = aliased(MemoryTrace)
    return exists().where(
        MemoryEdge.user_id == user_id,
        MemoryEdge.src == MemoryTrace.id,
        MemoryEdge.type == "summary_of",
        other.user_id == user_id,
        other.id == MemoryEdge.dst,
        (other.created_at < since) | (other.created_at >= until),
    )
