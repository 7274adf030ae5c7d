"""Notes, what ties them to each other, and what somebody has said of a suggested tie."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# A title is found by its key, in whatever case it was written. The trace may be forgotten while the
# note stays.
NOTES = """
CREATE TABLE note (
    user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    title text NOT NULL,
    title_key text NOT NULL,
    content text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    trace_id uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, trace_id) REFERENCES memory_trace (user_id, id) ON DELETE SET NULL (trace_id)
) WITH (fillfactor = 80);
CREATE INDEX ix_note_updated ON note (user_id, updated_at, id);
CREATE INDEX ix_note_title ON note (user_id, title_key);
CREATE INDEX ix_note_trace ON note (user_id, trace_id);

CREATE TABLE note_link (
    user_id uuid NOT NULL,
    note_id uuid NOT NULL,
    title_key text NOT NULL,
    PRIMARY KEY (user_id, note_id, title_key),
    FOREIGN KEY (user_id, note_id) REFERENCES note (user_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_note_link_title ON note_link (user_id, title_key);
"""

# Two notes may refer to each other; in all else a connection has no direction.
CONNECTIONS = """
CREATE TABLE note_connection (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    source_note_id uuid NOT NULL,
    target_note_id uuid NOT NULL,
    connection_type text NOT NULL CHECK (connection_type IN ('reference', 'semantic', 'temporal')),
    strength smallint NOT NULL CHECK (strength BETWEEN 0 AND 100),
    origin text NOT NULL CHECK (origin IN ('person', 'link', 'suggestion')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, source_note_id, target_note_id, connection_type),
    CHECK (source_note_id <> target_note_id),
    FOREIGN KEY (user_id, source_note_id) REFERENCES note (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, target_note_id) REFERENCES note (user_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_note_connection_target ON note_connection (user_id, target_note_id);
CREATE UNIQUE INDEX ix_note_connection_pair ON note_connection (
    user_id, connection_type,
    least(source_note_id, target_note_id), greatest(source_note_id, target_note_id)
) WHERE connection_type <> 'reference';

CREATE TABLE note_suggestion (
    user_id uuid NOT NULL,
    note_id uuid NOT NULL,
    other_id uuid NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('accepted', 'dismissed')),
    judged_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, note_id, other_id),
    CHECK (note_id < other_id),
    FOREIGN KEY (user_id, note_id) REFERENCES note (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, other_id) REFERENCES note (user_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_note_suggestion_other ON note_suggestion (user_id, other_id);
"""

# ANALYZE would copy words of people's notes into pg_statistic, where forgetting does not reach.
NO_STATISTICS = """
ALTER TABLE note ALTER title SET STATISTICS 0, ALTER title_key SET STATISTICS 0,
    ALTER content SET STATISTICS 0;
ALTER TABLE note_link ALTER title_key SET STATISTICS 0;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute(NOTES)
    op.execute(CONNECTIONS)
    op.execute(NO_STATISTICS)


def downgrade() -> None:
    """The traces of notes stay: they are traces like others."""
    op.execute("DROP TABLE note_suggestion, note_connection, note_link, note")
