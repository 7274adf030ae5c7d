"""What of a trace outlives its pruning, and no word of it: enough to have it forgotten all the same."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# ``made`` are ids of traces that may be gone or made anew at any time, so no foreign key holds them.
# What a source is called may be somebody's words: ANALYZE would copy them to where no forgetting reaches.
PRUNED = """
CREATE TABLE pruned_trace (
    user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    source jsonb NOT NULL,
    pruned_at timestamptz NOT NULL,
    made uuid[] NOT NULL,
    PRIMARY KEY (user_id, id)
);
ALTER TABLE pruned_trace ALTER source SET STATISTICS 0;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute(PRUNED)


def downgrade() -> None:
    """What was pruned is gone in any case."""
    op.execute("DROP TABLE pruned_trace")
