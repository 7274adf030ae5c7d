"""When a row was written, beside when it happened: what comes in after a forgetting is known as such.
And when a trace was put right: its source, sending it again, is not in conflict with that."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# By the clock of the database and under the person's write lock, so that they are in the order of the
# writes. What is there already was there before any forgetting to come, and no row is written anew.
STORED_AT = """
ALTER TABLE {table} ADD COLUMN stored_at timestamptz NOT NULL DEFAULT 'epoch';
ALTER TABLE {table} ALTER COLUMN stored_at SET DEFAULT clock_timestamp();
"""
TABLES = ("memory_trace", "memory_tombstone")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    for table in TABLES:
        op.execute(STORED_AT.format(table=table))
    op.execute("ALTER TABLE memory_trace ADD COLUMN corrected_at timestamptz")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN stored_at")
    op.execute("ALTER TABLE memory_trace DROP COLUMN corrected_at")
