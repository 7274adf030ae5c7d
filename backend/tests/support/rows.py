"""A person's rows, to compare one account with another."""

from collections.abc import Mapping

from sqlalchemy import text

from app.settings import Settings
from support.databases import looking_into
from support.people import Person


def rows(settings: Settings, person: Person, tables: Mapping[str, str]) -> dict[str, list[str]]:
    """Every row of a person in these tables, each in the order given, without whose it is and when it was
    stored; the generation is the account's own."""
    user_id = person.get("/auth/me").json()["id"]
    with looking_into(settings) as connection:
        return {
            table: list(
                connection.execute(
                    text(
                        f"SELECT (to_jsonb(t) - 'user_id' - 'generation' - 'stored_at')::text"
                        f" FROM {table} AS t WHERE user_id = :user_id ORDER BY {key}"
                    ),
                    {"user_id": user_id},
                ).scalars()
            )
            for table, key in tables.items()
        }
