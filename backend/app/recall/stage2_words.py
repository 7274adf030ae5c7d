"""Stage 2, words: the traces that share the question's words, the rare ones counting most."""

from collections.abc import Collection
from uuid import UUID

from app.recall import bm25
from app.recall.question import Question, most_per_channel
from app.recall.said import AskedTerm
from app.storage.traces import Usage
from app.storage.words import WordIndex

MOST_TERMS = 48
POSTINGS_BUDGET = 20_000


async def asked_terms(
    index: WordIndex, user_id: UUID, terms: Collection[str]
) -> tuple[Usage, list[AskedTerm]]:
    """How much there is, and the question's words that this memory knows, rarest first, with their IDF.

    Words in so many traces that reading their postings would be slow are left out, as long as rarer
    ones remain: they tell traces apart least.
    """
    usage, counts = await index.counts(user_id, terms)
    rarest = sorted(counts.items(), key=lambda item: (item[1], item[0]))[:MOST_TERMS]
    asked: list[AskedTerm] = []
    budget = POSTINGS_BUDGET
    for term, traces in rarest:
        if asked and traces > budget:
            break
        budget -= traces
        asked.append(AskedTerm(term, bm25.idf(traces, usage.traces)))
    return usage, asked


async def matches(
    index: WordIndex,
    user_id: UUID,
    asked: Collection[AskedTerm],
    *,
    question: Question,
    usage: Usage,
) -> list[UUID]:
    """The ``most_per_channel`` traces with the highest BM25, best first."""
    if not asked:
        return []
    return await index.best(
        user_id,
        {term.term: term.idf for term in asked},
        scope=question.scope,
        k1=bm25.K1,
        b=bm25.B,
        average_length=usage.average_length,
        most=most_per_channel(question, usage),
    )
