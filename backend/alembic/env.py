"""Runs the migrations inside the ``sara_memory`` schema, one process at a time, and spreads what
they made over the workers where DATABASE_DISTRIBUTED says so.

The URL comes from ``Config.attributes["database_url"]`` when the service migrates, and from
``DATABASE_URL`` when a person calls ``alembic -c backend/alembic.ini upgrade head``.
"""

from sqlalchemy import Connection, text
from tenacity import Retrying, retry_if_result, wait_fixed

from alembic import context
from app.errors import StartupError
from app.settings import Settings
from app.storage.database import SCHEMA, sync_engine
from app.storage.distribution import distribute, require_citus

MIGRATION_LOCK = 5_747_101


def database_url() -> str:
    url: str | None = context.config.attributes.get("database_url")
    if url is None and (secret := Settings().database_url) is not None:
        url = secret.get_secret_value()
    if url is None:
        raise StartupError(
            "Set DATABASE_URL to the database to migrate (`make run` migrates its own)."
        )
    return url


def run() -> None:
    engine = sync_engine(database_url())
    try:
        with engine.connect() as connection:
            _wait_turn(connection)
            is_distributed = Settings().database_distributed
            if is_distributed:
                require_citus(connection)
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            connection.commit()
            context.configure(
                connection=connection,
                version_table_schema=SCHEMA,
                transaction_per_migration=True,  # an index of a large table is built outside of any
            )
            with context.begin_transaction():
                context.run_migrations()
            if is_distributed:
                distribute(connection)
                connection.commit()
    finally:
        engine.dispose()


def _wait_turn(connection: Connection) -> None:
    """Until no other process migrates. The lock is the session's, so it lasts as long as what that makes,
    also an index that is still being built after its process was killed. Whoever waits asks again and
    again: to build an index concurrently is to wait for every transaction that is open."""

    def is_ours() -> bool:
        found = connection.scalar(text(f"SELECT pg_try_advisory_lock({MIGRATION_LOCK})"))
        connection.commit()
        return bool(found)

    Retrying(retry=retry_if_result(lambda ours: not ours), wait=wait_fixed(0.2))(is_ours)
    connection.execute(text("SET statement_timeout = 0"))  # an index may take longer
    connection.commit()


if context.is_offline_mode():
    raise StartupError(
        "Offline SQL is not supported: the first migration looks at the server's pgvector."
    )
run()
