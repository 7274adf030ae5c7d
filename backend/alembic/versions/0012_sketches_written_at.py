"""Which sketches were written since when: a process that holds the others reads only these."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# A statement that writes begins under the person's write lock, so that the moments are in the order of
# the writes, also of those of the version before. What is there was written before any of them, and no
# row is written anew.
WRITTEN_AT = """
ALTER TABLE memory_sketch ADD COLUMN IF NOT EXISTS written_at timestamptz NOT NULL DEFAULT 'epoch';
ALTER TABLE memory_sketch ALTER COLUMN written_at SET DEFAULT statement_timestamp();
"""


def upgrade() -> None:
    """The index is built while others go on writing. What an interrupted building left goes first."""
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute(WRITTEN_AT)
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_memory_sketch_written")
        op.execute(
            "CREATE INDEX CONCURRENTLY ix_memory_sketch_written ON memory_sketch (user_id, written_at)"
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("ALTER TABLE memory_sketch DROP COLUMN written_at")
