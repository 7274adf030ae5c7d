"""Everything of one person, out as lines and in again."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.models import MemoryForgotten
from app.storage.database import any_of, statement, uuid_array
from app.storage.facts import NewFact, fact_columns

ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class EdgeOfExport:
    """An edge as an export holds it."""

    src: UUID
    dst: UUID
    type: str
    weight: float
    ts: datetime
    valid_from: datetime | None
    valid_to: datetime | None


async def exported(connection: AsyncConnection, kind: str, *, user_id: UUID) -> AsyncIterator[str]:
    """The rows of ``storage/sql/export_<kind>s.sql`` as JSON, through a cursor of the server's: never
    more than ``ROWS_AT_ONCE`` are here."""
    rows = await connection.stream(
        statement(f"export_{kind}s"),
        {"user_id": user_id},
        execution_options={"yield_per": ROWS_AT_ONCE},
    )
    async for row in rows:
        yield row.line


class ImportStore:
    """What an import asks of one person's tables, in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def named(self, user_id: UUID, trace_ids: Collection[UUID]) -> set[UUID]:
        """Those of these ids that a tombstone names."""
        query = select(MemoryForgotten.trace_id).where(
            MemoryForgotten.user_id == user_id, MemoryForgotten.trace_id == any_of(trace_ids)
        )
        return set(await self._session.scalars(query))

    async def add_facts(self, user_id: UUID, facts: Sequence[NewFact]) -> list[UUID]:
        """Insert facts between entities that are there, said by traces that are; the subject of each."""
        rows = await self._session.execute(
            statement("import_facts"), {"user_id": user_id, **fact_columns(facts)}
        )
        return [row.subject for row in rows.all()]

    async def add_edges(self, user_id: UUID, edges: Sequence[EdgeOfExport]) -> int:
        """Insert edges between traces that are there; how many were new or took over their time."""
        columns = {
            "src": uuid_array(edge.src for edge in edges),
            "dst": uuid_array(edge.dst for edge in edges),
            "types": [edge.type for edge in edges],
            "weights": [edge.weight for edge in edges],
            "ts": [edge.ts for edge in edges],
            "valid_from": [edge.valid_from for edge in edges],
            "valid_to": [edge.valid_to for edge in edges],
        }
        found = await self._session.scalar(
            statement("import_edges"), {"user_id": user_id, **columns}
        )
        return found or 0
