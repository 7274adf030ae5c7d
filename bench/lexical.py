"""Four ways to find words inside plain Postgres, by quality and by milliseconds.

    python bench/lexical.py FILE [--sizes 10000,100000] [--conversations N] [--json]

The same traces in: postings in a btree led by user and term, which is what the service uses; a
``tsvector`` ranked by ``ts_rank_cd``, its words joined by OR; the same with its first 200 re-scored by
BM25; and a ``sparsevec`` of BM25 weights. Quality is recall@10 of FILE's questions by their words alone;
milliseconds are those of one statement for a person with so many made-up traces.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from tqdm import tqdm

from app.dependencies import Resources
from app.recall import bm25
from app.recall.said import AskedTerm
from app.recall.stage2_words import asked_terms
from app.storage.scope import Scope
from app.storage.traces import Usage
from app.storage.words import WordIndex
from in_process import new_person, remember, service
from metrics import json_line, percentiles, score
from recall_set import load
from synthetic import Life, WordVectorEmbedder
from telling import tell, turns_of

DIM = 768
SPARSE_DIM = 1_000_000_000
MOST = 50
ASKED_OF_A_PERSON = 40

TABLES = f"""
CREATE TABLE lexical AS
SELECT t.user_id, t.id AS trace_id, to_tsvector('english', t.content) AS words, s.weights
FROM memory_trace AS t
JOIN (
    SELECT p.user_id, p.trace_id,
        CAST('{{' || string_agg(
            code || ':'
                || p.frequency * 2.5 / (p.frequency + 1.5 * greatest(0.01, p.length / u.mean)), ','
            ORDER BY code
        ) || '}}/{SPARSE_DIM}' AS sparsevec({SPARSE_DIM})) AS weights
    FROM (
        SELECT DISTINCT ON (user_id, trace_id, code) * FROM (
            SELECT *, 1 + abs(hashtextextended(term, 0) % {SPARSE_DIM}) AS code FROM memory_posting
        ) AS coded
    ) AS p
    JOIN (
        SELECT user_id, greatest(1.0, terms / traces) AS mean FROM memory_usage WHERE traces > 0
    ) AS u ON u.user_id = p.user_id
    GROUP BY p.user_id, p.trace_id
) AS s ON s.user_id = t.user_id AND s.trace_id = t.id;
ALTER TABLE lexical ADD PRIMARY KEY (user_id, trace_id);
CREATE INDEX lexical_words ON lexical USING gin (words);
ANALYZE lexical;
"""

QUERY = "CAST(replace(CAST(plainto_tsquery('english', :question) AS text), '&', '|') AS tsquery)"
RANKED = f"""
SELECT trace_id FROM lexical
WHERE user_id = :user_id AND words @@ {QUERY}
ORDER BY ts_rank_cd(words, {QUERY}, 1) DESC, trace_id LIMIT :most
"""
RESCORED = f"""
WITH found AS MATERIALIZED ({RANKED})
SELECT p.trace_id
FROM found
CROSS JOIN unnest(CAST(:terms AS text[]), CAST(:idfs AS float8[])) AS asked (term, idf)
JOIN memory_posting AS p
    ON p.user_id = :user_id AND p.term = asked.term AND p.trace_id = found.trace_id
GROUP BY p.trace_id
ORDER BY sum(asked.idf * p.frequency * 2.5
    / (p.frequency + 1.5 * greatest(0.01, p.length / CAST(:mean AS float8)))) DESC
LIMIT {MOST}
"""
SPARSE = """
SELECT trace_id FROM lexical WHERE user_id = :user_id
ORDER BY weights <#> (
    SELECT CAST('{' || string_agg(code || ':' || idf, ',' ORDER BY code) || '}/1000000000' AS sparsevec)
    FROM (
        SELECT DISTINCT ON (code) 1 + abs(hashtextextended(term, 0) % 1000000000) AS code, idf
        FROM unnest(CAST(:terms AS text[]), CAST(:idfs AS float8[])) AS asked (term, idf)
    ) AS asked
) LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's words as the service reads them, and how much the person has."""

    user_id: UUID
    question: str
    terms: Sequence[AskedTerm]
    usage: Usage


Way = Callable[[AsyncSession, Asked], Awaitable[list[UUID]]]


async def postings(session: AsyncSession, asked: Asked) -> list[UUID]:
    """The service's own."""
    return await WordIndex(session).best(
        asked.user_id,
        {term.term: term.idf for term in asked.terms},
        scope=Scope(),
        k1=bm25.K1,
        b=bm25.B,
        average_length=asked.usage.average_length,
        most=MOST,
    )


