"""Services on one database whose models are chosen while they run, and stand-ins for these."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from app.main import create_app
from app.settings import Settings
from app.storage.migrations import migrate
from support.chat_endpoint import ChatEndpoint
from support.databases import database_url
from support.embedders import HashingEmbedder
from support.embedding_endpoint import EmbeddingEndpoint
from support.http_server import serving
from support.people import Person


class Landscape:
    """Services on one database, and stand-ins for models."""

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        self.settings = settings
        self._stack = stack

    def endpoint(self, stand_in: EmbeddingEndpoint | ChatEndpoint) -> str:
        """The address of a model."""
        return f"{self._stack.enter_context(serving(stand_in.app))}/v1"

    def service(self, *, hashing: bool = True, **changes: Any) -> str:
        """One more replica."""
        settings = self.settings.model_copy(update=changes)
        embedder = HashingEmbedder() if hashing else None
        return self._stack.enter_context(serving(create_app(settings, embedder=embedder)))

    def admin(self, url: str) -> Person:
        """Who signed up first."""
        return self._stack.enter_context(closing(Person(url)))

    def elsewhere(self, person: Person, url: str) -> Person:
        """The same person at another replica."""
        other = self._stack.enter_context(closing(Person(url)))
        other.headers["Authorization"] = person.headers["Authorization"]
        return other


@pytest.fixture
def landscape(new_database: Callable[[], Settings]) -> Iterator[Landscape]:
    """Nobody has signed up yet."""
    fresh = new_database()
    migrate(database_url(fresh))
    with ExitStack() as stack:
        yield Landscape(fresh, stack)


def put(person: Person, **wanted: Any) -> dict[str, Any]:
    """Change settings; the answer, which must be a success."""
    answer = person.put("/settings/ai", json=wanted)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def trials(person: Person) -> dict[str, Any]:
    """How calling the models went."""
    answer = person.post("/settings/ai/test")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
