"""Settings that change while the service runs: replicas see by the version that there is a newer one."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute(
        "ALTER TABLE app_setting ADD version bigint NOT NULL DEFAULT 1, ADD updated_at timestamptz"
    )


def downgrade() -> None:
    op.execute("DELETE FROM app_setting WHERE key = 'ai'")
    op.execute("ALTER TABLE app_setting DROP version, DROP updated_at")
