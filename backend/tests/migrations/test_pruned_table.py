"""0011 over data: what was pruned is noted down from then on, and goes with its account."""

from datetime import UTC, datetime
from uuid import uuid4

from conftest import NewDatabase
from sqlalchemy import text
from support.databases import database_url, looking_into, scalar
from support.old_rows import PERSON

from app.storage.migrations import downgrade, migrate

BEFORE = "0010"
TRACE = """
    INSERT INTO memory_trace (user_id, id, content, role, created_at, salience, source, meta,
        content_hash, term_count, states_preference, wording, term_codes)
    VALUES (:user, :trace, '', 'user', now(), 0.1, '{}', '{}', '', 0, false, 0, '')
"""
PRUNED = (
    "INSERT INTO pruned_trace (user_id, id, created_at, source, pruned_at, made)"
    " SELECT user_id, id, created_at, '{\"type\": \"chat\"}', :at, '{}' FROM memory_trace"
)
COUNT = "SELECT count(*) FROM pruned_trace"
IN_STATISTICS = (
    "SELECT count(*) FROM pg_stats WHERE tablename = 'pruned_trace' AND attname = 'source'"
)


def test_what_was_pruned_goes_with_its_account(new_database: NewDatabase) -> None:
    fresh = new_database()
    migrate(database_url(fresh), BEFORE)
    ids = {"user": uuid4(), "trace": uuid4(), "at": datetime(2026, 6, 1, tzinfo=UTC)}
    with looking_into(fresh) as connection:
        connection.execute(text(PERSON), ids)
        connection.execute(text(TRACE), ids)
    migrate(database_url(fresh))
    with looking_into(fresh) as connection:
        connection.execute(text(PRUNED), ids)
        connection.execute(text("ANALYZE pruned_trace"))
    assert (scalar(fresh, COUNT), scalar(fresh, IN_STATISTICS)) == (1, 0)
    downgrade(database_url(fresh), BEFORE)
    assert scalar(fresh, "SELECT count(*) FROM memory_trace") == 1
    migrate(database_url(fresh))
    assert scalar(fresh, COUNT) == 0
    with looking_into(fresh) as connection:
        connection.execute(text(PRUNED), ids)
        connection.execute(text("DELETE FROM app_user"))
    assert scalar(fresh, COUNT) == 0
