"""Looking into a database past the service."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, text

from app.settings import Settings
from app.storage.database import sync_engine


def database_url(settings: Settings) -> str:
    """The URL that the settings carry as a secret."""
    assert settings.database_url is not None
    return settings.database_url.get_secret_value()


@contextmanager
def looking_into(settings: Settings) -> Iterator[Connection]:
    """A connection that commits when the block ends well."""
    engine = sync_engine(database_url(settings))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def scalar(settings: Settings, sql: str, **parameters: Any) -> Any:
    """The one value that a statement gives."""
    with looking_into(settings) as connection:
        return connection.scalar(text(sql), parameters)
