"""0004 over data: people stay, and what old tombstones name is still known."""

from uuid import uuid4

from conftest import NewDatabase
from sqlalchemy import text
from support.databases import database_url, looking_into, scalar

from app.storage.migrations import downgrade, migrate

PERSON = (
    "INSERT INTO app_user (id, email, password_hash, timezone, is_admin, created_at)"
    " VALUES (:user, 'a@example.com', 'x', 'UTC', true, now())"
)
TOMBSTONE = (
    "INSERT INTO memory_tombstone (user_id, id, scope, target, forgotten_by, forgotten_at, counts)"
    " VALUES (:user, :id, 'trace', jsonb_build_object('ids', CAST(:ids AS text[])), :user, now(), '{}')"
)
BEFORE = "0003"


def test_old_tombstones_name_their_traces(new_database: NewDatabase) -> None:
    fresh = new_database()
    migrate(database_url(fresh), BEFORE)
    user, tombstone, ids = uuid4(), uuid4(), [str(uuid4()), str(uuid4())]
    with looking_into(fresh) as connection:
        connection.execute(text(PERSON), {"user": user})
        connection.execute(text(TOMBSTONE), {"user": user, "id": tombstone, "ids": ids})
    migrate(database_url(fresh))
    named = "SELECT count(*) FROM memory_forgotten WHERE tombstone_id = :id"
    assert scalar(fresh, named, id=tombstone) == 2
    kept = "SELECT token_epoch = 0 AND NOT recording_paused FROM app_user"
    assert scalar(fresh, kept) is True
    downgrade(database_url(fresh), BEFORE)
    assert scalar(fresh, "SELECT count(*) FROM memory_tombstone") == 1
    migrate(database_url(fresh))
    assert scalar(fresh, named, id=tombstone) == 2
