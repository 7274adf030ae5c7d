"""The word index: postings per person and term, and how many traces say each term."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.storage.database import statement
from app.storage.scope import Scope


class WordIndex:
    """Written in the same transaction as the traces, under the person's write lock."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, user_id: UUID, terms_by_trace: Mapping[UUID, Counter[str]]) -> None:
        """Index new traces under their terms."""
        postings = [
            (term, trace_id, min(frequency, 32_767), terms.total())
            for trace_id, terms in terms_by_trace.items()
            for term, frequency in terms.items()
        ]
        if not postings:
            return
        terms, trace_ids, frequencies, lengths = map(list, zip(*postings, strict=True))
        await self._session.execute(statement("add_terms"), {"user_id": user_id, "terms": terms})
        await self._session.execute(
            statement("add_postings"),
            {
                "user_id": user_id,
                "terms": terms,
                "trace_ids": trace_ids,
                "frequencies": frequencies,
                "lengths": lengths,
            },
        )

    async def remove(self, user_id: UUID, trace_ids: Sequence[UUID]) -> None:
        """Forget these traces' words, and the words that only they said."""
        await self._session.execute(
            statement("remove_words"), {"user_id": user_id, "trace_ids": list(trace_ids)}
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
                "k1": k1,
                "b": b,
                "average_length": average_length,
                "most": most,
            },
        )
        return [row.trace_id for row in rows.all()]

    async def frequencies(
        self, user_id: UUID, terms: Collection[str], trace_ids: Collection[UUID]
    ) -> dict[UUID, dict[str, int]]:
        """How often each of these terms occurs in each of these traces; zeros are left out."""
        rows = await self._session.execute(
            statement("term_frequencies"),
            {"user_id": user_id, "terms": list(terms), "trace_ids": list(trace_ids)},
        )
        found: dict[UUID, dict[str, int]] = defaultdict(dict)
        for row in rows.all():
            found[row.trace_id][row.term] = row.frequency
        return dict(found)
