"""What recall asks about a pool of traces before it ranks them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncSession

from app.storage.database import VectorColumn, statement, uuid_array
from app.storage.scope import Scope


class TraceFact(NamedTuple):
    """A trace as ranking sees it.

    ``length`` counts its terms, ``term_codes`` are their packed codes in their order; ``before``,
    ``before_that`` and ``after`` are its neighbours in the conversation. Cosines are None where there is
    no vector: ``semantic``, ``entity`` and ``situation`` between the question and the best chunk of each
    head, ``nearness_before`` the semantic one of the neighbour before, ``typicality`` between its
    beginning and what is typical of this memory.
    """

    trace_id: UUID
    created_at: datetime
    role: str
    salience: float
    access_count: int
    last_accessed_at: datetime | None
    length: int
    states_preference: bool
    wording: int
    term_codes: bytes
    before: UUID | None = None
    before_that: UUID | None = None
    after: UUID | None = None
    semantic: float | None = None
    entity: float | None = None
    situation: float | None = None
    typicality: float | None = None
    nearness_before: float | None = None


class CandidateStore:
    """One person's traces as candidates, in this session's transaction."""

    def __init__(self, session: AsyncSession, column: VectorColumn) -> None:
        self._session = session
        self._column = column

    async def facts(
        self,
        user_id: UUID,
        trace_ids: Collection[UUID],
        *,
        question: NDArray[np.float32] | None,
        typical: NDArray[np.float32] | None,
        heads: Sequence[str],
        scope: Scope,
        as_of: datetime | None,
    ) -> tuple[list[TraceFact], dict[UUID, bytes]]:
        """Those of these traces that are in scope and have not faded, by ``as_of`` if that is given; and
        the packed term codes of their neighbours in the conversation that are not among them."""
        rows = await self._session.execute(
            statement("candidates"),
            {
                "user_id": user_id,
                "trace_ids": uuid_array(trace_ids),
                "question": None if question is None else self._column.encode(question),
                "typical": None if typical is None else self._column.encode(typical),
                "heads": list(heads),
                "as_of": as_of,
                **scope.parameters(),
            },
        )
        facts: list[TraceFact] = []
        around: dict[UUID, bytes] = {}
        for row in rows:
            if row.role is None:
                around[row.trace_id] = row.term_codes
            else:
                facts.append(TraceFact(*row))
        return facts, around

    async def texts(
        self,
        user_id: UUID,
        trace_ids: Collection[UUID],
        *,
        question: NDArray[np.float32] | None,
        scope: Scope,
    ) -> tuple[list[TraceFact], dict[UUID, str]]:
        """The same of traces by themselves, which is what a search compares: without their neighbours,
        and by the semantic head alone; and the titles of the notes that some of them are of."""
        rows = await self._session.execute(
            statement("found_texts"),
            {
                "user_id": user_id,
                "trace_ids": uuid_array(trace_ids),
                "question": None if question is None else self._column.encode(question),
                **scope.parameters(),
            },
        )
        facts: list[TraceFact] = []
        titles: dict[UUID, str] = {}
        for *fact, title in rows:
            facts.append(TraceFact(*fact))
            if title is not None:
                titles[facts[-1].trace_id] = title
        return facts, titles
