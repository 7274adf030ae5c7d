"""What makes recall quick for people with much to remember.

Each trace carries the codes of its terms, in order: ranking reads its words in one probe of its row
instead of one probe of the word index a term. Each vector has a sketch of 1,024 bits in a narrow table,
in which the nearest are looked for. Edges are indexed in the order in which a walk takes them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, text

from alembic import op
from app.language.term_codes import packed, term_codes
from app.language.words import Words
from app.settings import Settings
from app.storage.database import statement
from app.storage.sketches import sketches

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SKETCHES = """
CREATE TABLE memory_sketch (
    user_id uuid NOT NULL,
    head text NOT NULL,
    created_at timestamptz NOT NULL,
    trace_id uuid NOT NULL,
    chunk smallint NOT NULL,
    sketch bit(1024) NOT NULL,
    PRIMARY KEY (user_id, head, created_at, trace_id, chunk),
    FOREIGN KEY (user_id, trace_id) REFERENCES memory_trace (user_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_memory_sketch_trace ON memory_sketch (user_id, trace_id);
"""
# pgvector's Hamming distance is a quarter faster than PostgreSQL's own functions, and there from 0.7 on.
# An SQL function of one expression costs nothing: the planner puts the expression in its place.
DIFFERING_BITS = """
CREATE FUNCTION differing_bits(one bit, other bit) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT {expression} $$
"""

# In the order in which a walk takes the edges of a node, so that of a hub it reads only the first few.
EDGES = """
CREATE INDEX ix_memory_edge_dst_strongest ON memory_edge (user_id, dst, weight DESC, ts DESC, src);
DROP INDEX ix_memory_edge_dst;
"""
PAGE = 1_000
MOST_POSITIONS = 64
MOST_POSITION = 32_767


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("ALTER TABLE memory_trace ADD term_codes bytea")
    op.execute("ALTER TABLE memory_trace ALTER term_codes SET STATISTICS 0")
    connection, words = op.get_bind(), Words(Settings().memory_language)
    for page in _pages(connection):
        connection.execute(
            text(
                "UPDATE memory_trace SET term_codes = :codes WHERE user_id = :user_id AND id = :id"
            ),
            [
                {
                    "user_id": row.user_id,
                    "id": row.id,
                    "codes": packed(term_codes(words.terms(row.content))),
                }
                for row in page
            ],
        )
    op.execute("ALTER TABLE memory_trace ALTER term_codes SET NOT NULL")
    op.execute("ALTER TABLE memory_posting DROP positions")
    op.execute(SKETCHES)
    op.execute(DIFFERING_BITS.format(expression=_distance(connection)))
    _sketch_all(connection)
    op.execute(EDGES)


def downgrade() -> None:
    op.execute("ALTER TABLE memory_posting ADD positions smallint[] NOT NULL DEFAULT '{}'")
    op.execute("ALTER TABLE memory_posting ALTER positions DROP DEFAULT")
    connection, words = op.get_bind(), Words(Settings().memory_language)
    for page in _pages(connection):
        rows = [
            {"user_id": row.user_id, "trace_id": row.id, "term": term, "positions": positions}
            for row in page
            for term, positions in _positions(words.terms(row.content)).items()
        ]
        if rows:
            connection.execute(
                text(
                    "UPDATE memory_posting SET positions = :positions"
                    " WHERE user_id = :user_id AND trace_id = :trace_id AND term = :term"
                ),
                rows,
            )
    op.execute("ALTER TABLE memory_trace DROP term_codes")
    op.execute("DROP TABLE memory_sketch")
    op.execute("DROP FUNCTION differing_bits")
    op.execute("CREATE INDEX ix_memory_edge_dst ON memory_edge (user_id, dst, type)")
    op.execute("DROP INDEX ix_memory_edge_dst_strongest")


def _pages(connection: Connection) -> Iterator[Sequence[Row[Any]]]:
    """Every trace that has words, a page at a time, in the order of the primary key."""
    after = {
        "user_id": "00000000-0000-0000-0000-000000000000",
        "id": "00000000-0000-0000-0000-000000000000",
    }
    while True:
        page = connection.execute(
            text(
                "SELECT user_id, id, content FROM memory_trace WHERE (user_id, id) >"
                " (CAST(:user_id AS uuid), CAST(:id AS uuid)) ORDER BY user_id, id LIMIT :page"
            ),
            {**after, "page": PAGE},
        ).all()
        if not page:
            return
        yield page
        after = {"user_id": page[-1].user_id, "id": page[-1].id}


def _sketch_all(connection: Connection) -> None:
    """Sketch every stored vector, a page at a time. They come as the server sends them: four bytes of
    header, then big-endian numbers."""
    kind = connection.execute(statement("vector_column")).one().type
    number = ">f2" if kind == "halfvec" else ">f4"
    rows = connection.execute(
        text(
            f"SELECT user_id, head, created_at, trace_id, chunk, {kind}_send(vec) AS vec"  # noqa: S608  one of two type names
            " FROM memory_embedding"
        ).execution_options(yield_per=PAGE)
    )
    for page in rows.partitions():
        vectors = np.stack([np.frombuffer(row.vec, number, offset=4) for row in page])
        connection.execute(
            text(
                "INSERT INTO memory_sketch (user_id, head, created_at, trace_id, chunk, sketch)"
                " VALUES (:user_id, :head, :created_at, :trace_id, :chunk, CAST(:sketch AS bit(1024)))"
            ),
            [
                {
                    "user_id": row.user_id,
                    "head": row.head,
                    "created_at": row.created_at,
                    "trace_id": row.trace_id,
                    "chunk": row.chunk,
                    "sketch": sketch.to_text(),
                }
                for row, sketch in zip(page, sketches(vectors.astype(np.float32)), strict=True)
            ],
        )


def _distance(connection: Connection) -> str:
    has_hamming = connection.scalar(text("SELECT to_regoperator('<~>(bit,bit)') IS NOT NULL"))
    return "one <~> other" if has_hamming else "CAST(bit_count(one # other) AS float8)"


def _positions(terms: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for position, term in enumerate(terms[: MOST_POSITION + 1]):
        if len(found[term]) < MOST_POSITIONS:
            found[term].append(position)
    return found
