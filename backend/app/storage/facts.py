"""What the traces say about entities, and the relation edges that show what holds."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.storage.database import statement, uuid_array


@dataclass(frozen=True, slots=True)
class NewFact:
    """What one trace says; ``is_functional`` when its subject has one such object at a time."""

    subject: UUID
    predicate: str
    object: UUID
    trace_id: UUID
    weight: float
    is_functional: bool
    since: datetime


def fact_columns(facts: Sequence[NewFact]) -> dict[str, Any]:
    """Facts as the parameters of a statement, one list a column."""
    return {
        "subjects": uuid_array(fact.subject for fact in facts),
        "predicates": [fact.predicate for fact in facts],
        "objects": uuid_array(fact.object for fact in facts),
        "trace_ids": uuid_array(fact.trace_id for fact in facts),
        "weights": [fact.weight for fact in facts],
        "functional": [fact.is_functional for fact in facts],
        "since": [fact.since for fact in facts],
    }


class FactStore:
    """One person's facts in this session's transaction. Facts are the evidence, edges follow."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def reconcile(
        self, user_id: UUID, facts: Sequence[NewFact], *, of: Collection[UUID]
    ) -> int:
        """Make what the traces ``of`` say exactly these facts; how many relation edges are new."""
        rows = await self._session.execute(
            statement("reconcile_facts"),
            {
                "user_id": user_id,
                "of": uuid_array(of),
                **fact_columns(facts),
            },
        )
        return await self.reopen(user_id, {row.subject for row in rows.all()})

    async def reopen(self, user_id: UUID, subjects: Collection[UUID]) -> int:
        """Let the edges of these subjects show what the remaining facts say: what a forgotten fact had
        closed holds again. How many edges are new."""
        if not subjects:
            return 0
        rows = await self._session.execute(
            statement("show_facts"), {"user_id": user_id, "subjects": uuid_array(subjects)}
        )
        return sum(row.is_new for row in rows.all())
