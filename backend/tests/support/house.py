"""A database and a service for one test file, where whoever signs up first administers."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from app.main import create_app
from app.settings import Settings
from app.storage.migrations import migrate
from support.databases import database_url
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.people import Person


@pytest.fixture(scope="module")
def house(new_database: Callable[[], Settings]) -> Settings:
    """Settings of a migrated database of its own."""
    fresh = new_database()
    migrate(database_url(fresh))
    return fresh


@pytest.fixture(scope="module")
def url(house: Settings) -> Iterator[str]:
    """The service on it, with a deterministic embedder."""
    with serving(create_app(house, embedder=HashingEmbedder())) as url:
        yield url


@pytest.fixture(scope="module")
def admin(url: str) -> Iterator[Person]:
    """Who signs up first administers."""
    with closing(Person(url)) as person:
        yield person
