"""Sorts what is handed in: new, known already, or a note that says something else now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import ConflictError
from app.models import IdempotencyKey, MemoryTrace
from app.services.trace_draft import NewTrace, TraceDraft, fingerprint
from app.storage.traces import SourceKey, TraceStore


@dataclass(frozen=True, slots=True)
class Sorted:
    """A batch by what has to be done with it. ``known`` gives a repeat's trace id by its place."""

    new: list[TraceDraft] = field(default_factory=list)
    revised: list[tuple[MemoryTrace, TraceDraft]] = field(default_factory=list)
    known: dict[int, UUID] = field(default_factory=dict)


class Intake:
    """Makes a repeated write the same as a single one."""

    def __init__(self, session: AsyncSession, traces: TraceStore) -> None:
        self._session = session
        self._traces = traces

    async def known(
        self, user_id: UUID, drafts: Iterable[TraceDraft]
    ) -> dict[SourceKey, MemoryTrace]:
        """The stored traces that came from the same sources."""
        keys = {item.new.source_key for item in drafts if item.new.source_key is not None}
        return await self._traces.by_sources(user_id, keys) if keys else {}

    async def sort(self, user_id: UUID, drafts: Sequence[TraceDraft]) -> Sorted:
        """Tell new drafts from repeats; the person's write lock is held.

        Raises:
            ConflictError: a source that is no note says something else under the same id.
        """
        known = await self.known(user_id, drafts)
        sorted_ = Sorted()
        clashes: list[str] = []
        for place, item in enumerate(drafts):
            stored = same_source(item, known)
            if stored is None:
                sorted_.new.append(item)
                if item.new.source_key is not None:
                    known[item.new.source_key] = item.trace
            elif _says_it_already(stored, item):
                sorted_.known[place] = stored.id
            elif item.new.source["type"] == "note" and stored.id not in _ids(sorted_.new):
                sorted_.revised.append((stored, item))
            else:
                clashes.append(f"item {place} (source.id {item.new.source['id']!r})")
        if clashes:
            raise ConflictError(
                f"Remembered before with other content: {', '.join(clashes)}. Nothing was written; "
                "send the new text under a new source.id."
            )
        return sorted_

    async def earlier_answer(
        self, user_id: UUID, key: str, new: Sequence[NewTrace]
    ) -> list[UUID] | None:
        """The trace ids that this ``Idempotency-Key`` was answered with.

        Raises:
            ConflictError: the key came with other content then.
        """
        earlier = await self._session.get(IdempotencyKey, (user_id, key))
        if earlier is None:
            return None
        if earlier.fingerprint != fingerprint(new):
            raise ConflictError(
                "This Idempotency-Key was used before with other content: use a new key."
            )
        return earlier.trace_ids

    def note_answer(
        self,
        user_id: UUID,
        key: str,
        new: Sequence[NewTrace],
        *,
        trace_ids: list[UUID],
        now: datetime,
    ) -> None:
        """Keep the answer for the next time the key comes."""
        self._session.add(
            IdempotencyKey(
                user_id=user_id,
                key=key,
                fingerprint=fingerprint(new),
                trace_ids=trace_ids,
                created_at=now,
            )
        )


def same_source(item: TraceDraft, known: Mapping[SourceKey, MemoryTrace]) -> MemoryTrace | None:
    """The stored trace from the same source, if it has one."""
    return None if item.new.source_key is None else known.get(item.new.source_key)


def is_repeat(item: TraceDraft, known: Mapping[SourceKey, MemoryTrace]) -> bool:
    """Whether a draft says what its source has said before."""
    stored = same_source(item, known)
    return stored is not None and _says_it_already(stored, item)


def _says_it_already(stored: MemoryTrace, item: TraceDraft) -> bool:
    """Also where somebody has put it right since: nothing tells any more what its source had said, and
    what is sent again must not undo the correction."""
    return stored.corrected_at is not None or stored.content_hash == item.trace.content_hash


def _ids(drafts: Iterable[TraceDraft]) -> set[UUID]:
    return {item.trace.id for item in drafts}
