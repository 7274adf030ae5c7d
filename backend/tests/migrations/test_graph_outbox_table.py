"""0007 and 0009 over data: nothing is noted until a graph is named, and going back leaves no trigger."""

from uuid import uuid4

import pytest
from conftest import NewDatabase
from sqlalchemy import text
from support.databases import database_url, looking_into, scalar
from support.graphs import put_edge, put_node

from app.storage.database import Database
from app.storage.graph_outbox import keep_outbox
from app.storage.migrations import downgrade, migrate

PERSON = (
    "INSERT INTO app_user (id, email, password_hash, timezone, is_admin, created_at)"
    " VALUES (:me, 'a@example.com', '', 'UTC', true, now())"
)
TRIGGERS = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'graph\\_%'"
CHANGE = (
    "INSERT INTO graph_outbox (user_id, trace_id) VALUES (gen_random_uuid(), gen_random_uuid())"
)
BEFORE = "0006"


@pytest.mark.anyio
async def test_a_graph_from_before_is_told_when_somebody_is_to_be_told(
    new_database: NewDatabase,
) -> None:
    fresh = new_database()
    migrate(database_url(fresh), BEFORE)
    me = uuid4()
    with looking_into(fresh) as connection:
        connection.execute(text(PERSON), {"me": me})
        put_node(connection, me, "Ana")
    migrate(database_url(fresh))
    with looking_into(fresh) as connection:
        put_node(connection, me, "Porto")
        put_edge(connection, me, "Ana", "Porto", "lives_in")
    assert scalar(fresh, "SELECT count(*) FROM graph_outbox") == 0
    database = Database(database_url(fresh))
    await keep_outbox(database)
    await database.close()
    assert scalar(fresh, "SELECT count(*) FROM graph_outbox") == 1, (
        "all of this person's, in one row"
    )
    assert scalar(fresh, TRIGGERS) == 7
    downgrade(database_url(fresh), BEFORE)
    assert scalar(fresh, TRIGGERS) == 0
    assert scalar(fresh, "SELECT count(*) FROM memory_trace") == 2
    migrate(database_url(fresh))


def test_what_waited_already_counts_as_noted_at_the_migration(new_database: NewDatabase) -> None:
    fresh = new_database()
    migrate(database_url(fresh), "0008")
    with looking_into(fresh) as connection:
        connection.execute(text(CHANGE))
    before = scalar(fresh, "SELECT clock_timestamp()")
    migrate(database_url(fresh))
    assert scalar(fresh, "SELECT noted_at FROM graph_outbox") > before
    with looking_into(fresh) as connection:
        connection.execute(text(CHANGE))
    downgrade(database_url(fresh), "0008")
    assert scalar(fresh, "SELECT count(*) FROM graph_outbox") == 2
    migrate(database_url(fresh))
