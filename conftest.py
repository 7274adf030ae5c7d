"""Real servers for every test: one embedded Postgres and Valkey a session, one account a test."""

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher
from pydantic import SecretStr
from sqlalchemy import create_engine, make_url, text
from support.databases import database_url
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.people import Person

from app.embedded.servers import embedded_servers
from app.main import create_app
from app.settings import Settings
from app.storage.migrations import migrate

pytest_plugins = ["support.browser", "support.house", "support.landscape"]

# A busy machine fails no test.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

NewPerson = Callable[[], Person]
NewDatabase = Callable[[], Settings]


@pytest.fixture(scope="session", autouse=True)
def signals_as_in_a_terminal() -> Iterator[None]:
    """Whoever started the suite with nohup or in the background has some of them ignored, which our
    services would inherit."""
    ignored = [n for n in (signal.SIGINT, signal.SIGHUP) if signal.getsignal(n) == signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    if signal.SIGINT in ignored:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture(scope="session", autouse=True)
def passwords_hashed_quickly() -> Iterator[None]:
    """A thousand accounts are made, and a hash that is slow on purpose would be a sixth of all work."""
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1), BcryptHasher()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.services.passwords._passwords", quick)
        yield


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a running Postgres, still without tables, and of a running Valkey."""
    folder: Path = tmp_path_factory.mktemp("data")
    with embedded_servers(Settings(sara_data_dir=folder)) as running:
        yield running


@pytest.fixture(scope="session")
def new_database(servers: Settings) -> NewDatabase:
    """Makes empty databases on the running Postgres; what it gives are settings that name one."""
    assert servers.database_url is not None
    server_url = make_url(servers.database_url.get_secret_value())

    def create() -> Settings:
        name = f"test_{uuid4().hex}"
        engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        url = server_url.set(database=name).render_as_string(hide_password=False)
        return servers.model_copy(update={"database_url": SecretStr(url)})

    return create


@pytest.fixture(scope="session")
def settings(new_database: NewDatabase) -> Settings:
    """Settings of a migrated database and a working memory, both real and both empty."""
    fresh = new_database()
    migrate(database_url(fresh))
    return fresh


@pytest.fixture(scope="session")
def service(settings: Settings) -> Iterator[str]:
    """The service with a deterministic embedder: its base URL."""
    with serving(create_app(settings, embedder=HashingEmbedder())) as url:
        yield url


@pytest.fixture(scope="session")
def real_service(new_database: NewDatabase) -> Iterator[str]:
    """The service with the packaged model, on a database of its own: its base URL."""
    fresh = new_database()
    migrate(database_url(fresh))
    with serving(create_app(fresh)) as url:
        yield url


@pytest.fixture
def new_person(service: str) -> Iterator[NewPerson]:
    """Makes people, each with an empty memory."""
    people: list[Person] = []

    def sign_up() -> Person:
        people.append(Person(service))
        return people[-1]

    yield sign_up
    for person in people:
        person.close()


@pytest.fixture
def person(new_person: NewPerson) -> Person:
    """Somebody with an empty memory."""
    return new_person()


@pytest.fixture
def refused() -> str:
    """The address of a graph database at which nobody listens."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return f"bolt://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio alone."""
    return "asyncio"
