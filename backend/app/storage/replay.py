"""What a dream reads: a day's raw traces, or the summaries below a week or a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncSession

from app.storage.database import statement, uuid_array
from app.storage.embeddings import floats

MOST_TRACES = 2_000  # of one day; of more, the most salient are dreamt of

Said = tuple[UUID, bytes]


@dataclass(frozen=True, slots=True)
class Replayed:
    """A stored trace as the dream reads it; ``vector`` is the first chunk of its semantic head."""

    trace_id: UUID
    role: str
    content: str
    created_at: datetime
    salience: float
    conversation: str | None
    content_hash: bytes
    vector: NDArray[np.float32] | None

    @property
    def said(self) -> Said:
        """What tells whether it is still the same."""
        return self.trace_id, self.content_hash


class ReplayStore:
    """One person's material in this session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def raw_traces(
        self, user_id: UUID, *, since: datetime, until: datetime
    ) -> list[Replayed]:
        """Everything said in a span, in order, without what the dream made itself."""
        rows = await self._session.execute(
            statement("raw_traces"),
            {"user_id": user_id, "since": since, "until": until, "most": MOST_TRACES},
        )
        return [_replayed(row) for row in rows.all()]

    async def raw_said(self, user_id: UUID, *, since: datetime, until: datetime) -> frozenset[Said]:
        """The same span, as far as it is needed to see that it has changed."""
        rows = await self._session.execute(
            statement("raw_hashes"),
            {"user_id": user_id, "since": since, "until": until, "most": MOST_TRACES},
        )
        return frozenset((row.id, bytes(row.content_hash)) for row in rows.all())

    async def summaries(self, user_id: UUID, trace_ids: Sequence[UUID]) -> list[Replayed]:
        """Those of these summaries that there are, in the order of their days."""
        rows = await self._session.execute(
            statement("summaries"), {"user_id": user_id, "trace_ids": uuid_array(trace_ids)}
        )
        return [_replayed(row) for row in rows.all()]

    async def told_quarters(self, user_id: UUID) -> list[datetime]:
        """The quarters of an hour in which something was said."""
        rows = await self._session.execute(statement("told_quarters"), {"user_id": user_id})
        return [row.quarter for row in rows.all()]


def _replayed(row: Row[tuple[object, ...]]) -> Replayed:
    return Replayed(
        trace_id=row.id,
        role=row.role,
        content=row.content,
        created_at=row.created_at,
        salience=row.salience,
        conversation=row.conversation,
        content_hash=bytes(row.content_hash),
        vector=None if row.vec is None else floats(row.vec),
    )
