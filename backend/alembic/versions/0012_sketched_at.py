"""Which sketches were written since when: a process that holds the others reads only these."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Both under the person's write lock, and later than at their write before, so that the moments are in the
# order of the commits. What is there already was written before any of them, and no row is written anew.
SKETCHED_AT = """
ALTER TABLE memory_usage ADD COLUMN sketched_at timestamptz NOT NULL DEFAULT 'epoch';
ALTER TABLE memory_sketch ADD COLUMN written_at timestamptz NOT NULL DEFAULT 'epoch';
CREATE INDEX ix_memory_sketch_written ON memory_sketch (user_id, written_at);
ANALYZE memory_sketch (written_at);
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute(SKETCHED_AT)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("ALTER TABLE memory_sketch DROP COLUMN written_at")
    op.execute("ALTER TABLE memory_usage DROP COLUMN sketched_at")
