"""Which sketches were written since when: a process that holds the others reads only these."""

from sqlalchemy import text

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# A statement that writes begins under the person's write lock, so that the moments are in the order of
# the writes, also of those of the version before. What is there was written before any of them, and no
# row is written anew.
ADDED = "ALTER TABLE memory_sketch ADD COLUMN written_at timestamptz NOT NULL DEFAULT 'epoch'"
NOW = "ALTER TABLE memory_sketch ALTER COLUMN written_at SET DEFAULT statement_timestamp()"
IS_THERE = """
SELECT EXISTS (
    SELECT FROM pg_attribute WHERE attrelid = 'memory_sketch'::regclass AND attname = 'written_at'
)
"""


def upgrade() -> None:
    """The index is built while others go on writing. What an interrupted building left goes first."""
    op.execute("SET LOCAL lock_timeout = '10s'")
    if not op.get_bind().scalar(text(IS_THERE)):  # after an interruption: no lock for nothing
        op.execute(ADDED)
        op.execute(NOW)
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_memory_sketch_written")
        op.execute(
            "CREATE INDEX CONCURRENTLY ix_memory_sketch_written"
            " ON memory_sketch (user_id, head, written_at)"
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("ALTER TABLE memory_sketch DROP COLUMN written_at")
