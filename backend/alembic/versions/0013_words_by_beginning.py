"""Words by how they begin, whatever the collation of the database: looked up with every letter typed."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Built while others go on writing. What an interrupted building left goes first."""
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_memory_term_beginning")
        op.execute(
            "CREATE INDEX CONCURRENTLY ix_memory_term_beginning"
            " ON memory_term (user_id, term text_pattern_ops)"
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute("DROP INDEX ix_memory_term_beginning")
