"""The migrations: from nothing and back, on today's pgvector and on one without halfvec."""

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import NewDatabase
from pydantic import SecretStr
from sqlalchemy import text
from support.databases import database_url, looking_into, scalar
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.people import PASSWORD, Person

from app.errors import StartupError
from app.main import create_app
from app.settings import Settings
from app.storage.database import Database
from app.storage.migrations import downgrade, migrate

TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'sara_memory'"
BEFORE_THE_DREAM = "0002"
BEFORE_CLOSED_ACCOUNTS = "0007"
ONE_TRACE = """
    INSERT INTO memory_trace (user_id, id, content, role, created_at, salience, source, meta,
        content_hash, term_count, states_preference, wording, term_codes)
    VALUES (CAST(:id AS uuid), gen_random_uuid(), '', 'user', :at, 0.5, '{}', '{}', '', 0, false, 0, '')
"""


def test_up_and_down_and_up_again(new_database: NewDatabase) -> None:
    fresh = new_database()
    migrate(database_url(fresh))
    assert scalar(fresh, TABLES) > 10
    downgrade(database_url(fresh), "base")
    assert scalar(fresh, TABLES) == 1, "only Alembic's own table is left"
    migrate(database_url(fresh))
    migrate(database_url(fresh))
    assert scalar(fresh, TABLES) > 10


def test_every_day_that_was_told_before_waits_for_its_dream(new_database: NewDatabase) -> None:
    fresh = new_database()
    migrate(database_url(fresh), BEFORE_THE_DREAM)
    with looking_into(fresh) as connection:
        for number, zone in enumerate(("America/New_York", "Mars/Olympus")):
            connection.execute(
                text(
                    "INSERT INTO app_user VALUES (CAST(:id AS uuid), :id, '', :zone, false, now())"
                ),
                {"id": f"{number:032x}", "zone": zone},
            )
            for hour in (1, 2, 15):
                connection.execute(
                    text(ONE_TRACE),
                    {"id": f"{number:032x}", "at": datetime(2026, 6, 2, hour, tzinfo=UTC)},
                )
    migrate(database_url(fresh))
    runs = "SELECT user_id, day, due_at FROM consolidation_run ORDER BY user_id, day"
    with looking_into(fresh) as connection:
        found = [
            (int(row.user_id), str(row.day), row.due_at) for row in connection.execute(text(runs))
        ]
    assert found == [
        (0, "2026-06-01", datetime(2026, 6, 2, 6, tzinfo=UTC)),
        (0, "2026-06-02", datetime(2026, 6, 3, 6, tzinfo=UTC)),
        (1, "2026-06-02", datetime(2026, 6, 3, 2, tzinfo=UTC)),
    ], "and a zone that the server does not know counts as UTC"
    downgrade(database_url(fresh), BEFORE_THE_DREAM)
    assert scalar(fresh, "SELECT count(*) FROM memory_trace") == 6
    migrate(database_url(fresh))
    assert scalar(fresh, "SELECT count(*) FROM consolidation_run") == 3


def test_tables_of_an_existing_sara_are_left_alone(new_database: NewDatabase) -> None:
    shared = new_database()
    with looking_into(shared) as connection:
        connection.execute(text("CREATE TABLE public.app_user (id varchar, old boolean)"))
        connection.execute(text("INSERT INTO public.app_user VALUES ('u1', true)"))
    migrate(database_url(shared))
    downgrade(database_url(shared), "base")
    assert scalar(shared, "SELECT count(*) FROM public.app_user WHERE old") == 1


def test_the_vector_column_is_half_precision(settings: Settings) -> None:
    column = (
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attname = 'vec' AND attrelid = 'memory_embedding'::regclass"
    )
    assert scalar(settings, column) == "halfvec(768)"


