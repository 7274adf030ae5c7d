"""0012 over data: what is there is read with the rest, and what comes later is later."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from conftest import NewDatabase
from sqlalchemy import Connection, text
from support.databases import database_url, looking_into, scalar
from support.old_rows import PERSON, TRACE
from support.people import until

from app.storage.migrations import downgrade, migrate

ROOT = Path(__file__).parents[3]
BEFORE = "0011"
SKETCH = (
    "INSERT INTO memory_sketch (user_id, head, created_at, trace_id, chunk, sketch)"
    " SELECT user_id, 'semantic', created_at, id, 0, CAST(:sketch AS bit(1024))"
    " FROM memory_trace WHERE user_id = :user AND id = :id"
)
BUILDING = (
    "SELECT EXISTS (SELECT FROM pg_stat_progress_create_index WHERE datname = current_database()"
    " AND phase = 'waiting for old snapshots')"
)
INDEX = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('ix_memory_sketch_written')"


def test_what_is_written_later_is_later_and_the_old_is_the_oldest(
    new_database: NewDatabase,
) -> None:
    fresh, user = new_database(), uuid4()
    old, new = uuid4(), uuid4()
    migrate(database_url(fresh), BEFORE)
    with looking_into(fresh) as connection:
        connection.execute(text(PERSON), {"user": user})
        write_sketch(connection, user=user, id=old)
    migrate(database_url(fresh))
    with looking_into(fresh) as connection:
        before = connection.scalar(text("SELECT clock_timestamp()"))
        write_sketch(connection, user=user, id=new)
        rows = connection.execute(text("SELECT trace_id, written_at FROM memory_sketch ORDER BY 2"))
        (first, epoch), (second, moment) = rows.all()
    assert (first, epoch.timestamp(), second) == (old, 0, new)
    assert moment > before
    downgrade(database_url(fresh), BEFORE)
    migrate(database_url(fresh))
    assert scalar(fresh, "SELECT count(*) FROM memory_sketch WHERE written_at = 'epoch'") == 2
    assert scalar(fresh, INDEX) is True


def test_an_index_of_which_the_building_was_interrupted_is_built_anew(
    new_database: NewDatabase,
) -> None:
    fresh = new_database()
    migrate(database_url(fresh))
    with looking_into(fresh) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :old"), {"old": BEFORE})
        connection.execute(
            text(
                "UPDATE pg_index SET indisvalid = false"
                " WHERE indexrelid = to_regclass('ix_memory_sketch_written')"
            )
        )
    migrate(database_url(fresh))
    assert scalar(fresh, INDEX) is True


def test_two_processes_that_migrate_at_once_both_end_well(new_database: NewDatabase) -> None:
    """Though one builds an index, which waits for every statement that has begun."""
    fresh = new_database()
    alembic = Path(sys.executable).with_name("alembic")
    command = [alembic, "-c", "backend/alembic.ini", "upgrade", "head"]
    env = {**os.environ, "DATABASE_URL": database_url(fresh)}
    run = partial(subprocess.run, command, env=env, cwd=ROOT, timeout=60, check=True)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(run) for _ in range(2)]:
            done.result()
    assert scalar(fresh, INDEX) is True


def test_nobody_waits_while_the_index_is_built(new_database: NewDatabase) -> None:
    """It waits itself, for somebody who looks at an older state; others write meanwhile."""
    fresh, user = new_database(), uuid4()
    migrate(database_url(fresh), BEFORE)
    with ThreadPoolExecutor(1) as pool:
        with looking_into(fresh) as older:
            older.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            older.execute(text("SELECT 1"))
            done = pool.submit(migrate, database_url(fresh))
            until(lambda: scalar(fresh, BUILDING))
            with looking_into(fresh) as connection:
                connection.execute(text("SET statement_timeout = '5s'"))
                connection.execute(text(PERSON), {"user": user})
                write_sketch(connection, user=user, id=uuid4())
            assert not done.done()
        done.result(timeout=60)
    assert scalar(fresh, INDEX) is True


def write_sketch(connection: Connection, **of: UUID) -> None:
    """A sketch of a new trace, as a version that knows nothing of moments writes it."""
    connection.execute(text(TRACE), {**of, "at": datetime.now(UTC)})
    connection.execute(text(SKETCH), {**of, "sketch": "10" * 512})
