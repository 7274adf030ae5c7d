"""Make every vector anew, for another model or another length; goes on where it was stopped."""

from collections.abc import Callable
from datetime import UTC, datetime

from app.embedders.protocol import Embedder, Urgency
from app.errors import StartupError
from app.language.words import Words
from app.meters import Meters
from app.services.embedding_service import EmbeddingService
from app.services.head_worker import BATCH, HeadWorker
from app.services.stored_model import begin_anew
from app.settings import Settings
from app.storage.database import Database
from app.storage.pending import PendingEmbeddings


async def reembed(
    settings: Settings, embedder: Embedder, *, progress: Callable[[int, int], None]
) -> None:
    """Ask for all heads in one transaction, then work the durable queue off. The service is stopped.

    ``progress`` is told how many heads are done and how many there are in all.

    Raises:
        StartupError: no database is named.
        EmbedderUnavailableError: the new model does not answer; nothing was changed then.
    """
    if settings.database_url is None:
        raise StartupError("DATABASE_URL must be set.")
    await embedder.embed(["does it answer?"], urgency=Urgency.WRITE)
    database = Database(settings.database_url.get_secret_value())
    try:
        column = await database.vector_column()
        async with database.unit_of_work() as work:
            await begin_anew(
                work.session,
                column,
                model=embedder.model,
                dim=settings.embedding_dim,
                threshold=settings.memory_salience_write_threshold,
                now=_now(),
            )
        column = await database.vector_column()
        async with database.unit_of_work() as work:
            pending = PendingEmbeddings(work.session)
            await pending.release()
            total = await pending.count()
        words = Words(settings.memory_language)
        worker = HeadWorker(
            database, column, EmbeddingService(embedder, words), words, meters=Meters(), clock=_now
        )
        done = 0
        progress(done, total)
        while claimed := await worker.work_off(most=BATCH):
            done += claimed
            progress(done, total)
    finally:
        await database.close()


def _now() -> datetime:
    return datetime.now(UTC)
