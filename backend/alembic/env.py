"""Runs the migrations inside the ``sara_memory`` schema, one process at a time, and spreads what
they made over the workers where DATABASE_DISTRIBUTED says so.

The URL comes from ``Config.attributes["database_url"]`` when the service migrates, and from
``DATABASE_URL`` when a person calls ``alembic -c backend/alembic.ini upgrade head``.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text
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
        with _alone(engine), engine.connect() as connection:
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


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """While no other process migrates. Whoever waits asks again and again: to build an index concurrently
    is to wait for every statement that has begun, and so for one that waits for a lock."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
        lock = text(f"SELECT pg_try_advisory_lock({MIGRATION_LOCK})")
        waiting = Retrying(retry=retry_if_result(lambda is_ours: not is_ours), wait=wait_fixed(0.2))
        waiting(guard.scalar, lock)
        yield  # the lock goes with the connection


if context.is_offline_mode():
    raise StartupError(
        "Offline SQL is not supported: the first migration looks at the server's pgvector."
    )
run()