def by_sql(sql: str, *, most: int) -> Way:
    """A way that is one statement over the table of this bench."""
    asking = text(sql).execution_options(
        across_people="a table of this bench, with types of pgvector"
    )

    async def found(session: AsyncSession, asked: Asked) -> list[UUID]:
        rows = await session.execute(
            asking,
            {
                "user_id": asked.user_id,
                "question": asked.question,
                "terms": [term.term for term in asked.terms],
                "idfs": [term.idf for term in asked.terms],
                "mean": asked.usage.average_length,
                "most": most,
            },
        )
        return [row.trace_id for row in rows.all()]

    return found


WAYS: dict[str, Way] = {
    "postings": postings,
    "tsvector": by_sql(RANKED, most=MOST),
    "tsvector, re-scored": by_sql(RESCORED, most=200),
    "sparsevec": by_sql(SPARSE, most=MOST),
}


async def _measure(arguments: argparse.Namespace) -> None:
    recall_set = load(arguments.file, conversations=arguments.conversations)
    async with service(embedder=WordVectorEmbedder(dim=DIM)) as shared:
        told = [await tell(shared, recall_set.name, [c]) for c in recall_set.conversations]
        people = [(size, *await _made_up(shared, size)) for size in arguments.sizes]
        async with shared.database.autocommit() as connection:
            for sql in filter(str.strip, TABLES.split(";")):
                made = text(sql.replace(":", "\\:"))
                await connection.execute(made.execution_options(across_people="a bench's tables"))
            await connection.execute(text("VACUUM ANALYZE memory_posting"))
        quality: dict[str, list[float]] = {way: [] for way in WAYS}
        for conversation, user_id in zip(recall_set.conversations, told, strict=True):
            turn_of = await turns_of(shared, user_id)
            for question in tqdm(conversation.questions, desc=conversation.id, disable=None):
                asked = await _asked(shared, user_id, question.text)
                for name, way in WAYS.items():
                    found, _ = await _timed(shared, way, asked)
                    ranking = [(turn_of[i],) for i in found]
                    quality[name].append(score(ranking, question.gold).recall_at_10)
        ms = {
            size: await _milliseconds(shared, user_id, questions)
            for size, user_id, questions in people
        }
    _print(arguments, quality, ms)


async def _made_up(shared: Resources, size: int) -> tuple[UUID, list[str]]:
    """Somebody with so many traces, and what to ask them."""
    life = Life(seed=size, until=datetime.now(UTC))
    turns = life.turns(size)
    user_id = await new_person(shared)
    await remember(shared, user_id, turns)
    asked = np.random.default_rng(size).integers(size, size=ASKED_OF_A_PERSON)
    return user_id, [life.question(turns[at]) for at in asked]


async def _asked(shared: Resources, user_id: UUID, question: str) -> Asked:
    terms = set(shared.words.asked(question))
    async with shared.database.reading() as work:
        usage, known = await asked_terms(WordIndex(work.session), user_id, terms)
    return Asked(user_id, question, known, usage)


async def _timed(shared: Resources, way: Way, asked: Asked) -> tuple[list[UUID], float]:
    if not asked.terms:
        return [], 0.0
    async with shared.database.reading() as work:
        await work.session.execute(text("SELECT 1"))
        began = time.perf_counter()
        found = await way(work.session, asked)
        return found, (time.perf_counter() - began) * 1_000


async def _milliseconds(
    shared: Resources, user_id: UUID, questions: Sequence[str]
) -> dict[str, list[float]]:
    """Every way in turn for each question, so that all of them meet the same noise."""
    laps: dict[str, list[float]] = {way: [] for way in WAYS}
    for question in questions:
        asked = await _asked(shared, user_id, question)
        for name, way in WAYS.items():
            laps[name].append((await _timed(shared, way, asked))[1])
    return laps


def _print(
    arguments: argparse.Namespace,
    quality: dict[str, list[float]],
    ms: dict[int, dict[str, list[float]]],
) -> None:
    rows = {
        way: {
            "recall_at_10": float(np.mean(quality[way])),
            **{str(size): percentiles(laps[way]).p50 for size, laps in ms.items()},
        }
        for way in WAYS
    }
    if arguments.json:
        print(json_line({"bench": "lexical", "ways": rows}))
        return
    print(f"{'':22} recall@10" + "".join(f"{size:>12,} traces" for size in ms))
    for way, row in rows.items():
        times = "".join(f"{row[str(size)]:>16.2f} ms" for size in ms)
        print(f"{way:22} {row['recall_at_10']:9.3f}{times}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("file", type=Path, help="a recall set")
    parser.add_argument("--sizes", type=_numbers, default=[10_000, 100_000])
    parser.add_argument("--conversations", type=int, metavar="N", help="only the first N")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    asyncio.run(_measure(parser.parse_args()))
    return 0


def _numbers(csv: str) -> list[int]:
    return [int(part) for part in csv.split(",")]


if __name__ == "__main__":
    sys.exit(main())
