"""The end of what has faded, without waiting for it."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import text

from app.services.fading import Pruning
from app.services.trace_writer import TraceWriter
from app.services.turns import Turns
from app.settings import Settings
from app.storage.database import Database
from support.databases import database_url, looking_into

FADE = """
UPDATE memory_trace AS t SET faded_at = created_at
WHERE user_id = CAST(:me AS uuid) AND id = ANY(CAST(:ids AS uuid[])) AND EXISTS (
    SELECT FROM memory_edge AS e
    WHERE e.user_id = t.user_id AND e.dst = t.id AND e.type = 'summary_of'
)
"""


def fade(settings: Settings, user_id: UUID | str, trace_ids: Iterable[UUID | str]) -> None:
    """Those of these traces that a summary holds have faded as soon as they were said."""
    with looking_into(settings) as connection:
        connection.execute(text(FADE), {"me": str(user_id), "ids": [*map(str, trace_ids)]})


def lose(settings: Settings, user_id: UUID | str, trace_ids: Iterable[UUID | str]) -> None:
    """They fade, and what has faded is pruned at once."""
    fade(settings, user_id, trace_ids)
    asyncio.run(_prune(settings))


async def _prune(settings: Settings) -> None:
    """As the night does it, with no days of grace."""
    database = Database(database_url(settings))
    column = await database.vector_column()
    writer = partial(
        TraceWriter,
        column=column,
        model=settings.embedding_model,
        threshold=settings.memory_salience_write_threshold,
    )
    clock = partial(datetime.now, UTC)
    await Pruning(database, Turns(), writer=writer, grace=timedelta(0), clock=clock).run()
    await database.close()
