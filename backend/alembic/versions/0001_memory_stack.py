"""The memory stack: people, traces, embeddings, edges, words, tombstones.

The vector column is ``halfvec`` where pgvector has it (0.7 and later) and ``vector`` elsewhere. Its
index lives on monthly leaf partitions, which the service makes ahead; here is only the default one.
"""

from sqlalchemy import Connection, text

from alembic import op
from app.settings import Settings

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PEOPLE = """
CREATE TABLE app_user (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    password_hash text NOT NULL,
    timezone text NOT NULL,
    is_admin boolean NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX ix_app_user_email ON app_user (lower(email));

CREATE TABLE app_setting (
    key text PRIMARY KEY,
    value jsonb NOT NULL
);

CREATE TABLE memory_usage (
    user_id uuid PRIMARY KEY REFERENCES app_user (id) ON DELETE CASCADE,
    generation bigint NOT NULL DEFAULT 0,
    traces bigint NOT NULL DEFAULT 0,
    terms bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
"""

TRACES = """
CREATE TABLE memory_trace (
    user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    content text NOT NULL,
    role text NOT NULL,
    created_at timestamptz NOT NULL,
    salience real NOT NULL CHECK (salience BETWEEN 0 AND 1),
    source jsonb NOT NULL,
    meta jsonb NOT NULL,
    access_count integer NOT NULL DEFAULT 0,
    last_accessed_at timestamptz,
    pinned boolean NOT NULL DEFAULT false,
    faded_at timestamptz,
    content_hash bytea NOT NULL,
    term_count integer NOT NULL,
    states_preference boolean NOT NULL,
    wording bigint NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, id, created_at)
) WITH (fillfactor = 90);
CREATE INDEX ix_memory_trace_created ON memory_trace (user_id, created_at);
CREATE INDEX ix_memory_trace_salience ON memory_trace (user_id, salience);
CREATE INDEX ix_memory_trace_meta ON memory_trace USING gin (meta jsonb_path_ops);
CREATE INDEX ix_memory_trace_conversation
    ON memory_trace (user_id, (source ->> 'conversation_id'), created_at, id)
    WHERE source ? 'conversation_id';
CREATE UNIQUE INDEX ix_memory_trace_source
    ON memory_trace (user_id, (source ->> 'type'), (source ->> 'id'))
    WHERE source ? 'id';

CREATE TABLE memory_embedding (
    user_id uuid NOT NULL,
    trace_id uuid NOT NULL,
    head text NOT NULL CHECK (head IN ('semantic', 'entity', 'situation')),
    chunk smallint NOT NULL,
    vec {vector_type}({dim}) NOT NULL,
    created_at timestamptz NOT NULL,
    model text NOT NULL,
    PRIMARY KEY (user_id, trace_id, head, chunk, created_at),
    FOREIGN KEY (user_id, trace_id, created_at)
        REFERENCES memory_trace (user_id, id, created_at) ON DELETE CASCADE
) PARTITION BY RANGE (created_at);
CREATE TABLE memory_embedding_default PARTITION OF memory_embedding DEFAULT;

CREATE TABLE memory_edge (
    user_id uuid NOT NULL,
    src uuid NOT NULL,
    dst uuid NOT NULL,
    type text NOT NULL,
    weight real NOT NULL,
    ts timestamptz NOT NULL,
    valid_from timestamptz,
    valid_to timestamptz,
    PRIMARY KEY (user_id, src, dst, type),
    FOREIGN KEY (user_id, src) REFERENCES memory_trace (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, dst) REFERENCES memory_trace (user_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_memory_edge_dst ON memory_edge (user_id, dst, type);

CREATE TABLE pending_embedding (
    user_id uuid NOT NULL,
    trace_id uuid NOT NULL,
    head text NOT NULL,
    requested_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    attempts smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, trace_id, head),
    FOREIGN KEY (user_id, trace_id) REFERENCES memory_trace (user_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_pending_embedding_due ON pending_embedding (due_at);

CREATE TABLE idempotency_key (
    user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    trace_ids uuid[] NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX ix_idempotency_key_created ON idempotency_key (created_at);

CREATE TABLE memory_tombstone (
    user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    scope text NOT NULL,
    target jsonb NOT NULL,
    forgotten_by uuid NOT NULL,
    forgotten_at timestamptz NOT NULL,
    counts jsonb NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX ix_memory_tombstone_target ON memory_tombstone USING gin (target jsonb_path_ops);
"""

# A word's postings are read by one range scan of the primary key, which carries all that BM25 needs.
WORDS = """
CREATE TABLE memory_term (
    user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    term text NOT NULL,
    traces integer NOT NULL,
    PRIMARY KEY (user_id, term)
) WITH (fillfactor = 70);

CREATE TABLE memory_posting (
    user_id uuid NOT NULL,
    term text NOT NULL,
    trace_id uuid NOT NULL,
    positions smallint[] NOT NULL,
    frequency smallint NOT NULL,
    length integer NOT NULL,
    PRIMARY KEY (user_id, term, trace_id) INCLUDE (frequency, length),
    FOREIGN KEY (user_id, trace_id) REFERENCES memory_trace (user_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_memory_posting_trace ON memory_posting (user_id, trace_id);
"""

# ANALYZE would copy words of people's memories into pg_statistic, where forgetting does not reach.
NO_STATISTICS = """
ALTER TABLE memory_trace ALTER content SET STATISTICS 0;
ALTER TABLE memory_trace ALTER source SET STATISTICS 0;
ALTER TABLE memory_trace ALTER meta SET STATISTICS 0;
ALTER INDEX ix_memory_trace_conversation ALTER COLUMN 2 SET STATISTICS 0;
ALTER INDEX ix_memory_trace_source ALTER COLUMN 2 SET STATISTICS 0;
ALTER INDEX ix_memory_trace_source ALTER COLUMN 3 SET STATISTICS 0;
ALTER TABLE memory_term ALTER term SET STATISTICS 0;
ALTER TABLE memory_posting ALTER term SET STATISTICS 0;
"""

TABLES = (
    "memory_posting",
    "memory_term",
    "memory_tombstone",
    "idempotency_key",
    "pending_embedding",
    "memory_edge",
    "memory_embedding",
    "memory_trace",
    "memory_usage",
    "app_setting",
    "app_user",
)


def vector_type(connection: Connection, precision: str) -> str:
    """``halfvec`` where it exists and is wanted, else ``vector``. Looks first: DDL that fails would
    abort the transaction."""
    found = connection.scalar(text("SELECT to_regtype('halfvec') IS NOT NULL"))
    return "halfvec" if found and precision == "fp16" else "vector"


def upgrade() -> None:
    settings = Settings()
    op.execute("CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public")
    chosen = vector_type(op.get_bind(), settings.embedding_precision)
    op.execute(PEOPLE)
    op.execute(TRACES.format(vector_type=chosen, dim=settings.embedding_dim))
    op.execute(WORDS)
    op.execute(NO_STATISTICS)


def downgrade() -> None:
    """The ``vector`` extension stays: others in the same database may be using it."""
    for table in TABLES:
        op.execute(f"DROP TABLE {table} CASCADE")
