"""The service's own code without HTTP: its resources on embedded servers, and people who remember.

Heads are embedded in the background as ever, but nobody dreams by the clock: a benchmark that is about
dreaming does it itself.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from app.dependencies import Resources, memory_service, recall_pipeline
from app.embedded.servers import embedded_servers
from app.embedders.protocol import Embedder
from app.main import assembled
from app.models import AppUser
from app.services.trace_draft import NewTrace
from app.services.upkeep import Upkeep
from app.settings import Settings
from app.storage.migrations import migrate
from app.storage.pending import PendingEmbeddings

BATCH = 500


@asynccontextmanager
async def service(
    *, embedder: Embedder | None = None, folder: Path | None = None
) -> AsyncIterator[Resources]:
    """What a running service has, on a temporary folder or on one that stays."""
    with (
        tempfile.TemporaryDirectory() as temporary,
        embedded_servers(Settings(sara_data_dir=folder or Path(temporary))) as settings,
    ):
        assert settings.database_url is not None
        await asyncio.to_thread(migrate, settings.database_url.get_secret_value())
        async with (
            assembled(settings, embedder=embedder, clock=_now) as resources,
            _background(resources),
        ):
            yield resources


@asynccontextmanager
async def _background(resources: Resources) -> AsyncIterator[None]:
    """Partitions and indexes as at a start, then what embeds heads and what holds sketches for as long as
    the block lasts."""
    hot_days = resources.settings.memory_hot_days
    await Upkeep(resources.database, resources.column, clock=_now, hot_days=hot_days).run()
    tasks = [
        asyncio.create_task(resources.worker.run()),
        asyncio.create_task(resources.sketches.run()),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def _now() -> datetime:
    return datetime.now(UTC)


async def new_person(shared: Resources, user_id: UUID | None = None) -> UUID:
    """Somebody with an empty memory, who cannot log in."""
    user_id = user_id or uuid4()
    async with shared.database.unit_of_work() as work:
        work.session.add(
            AppUser(
                id=user_id,
                email=f"{user_id}@example.com",
                password_hash="",
                timezone="UTC",
                is_admin=False,
                token_epoch=0,
                recording_paused=False,
                created_at=datetime.now(UTC),
            )
        )
    return user_id


async def remember(shared: Resources, user_id: UUID, new: Sequence[NewTrace]) -> list[UUID]:
    """Write traces in batches; their ids in the order given."""
    ids: list[UUID] = []
    for at in range(0, len(new), BATCH):
        async with shared.database.unit_of_work() as work:
            memory = memory_service(shared, work, recall_pipeline(shared, work))
            written = await memory.remember(user_id, new[at : at + BATCH])
        ids += [item.trace_id for item in written]
    return ids


async def until_embedded(shared: Resources) -> None:
    """Return when no head waits."""
    while True:
        async with shared.database.unit_of_work() as work:
            if await PendingEmbeddings(work.session).count() == 0:
                return
        await asyncio.sleep(0.2)
