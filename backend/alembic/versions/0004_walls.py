"""The walls: what tombstones name, API keys, and sessions that have been ended."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# A trace's id says nothing about it; it is kept so that an import does not bring the trace back.
FORGOTTEN = """
CREATE TABLE memory_forgotten (
    user_id uuid NOT NULL,
    trace_id uuid NOT NULL,
    tombstone_id uuid NOT NULL,
    PRIMARY KEY (user_id, trace_id),
    FOREIGN KEY (user_id, tombstone_id)
        REFERENCES memory_tombstone (user_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_memory_forgotten_tombstone ON memory_forgotten (user_id, tombstone_id);
CREATE INDEX ix_memory_tombstone_forgotten_at ON memory_tombstone (user_id, forgotten_at, id);

INSERT INTO memory_forgotten (user_id, trace_id, tombstone_id)
SELECT t.user_id, CAST(named.id AS uuid), t.id
FROM memory_tombstone AS t
CROSS JOIN LATERAL jsonb_array_elements_text(t.target -> 'ids') AS named (id)
ON CONFLICT (user_id, trace_id) DO NOTHING;
"""

ACCOUNTS = """
ALTER TABLE app_user ADD token_epoch integer NOT NULL DEFAULT 0;
ALTER TABLE app_user ADD recording_paused boolean NOT NULL DEFAULT false;

CREATE TABLE api_key (
    user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL,
    digest bytea NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    PRIMARY KEY (user_id, id)
);

CREATE TABLE revoked_token (
    user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX ix_revoked_token_expires ON revoked_token (expires_at);
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute(FORGOTTEN)
    op.execute(ACCOUNTS)


def downgrade() -> None:
    op.execute("DROP TABLE memory_forgotten, api_key, revoked_token")
    op.execute("DROP INDEX ix_memory_tombstone_forgotten_at")
    op.execute("ALTER TABLE app_user DROP token_epoch, DROP recording_paused")
