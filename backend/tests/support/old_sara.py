"""Databases as an existing Sara has them, of both lineages, with everything odd that they hold."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, create_engine, make_url, text

# What bcrypt makes of the password of support.people.
BCRYPT = "$2b$04$TRRZVlcUZ2N794h8C8HJy.NKKdOmSPOK3tsx7zOcCejVt.GrVQXHK"
ANA, RUI, EVA = "user-ana", "5b0e0f62-3c53-4a5e-9d59-6b8f6f3fb001", "user-eva"
TALK = "conversation-1"

LINEAGE_B = """
CREATE EXTENSION IF NOT EXISTS vector;
CREATE TABLE app_user (
    id varchar PRIMARY KEY, email varchar UNIQUE NOT NULL, password_hash varchar NOT NULL,
    created_at timestamptz DEFAULT now()
);
CREATE TABLE episodes (
    id varchar PRIMARY KEY, user_id varchar NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    source varchar, role varchar NOT NULL, content text NOT NULL, meta jsonb,
    importance double precision DEFAULT 0.0, created_at timestamptz DEFAULT now()
);
CREATE TABLE memory_vector (
    id varchar PRIMARY KEY, episode_id varchar REFERENCES episodes (id) ON DELETE CASCADE,
    chunk_index integer, text text, embedding vector(1024)
);
CREATE TABLE note (
    id uuid PRIMARY KEY, user_id varchar NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    title varchar DEFAULT '', content text NOT NULL, created_at timestamptz, updated_at timestamptz
);
CREATE TABLE note_connection (
    id uuid PRIMARY KEY, source_note_id uuid, target_note_id uuid, connection_type varchar,
    strength double precision, auto_generated boolean, created_at timestamptz
);
"""


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """Into the old database, as its own application would be; commits when the block ends well."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def fill(url: str, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, which may leave columns out."""
    with connected(url) as connection:
        for row in rows:
            columns, values = ", ".join(row), ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), row)


def digest_of(url: str, tables: Sequence[str]) -> list[str]:
    """Everything in these tables, to see whether it changed."""
    with connected(url) as connection:
        return [
            str(
                connection.scalar(
                    text(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {n} t")
                )
            )
            for n in tables
        ]


def make(url: str, ddl: str) -> None:
    """The tables of a lineage."""
    with connected(url) as connection:
        for statement in filter(str.strip, ddl.split(";")):
            connection.execute(text(statement))
