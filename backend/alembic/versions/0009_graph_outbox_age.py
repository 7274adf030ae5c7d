"""Since when a change of the graph waits to be told, so that an outbox that stands still is seen."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What waits already counts as noted now. A default that does not change is no rewrite."""
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("ALTER TABLE graph_outbox ADD COLUMN noted_at timestamptz NOT NULL DEFAULT now()")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("ALTER TABLE graph_outbox DROP COLUMN noted_at")
