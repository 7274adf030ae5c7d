"""An old database of lineage A, as large as it is asked for, of which six episodes in ten are repeats."""

from sqlalchemy import create_engine, make_url, text

LINEAGE_A = """
CREATE TABLE app_user (
    id varchar PRIMARY KEY, email varchar, password_hash varchar, created_at timestamp
);
CREATE TABLE episode (
    id varchar PRIMARY KEY, user_id varchar, conversation_id varchar, role varchar, content text,
    importance double precision DEFAULT 0.5, emotional_tone text, topics text, context_tags text,
    access_count integer DEFAULT 0, last_accessed timestamp, memory_type varchar, created_at timestamp,
    embedding text
);
CREATE TABLE note (
    id varchar PRIMARY KEY, user_id varchar, title varchar, content text, created_at timestamp,
    updated_at timestamp, embedding text
);
CREATE TABLE note_connection (
    id varchar PRIMARY KEY, source_note_id varchar, target_note_id varchar, connection_type varchar,
    strength integer, auto_generated varchar, created_at timestamp
);
CREATE TABLE memory_edge (id serial PRIMARY KEY, source_id varchar, target_id varchar, relation text);
"""

PEOPLE = text(
    "INSERT INTO app_user SELECT 'person-' || n, 'person' || n || '@example.com', 'none', '2025-01-01'"
    " FROM generate_series(0, 1) AS n"
)
# Of ten episodes four say something for the first time; six say again what one of those before them said,
# in a conversation of their own.
EPISODES = text(
    "INSERT INTO episode (id, user_id, conversation_id, role, content, topics, created_at)"
    " SELECT 'episode-' || n, 'person-' || said % 2, 'talk-' || n / 20,"
    " CASE WHEN said % 3 = 0 THEN 'assistant' ELSE 'user' END,"
    " 'We spoke about garden number ' || said || ' and the boats of harbour ' || said % 97,"
    " '[\"topic ' || said % 40 || '\"]',"
    " timestamp '2025-01-01' + n * (interval '1 day' * :days / :number)"
    " FROM generate_series(0, :number - 1) AS n"
    " CROSS JOIN LATERAL (SELECT CASE WHEN n % 10 < 4 THEN n / 10 * 4 + n % 10"
    " ELSE CAST(CAST(n AS bigint) * 7919 % (n / 10 * 4 + 4) AS integer) END) AS s (said)"
)


def many_episodes(url: str, number: int, *, days: int = 60) -> None:
    """Two people and ``number`` episodes over ``days`` days, in tables of their own in ``public``."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        for statement in filter(str.strip, LINEAGE_A.split(";")):
            connection.execute(text(statement))
        connection.execute(PEOPLE)
        connection.execute(EPISODES, {"number": number, "days": days})
    engine.dispose()
