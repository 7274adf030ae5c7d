"""Runs the migrations inside the ``sara_memory`` schema, one process at a time, and spreads what
they made over the workers where DATABASE_DISTRIBUTED says so.

The URL comes from ``Config.attributes["database_url"]`` when the service migrates, and from
``DATABASE_URL`` when a person calls ``alembic -c backend/alembic.ini upgrade head``.
"""

from sqlalchemy import text

from alembic import context
from app.errors import StartupError
from app.settings import Settings
from app.storage.database import SCHEMA, sync_engine
from app.storage.distribution import distribute

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
        with engine.begin() as connection:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            context.configure(connection=connection, version_table_schema=SCHEMA)
            with context.begin_transaction():
                context.run_migrations()
            if Settings().database_distributed:
                distribute(connection)
    finally:
        engine.dispose()


if context.is_offline_mode():
    raise StartupError(
        "Offline SQL is not supported: the first migration looks at the server's pgvector."
    )
run()
