"""Which accounts were closed, by a digest alone: a backup from before must not bring them back."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# The SHA-256 of an id that was random tells nothing, until a backup is there to compare it with.
CLOSED = """
CREATE TABLE closed_account (
    digest bytea PRIMARY KEY,
    closed_at timestamptz NOT NULL
);
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute(CLOSED)


def downgrade() -> None:
    op.execute("DROP TABLE closed_account")
