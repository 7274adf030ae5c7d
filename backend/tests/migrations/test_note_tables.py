"""0005 over data: what was there stays, a note outlives its trace, and no statistics hold its words."""

from uuid import uuid4

from conftest import NewDatabase
from sqlalchemy import text
from support.databases import database_url, looking_into, scalar
from support.old_rows import PERSON

from app.storage.migrations import downgrade, migrate

TRACE = """
    INSERT INTO memory_trace (user_id, id, content, role, created_at, salience, source, meta,
        content_hash, term_count, states_preference, wording, term_codes)
    VALUES (:user, :trace, 'Boats', 'note', now(), 0.5, '{}', '{}', '', 1, false, 0, '')
"""
NOTE = (
    "INSERT INTO note (user_id, id, title, title_key, content, trace_id, created_at, updated_at)"
    " VALUES (:user, :note, 'Boats', 'boats', 'They are wooden.', :trace, now(), now())"
)
IN_STATISTICS = (
    "SELECT count(*) FROM pg_stats WHERE tablename LIKE 'note%'"
    " AND attname IN ('title', 'title_key', 'content')"
)
BEFORE = "0004"


def test_a_note_outlives_its_trace_and_goes_with_its_account(new_database: NewDatabase) -> None:
    fresh = new_database()
    migrate(database_url(fresh), BEFORE)
    ids = {"user": uuid4(), "trace": uuid4(), "note": uuid4()}
    with looking_into(fresh) as connection:
        connection.execute(text(PERSON), ids)
        connection.execute(text(TRACE), ids)
    migrate(database_url(fresh))
    with looking_into(fresh) as connection:
        connection.execute(text(NOTE), ids)
        connection.execute(text("ANALYZE note"))
    assert scalar(fresh, IN_STATISTICS) == 0
    assert scalar(fresh, "SELECT trace_id FROM note") == ids["trace"]
    with looking_into(fresh) as connection:
        connection.execute(text("DELETE FROM memory_trace"))
    assert scalar(fresh, "SELECT count(*) FROM note WHERE trace_id IS NULL AND version = 1") == 1
    with looking_into(fresh) as connection:
        connection.execute(text("DELETE FROM app_user"))
    assert scalar(fresh, "SELECT count(*) FROM note") == 0


def test_what_was_remembered_of_notes_stays_without_them(new_database: NewDatabase) -> None:
    fresh = new_database()
    migrate(database_url(fresh))
    ids = {"user": uuid4(), "trace": uuid4(), "note": uuid4()}
    with looking_into(fresh) as connection:
        for sql in (PERSON, TRACE, NOTE):
            connection.execute(text(sql), ids)
    downgrade(database_url(fresh), BEFORE)
    assert scalar(fresh, "SELECT count(*) FROM memory_trace") == 1
    migrate(database_url(fresh))
    assert scalar(fresh, "SELECT count(*) FROM note") == 0
