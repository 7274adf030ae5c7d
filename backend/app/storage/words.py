"""The word index: postings per person and term, and how many traces say each term."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.storage.database import statement, uuid_array
from app.storage.scope import Scope

MOST_POSITIONS = 64  # of one term in one trace
MOST_POSITION = 32_767


@dataclass(frozen=True, slots=True)
class Occurrence:
    """How often a term occurs in a trace and where, counted in terms; of many places the first."""

    frequency: int
    positions: frozenset[int]


class WordIndex:
    """Written in the same transaction as the traces, under the person's write lock."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, user_id: UUID, terms_by_trace: Mapping[UUID, Sequence[str]]) -> None:
        """Index new traces under their terms, which are given in order."""
        postings = [
            (term, trace_id, _array(positions), min(len(positions), MOST_POSITION), len(terms))
            for trace_id, terms in terms_by_trace.items()
            for term, positions in _positions(terms).items()
        ]
        if not postings:
            return
        terms, trace_ids, positions, frequencies, lengths = map(list, zip(*postings, strict=True))
        await self._session.execute(statement("add_terms"), {"user_id": user_id, "terms": terms})
        await self._session.execute(
            statement("add_postings"),
            {
                "user_id": user_id,
                "terms": terms,
                "trace_ids": trace_ids,
                "positions": positions,
                "frequencies": frequencies,
                "lengths": lengths,
            },
        )

    async def remove(self, user_id: UUID, trace_ids: Sequence[UUID]) -> None:
        """Forget these traces' words, and the words that only they said."""
        await self._session.execute(
            statement("remove_words"), {"user_id": user_id, "trace_ids": uuid_array(trace_ids)}
        )

    async def counts(self, user_id: UUID, terms: Collection[str]) -> dict[str, int]:
        """In how many traces each of these terms occurs; unknown terms are left out."""
        rows = await self._session.execute(
            statement("term_counts"), {"user_id": user_id, "terms": list(terms)}
        )
        return {row.term: row.traces for row in rows.all()}

    async def best(
        self,
        user_id: UUID,
        idf: Mapping[str, float],
        *,
        scope: Scope,
        k1: float,
        b: float,
        average_length: float,
        most: int,
    ) -> list[UUID]:
        """The traces with the highest BM25 for these terms, best first."""
        rows = await self._session.execute(
            statement("word_matches"),
            {
                "user_id": user_id,
                "terms": list(idf),
                "idfs": list(idf.values()),
                **scope.parameters(),
                "is_open": scope == Scope(),
                "k1": k1,
                "b": b,
                "average_length": average_length,
                "most": most,
            },
        )
        return [row.trace_id for row in rows.all()]

    async def occurrences(
        self, user_id: UUID, terms: Collection[str], trace_ids: Collection[UUID]
    ) -> dict[UUID, dict[str, Occurrence]]:
        """Where each of these terms occurs in each of these traces; where it does not is left out."""
        rows = await self._session.execute(
            statement("term_occurrences"),
            {"user_id": user_id, "terms": list(terms), "trace_ids": uuid_array(trace_ids)},
        )
        found: dict[UUID, dict[str, Occurrence]] = defaultdict(dict)
        for row in rows.all():
            found[row.trace_id][row.term] = Occurrence(row.frequency, frozenset(row.positions))
        return dict(found)


def _positions(terms: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for position, term in enumerate(terms):
        found[term].append(position)
    return found


def _array(positions: Sequence[int]) -> str:
    """As PostgreSQL writes an array: arrays of arrays cannot be unnested a row at a time."""
    kept = [position for position in positions[:MOST_POSITIONS] if position <= MOST_POSITION]
    return "{" + ",".join(map(str, kept)) + "}"
