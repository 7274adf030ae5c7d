"""0010 over data: what is there was there before whatever is forgotten from now on."""

from datetime import UTC, datetime
from uuid import uuid4

from conftest import NewDatabase
from sqlalchemy import text
from support.databases import database_url, looking_into, scalar
from support.old_rows import PERSON, TRACE

from app.storage.migrations import downgrade, migrate

BEFORE = "0009"
TOMBSTONE = (
    "INSERT INTO memory_tombstone (user_id, id, scope, target, forgotten_by, forgotten_at, counts)"
    " VALUES (:user, gen_random_uuid(), 'all', '{}', :user, now(), '{}')"
)
CAME_IN_SINCE = (
    "SELECT array_agg(t.stored_at > s.stored_at ORDER BY t.created_at)"
    " FROM memory_trace AS t CROSS JOIN memory_tombstone AS s"
)


def test_what_is_written_after_a_tombstone_is_known_by_it(new_database: NewDatabase) -> None:
    """Also what happened long before."""
    fresh, user = new_database(), uuid4()
    migrate(database_url(fresh), BEFORE)
    with looking_into(fresh) as connection:
        connection.execute(text(PERSON), {"user": user})
        then = datetime(2026, 6, 1, tzinfo=UTC)
        connection.execute(text(TRACE), {"user": user, "id": uuid4(), "at": then})
    migrate(database_url(fresh))
    with looking_into(fresh) as connection:
        connection.execute(text(TOMBSTONE), {"user": user})
        then = datetime(2020, 1, 1, tzinfo=UTC)
        connection.execute(text(TRACE), {"user": user, "id": uuid4(), "at": then})
    assert scalar(fresh, CAME_IN_SINCE) == [True, False]
    downgrade(database_url(fresh), BEFORE)
    migrate(database_url(fresh))
    assert scalar(fresh, CAME_IN_SINCE) == [False, False]
