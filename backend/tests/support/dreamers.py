"""People who remember and dream in this process, with a clock that is passed in."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, create_engine, make_url, text

from app.browsing import correction_service
from app.dependencies import Resources, memory_service, recall_pipeline
from app.embedders.protocol import Embedder
from app.main import assembled
from app.models import AppUser, MemoryTombstone
from app.ownership import forget_service
from app.schemas.memory import TraceIn
from app.services.correction_service import Changes
from app.services.forget_service import ForgetScope, ToForget
from app.services.memory_service import MemoryService
from app.settings import Settings
from app.storage.selection import Selection
from support.databases import database_url, looking_into
from support.embedders import HashingEmbedder

ZONE = "Europe/Lisbon"
MONDAY = datetime(2026, 6, 1, 9, tzinfo=UTC)

# What a memory consists of. The runs themselves are left out: they say when they ran, and
# ``stored_at`` and ``written_at`` when a row was written.
TABLES = (
    "memory_trace",
    "memory_embedding",
    "memory_sketch",
    "memory_edge",
    "memory_fact",
    "memory_term",
    "memory_posting",
    "memory_usage",
    "dream_insight",
    "insight_evidence",
    "pruned_trace",
)


class Clock:
    """Stands still until it is set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Dreamer:
    """Somebody with a memory on these resources."""

    def __init__(self, resources: Resources, user_id: UUID) -> None:
        self.resources = resources
        self.id = user_id

    @classmethod
    async def sign_up(cls, resources: Resources, *, zone: str = ZONE) -> "Dreamer":
        """Somebody new."""
        user_id = uuid4()
        async with resources.database.unit_of_work() as work:
            work.session.add(
                AppUser(
                    id=user_id,
                    email=f"{user_id.hex}@example.com",
                    password_hash="",
                    timezone=zone,
                    is_admin=False,
                    token_epoch=0,
                    recording_paused=False,
                    created_at=resources.clock(),
                )
            )
        return cls(resources, user_id)

    async def say(
        self,
        *lines: str,
        at: datetime,
        talk: str | None = None,
        by: Mapping[str, str] | None = None,
        **more: Any,
    ) -> list[UUID]:
        """Lines of one conversation, or ``by`` another source, a minute apart; their ids."""
        source = by or {"type": "chat", "conversation_id": talk or f"{at:%Y-%m-%d-%H}"}
        items = [
            TraceIn.model_validate(
                {"content": line, "created_at": at + timedelta(minutes=n), "source": source, **more}
            ).to_new_trace()
            for n, line in enumerate(lines)
        ]
        async with self.memory() as memory:
            return [answer.trace_id for answer in await memory.remember(self.id, items)]

    async def forget(self, *trace_ids: UUID) -> MemoryTombstone:
        """Forget by id."""
        return await self.forget_all_of("trace", Selection(trace_ids=trace_ids, with_notes=True))

    async def forget_all_of(self, scope: ForgetScope, selection: Selection) -> MemoryTombstone:
        """Forget what is meant by a selection."""
        wanted = ToForget(scope, selection)
        async with self.resources.database.unit_of_work() as work:
            recall = recall_pipeline(self.resources, work)
            return await forget_service(self.resources, work, recall).forget(self.id, wanted)

    async def correct(self, trace_id: UUID, **changes: Any) -> None:
        """Put a trace right."""
        async with self.resources.database.unit_of_work() as work:
            corrections = correction_service(self.resources, work)
            await corrections.correct(self.id, trace_id, Changes(**changes))

    async def dream(self, *, only: date | None = None) -> list[str]:
        """Everything that is due by the clock; what was dreamt, such as ``daily 2026-06-01``."""
        await self.embedded()
        night = await self.resources.dream.dream_for(self.id, only=only)
        return [f"{lease.kind} {lease.day}" for lease in night.leases]

    async def embedded(self) -> None:
        """Work the queue of heads off."""
        while await self.resources.worker.work_off(most=64):
            pass

    @asynccontextmanager
    async def memory(self) -> AsyncIterator[MemoryService]:
        """The service in one unit of work."""
        async with self.resources.database.unit_of_work() as work:
            yield memory_service(self.resources, work, recall_pipeline(self.resources, work))

    def looking(self, sql: str) -> list[Any]:
        """Rows of a statement that names ``:me``, past the service."""
        with looking_into(self.resources.settings) as connection:
            return list(connection.execute(text(sql), {"me": self.id}).all())

    def summaries(self, kind: str = "daily") -> list[str]:
        """The texts of the summaries of a kind, in order of their days."""
        rows = self.looking(
            "SELECT content FROM memory_trace WHERE user_id = :me AND role = 'summary'"
            f" AND meta ->> 'kind' = '{kind}' ORDER BY created_at"
        )
        return [row.content for row in rows]

    def runs(self) -> dict[str, str]:
        """The state of each run, by its name."""
        rows = self.looking(
            "SELECT kind || ' ' || day AS name, state FROM consolidation_run WHERE user_id = :me"
        )
        return {row.name: row.state for row in rows}


@asynccontextmanager
async def dreaming(
    settings: Settings, *, clock: Clock, embedder: Embedder | None = None
) -> AsyncIterator[Resources]:
    """The service without its background work, which these tests do themselves."""
    async with assembled(
        settings, embedder=embedder or HashingEmbedder(), clock=clock
    ) as resources:
        yield resources


def contents(settings: Settings) -> dict[str, Sequence[str]]:
    """Everything in the memories of a database, table by table and row by row."""
    with looking_into(settings) as connection:
        return {table: _rows(connection, table) for table in TABLES}


def _rows(connection: Connection, table: str) -> list[str]:
    rows = connection.execute(
        text(
            f"SELECT (to_jsonb(t) - 'stored_at' - 'written_at')::text FROM {table} AS t ORDER BY 1"
        )
    )
    return list(rows.scalars())


def copy_of(settings: Settings, empty: Settings) -> Settings:
    """The same rows in another database, which was empty. Nobody may be connected to either."""
    source, target = make_url(database_url(settings)), make_url(database_url(empty))
    server = create_engine(source.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {target.database}"))
        connection.execute(text(f"CREATE DATABASE {target.database} TEMPLATE {source.database}"))
    server.dispose()
    return empty
