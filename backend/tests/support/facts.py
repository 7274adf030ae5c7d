"""Traces as ranking sees them, without a database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.storage.candidates import TraceFact

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def fact(number: int, **fields: object) -> TraceFact:
    """A trace nine days old that is nothing special, but for these ``fields``."""
    plain = TraceFact(
        trace_id=UUID(int=number),
        created_at=NOW - timedelta(days=9),
        role="user",
        salience=0.5,
        access_count=0,
        last_accessed_at=None,
        length=10,
        states_preference=False,
        wording=number,
        term_codes=b"",
        semantic=0.3,
        entity=0.3,
        situation=0.3,
        typicality=0.3,
        nearness_before=0.3,
    )
    return plain._replace(**fields)
