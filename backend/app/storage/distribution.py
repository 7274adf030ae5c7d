"""Spreads the tables over the workers of Citus: people's by ``user_id``, all together; shared ones whole.

Run after the migrations: what they add is spread as well, and what is spread already is left alone.
"""

from sqlalchemy import Connection, text

from app.errors import StartupError
from app.storage.database import SCHEMA, statement

LEADER = "memory_usage"  # the table that the others lie together with: one row a person


def require_citus(connection: Connection) -> None:
    """Before anything is made.

    Raises:
        StartupError: this database has none.
    """
    if connection.scalar(text("SELECT to_regproc('create_distributed_table') IS NULL")):
        raise StartupError(
            "DATABASE_DISTRIBUTED is set and this database has no Citus: run CREATE EXTENSION citus "
            "on the coordinator and add its workers, or unset DATABASE_DISTRIBUTED."
        )


def distribute(connection: Connection) -> list[str]:
    """Distribute every table that is not yet; their names in the order taken."""
    # Foreign keys to tables that are on every node want one connection a worker.
    connection.execute(text("SET LOCAL citus.multi_shard_modify_mode = 'sequential'"))
    found = connection.execute(statement("undistributed"), {"schema": SCHEMA}).all()
    tables = sorted(found, key=lambda table: (table.is_peoples, table.name != LEADER))
    for table in tables:
        _take(connection, table.name, is_peoples=table.is_peoples)
    return [table.name for table in tables]


def _take(connection: Connection, name: str, *, is_peoples: bool) -> None:
    if not is_peoples:
        connection.execute(text("SELECT create_reference_table(:name)"), {"name": name})
        return
    together = "default" if name == LEADER else LEADER
    connection.execute(
        text("SELECT create_distributed_table(:name, 'user_id', colocate_with => :together)"),
        {"name": name, "together": together},
    )
