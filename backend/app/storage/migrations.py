"""Brings a database to a revision of the schema, from code instead of the command line."""

from pathlib import Path

from alembic.config import Config
from sqlalchemy.exc import ArgumentError, OperationalError

from alembic import command
from app.errors import StartupError

ALEMBIC_INI = Path(__file__).parents[2] / "alembic.ini"


def migrate(database_url: str, revision: str = "head") -> None:
    """Upgrade to ``revision``; nothing happens when the database is there already.

    Raises:
        StartupError: the URL is none, or no database answers at it.
    """
    try:
        command.upgrade(_config(database_url), revision)
    except ArgumentError as error:
        raise StartupError(
            "DATABASE_URL is not the URL of a database, such as "
            "postgresql+psycopg://user:password@host:5432/name."
        ) from error
    except OperationalError as error:
        raise StartupError(f"The database cannot be migrated: {_first_line(error)}") from error


def downgrade(database_url: str, revision: str) -> None:
    """Go back to ``revision`` (``base`` is the empty database), losing what later ones hold."""
    command.downgrade(_config(database_url), revision)


def _config(database_url: str) -> Config:
    config = Config(ALEMBIC_INI)
    config.attributes["database_url"] = database_url
    return config


def _first_line(error: OperationalError) -> str:
    """What the server or the network said; never the statement, which may hold a password."""
    return (str(error.orig).strip().splitlines() or ["it does not answer"])[0]