@pytest.fixture(scope="module")
def old_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """PostgreSQL 16.2 with pgvector 0.6.2, which knows neither halfvec nor iterative scans."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs finds no XDG_RUNTIME_DIR
        import pgserver
    folder: Path = tmp_path_factory.mktemp("old")
    server = pgserver.get_server(folder, cleanup_mode="stop")
    url = server.get_uri()
    yield Settings(database_url=SecretStr(url.replace("postgresql://", "postgresql+psycopg://")))
    server.cleanup()


def test_without_halfvec_everything_works_on_vector(
    old_server: Settings, servers: Settings
) -> None:
    migrate(database_url(old_server))
    assert (
        scalar(old_server, "SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        == "0.6.2"
    )
    settings = old_server.model_copy(
        update={"redis_url": servers.redis_url, "secret_key": servers.secret_key}
    )
    app = create_app(settings, embedder=HashingEmbedder())
    with serving(app) as url, closing(Person(url)) as person:
        person.remember("The owl sleeps in the old lime tree.")
        person.remember("The train to Porto leaves at nine.")
        person.until_embedded()
        assert (
            person.contents("where does the owl sleep")[0] == "The owl sleeps in the old lime tree."
        )
        owl = person.recall("owl")["results"][0]["trace_id"]
        tombstone = person.post("/memory/forget", json={"trace_id": owl})
        assert tombstone.json()["counts"]["embeddings"] == 3
    types = "SELECT DISTINCT pg_typeof(vec)::text FROM memory_embedding"
    assert scalar(old_server, types) == "vector"


@pytest.mark.anyio
async def test_a_database_without_tables_is_told_how_to_get_them(new_database: NewDatabase) -> None:
    database = Database(database_url(new_database()))
    with pytest.raises(StartupError, match="sara-memory migrate"):
        await database.vector_column()
    await database.close()


def test_a_command_line_migrates_too(new_database: NewDatabase) -> None:
    fresh = new_database()
    subprocess.run(
        [Path(sys.executable).with_name("alembic"), "-c", "backend/alembic.ini", "upgrade", "head"],
        env={**os.environ, "DATABASE_URL": database_url(fresh)},
        check=True,
        cwd=Path(__file__).parents[3],
        capture_output=True,
    )
    assert scalar(fresh, TABLES) > 10


def test_settings_get_a_version_and_go_back(new_database: NewDatabase) -> None:
    fresh = new_database()
    migrate(database_url(fresh), "0005")
    with looking_into(fresh) as connection:
        connection.execute(
            text("INSERT INTO app_setting VALUES ('embedding', '{\"model\": \"hashing\"}')")
        )
    migrate(database_url(fresh))
    assert scalar(fresh, "SELECT version FROM app_setting WHERE key = 'embedding'") == 1
    with serving(create_app(fresh, embedder=HashingEmbedder())) as url, closing(Person(url)) as one:
        one.put("/settings/ai", json={"openai_model": "large"}).raise_for_status()
        one.put("/settings/ai", json={"openai_model": "larger"}).raise_for_status()
    assert scalar(fresh, "SELECT version FROM app_setting WHERE key = 'ai'") == 2
    downgrade(database_url(fresh), "0005")
    assert scalar(fresh, "SELECT string_agg(key, ',') FROM app_setting") == "embedding"


def test_accounts_that_are_closed_are_noted_from_0008_on(new_database: NewDatabase) -> None:
    fresh = new_database()
    migrate(database_url(fresh))
    with (
        serving(create_app(fresh, embedder=HashingEmbedder())) as url,
        closing(Person(url)) as stays,
        closing(Person(url)) as leaves,
    ):
        stays.remember("The bell rings twice.")
        leaves.request("DELETE", "/auth/me", json={"password": PASSWORD}).raise_for_status()
    assert scalar(fresh, "SELECT count(*) FROM closed_account") == 1
    downgrade(database_url(fresh), BEFORE_CLOSED_ACCOUNTS)
    migrate(database_url(fresh))
    assert scalar(fresh, "SELECT count(*) FROM closed_account") == 0
    assert scalar(fresh, "SELECT count(*) FROM memory_trace") == 1
