"""An insight without the nights that it takes to notice something."""

from uuid import UUID

from sqlalchemy import text

from app.settings import Settings
from support.databases import looking_into
from support.people import Person

INSIGHT = """
INSERT INTO dream_insight (user_id, id, kind, day, text)
SELECT id, gen_random_uuid(), 'returning_topic', DATE '2026-06-01', 'The safe, says ' || email
FROM app_user WHERE id = :me
"""


def notice_something(settings: Settings, person: Person) -> str:
    """Give somebody an insight; its id."""
    with looking_into(settings) as connection:
        connection.execute(text(INSIGHT), {"me": UUID(person.get("/auth/me").json()["id"])})
    return str(person.get("/memory/insights").json()["insights"][0]["id"])
