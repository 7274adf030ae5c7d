"""Rows that a migration finds: written past the service, which knows the latest schema alone."""

PERSON = (
    "INSERT INTO app_user (id, email, password_hash, timezone, is_admin, created_at)"
    " VALUES (:user, 'a@example.com', 'x', 'UTC', true, now())"
)
TRACE = (
    "INSERT INTO memory_trace (user_id, id, content, role, created_at, salience, source, meta,"
    " content_hash, term_count, states_preference, wording, term_codes)"
    " VALUES (:user, :id, '', 'user', :at, 0.5, '{}', '{}', '', 0, false, 0, '')"
)
