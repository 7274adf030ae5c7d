"""The word index: postings per person and term, and how many traces say each term."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.storage.database import statement, uuid_array
from app.storage.scope import Scope
from app.storage.traces import Usage

MOST_FREQUENT = 32_767  # what a smallint holds


class WordIndex:
    """Written in the same transaction as the traces, under the person's write lock."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, user_id: UUID, terms_by_trace: Mapping[UUID, Sequence[str]]) -> None:
        """Index new traces under their terms."""
        postings = [
            (term, trace_id, min(frequency, MOST_FREQUENT), len(terms))
            for trace_id, terms in terms_by_trace.items()
            for term, frequency in Counter(terms).items()
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

    async def remove(self, user_id: UUID, trace_ids: Collection[UUID]) -> None:
        """Forget these traces' words, and the words that only they said."""
        await self._session.execute(
            statement("remove_words"), {"user_id": user_id, "trace_ids": uuid_array(trace_ids)}
        )

    async def counts(self, user_id: UUID, terms: Collection[str]) -> tuple[Usage, dict[str, int]]:
        """How much this person has, and in how many traces each of these terms occurs; unknown terms
        are left out."""
        result = await self._session.execute(
            statement("known_terms"), {"user_id": user_id, "terms": list(terms)}
        )
        rows = result.all()
        if not rows:
            return Usage(0, 0, 0), {}
        usage = Usage(rows[0].generation, rows[0].traces, rows[0].terms, rows[0].sketched_at)
        return usage, {row.term: row.saying for row in rows if row.term is not None}

    async def beginning(self, user_id: UUID, typed: str, *, stem: str, most: int) -> dict[str, int]:
        """The terms that begin as what is typed, or as its stem, and in how many traces each occurs."""
        rows = await self._session.execute(
            statement("terms_beginning"),
            {"user_id": user_id, "typed": typed, "stem": stem, "most": most},
        )
        return {row.term: row.traces for row in rows}

    async def like(
        self, user_id: UUID, term: str, *, edits: int, pieces: Sequence[str]
    ) -> dict[str, int]:
        """The terms that a misspelt one may stand for, and in how many traces each occurs: they begin
        with its first letter or its second, and with the first of its ``pieces``, end with the last or
        have the one between."""
        first, *middle, last = pieces
        found = await self._session.execute(
            statement("terms_like"),
            {
                "user_id": user_id,
                "shortest": len(term) - edits,
                "longest": len(term) + edits,
                "initial": term[0],
                "second": term[1],
                "first": first,
                "middle": middle[0] if middle else None,
                "last": last,
            },
        )
        row = found.one()
        return dict(zip(row.terms or (), row.traces or (), strict=True))

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
        of_notes: bool = False,
    ) -> list[UUID]:
        """The traces with the highest BM25 for these terms, best first; with ``of_notes`` those that
        notes have."""
        rows = await self._session.execute(
            statement("word_matches"),
            {
                "user_id": user_id,
                "terms": list(idf),
                "idfs": list(idf.values()),
                **scope.parameters(),
                "is_open": scope == Scope(),
                "of_notes": of_notes,
                "flat": k1 * (1 - b),
                "slope": k1 * b / average_length,
                "most": most,
            },
        )
        return [row.trace_id for row in rows.all()]
