"""How the service itself is doing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from app.errors import UnavailableError
from app.services.embedding_service import EmbeddingService
from app.storage.consolidations import Backlog, ConsolidationStore
from app.storage.database import Database
from app.storage.graph_outbox import GraphOutbox
from app.storage.pending import PendingEmbeddings
from app.storage.working_memory import WorkingMemory, WorkingMemoryDownError


@dataclass(frozen=True, slots=True)
class Readiness:
    """Each dependency, and what waits: heads to be embedded, changes of which a graph database is to be
    told, days to be dreamt, runs that failed.

    What waits is None while Postgres does not answer.
    """

    postgres: bool
    redis: bool
    embedder: bool
    pending_embeddings: int | None
    pending_graph_changes: int | None
    oldest_unprocessed_day: date | None
    failed_runs: int | None

    @property
    def status(self) -> Literal["ready", "degraded", "unavailable"]:
        """Without Postgres nothing goes; without the others less."""
        if not self.postgres:
            return "unavailable"
        return "ready" if self.redis and self.embedder else "degraded"


class StatusService:
    """Asks every dependency whether it answers."""

    def __init__(
        self,
        database: Database,
        working_memory: WorkingMemory,
        embedding: EmbeddingService,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._working_memory = working_memory
        self._embedding = embedding
        self._clock = clock

    async def readiness(self) -> Readiness:
        """The state of each, asked anew; of the embedder, how its latest call went."""
        waiting = await self._waiting()
        pending, untold, backlog = waiting or (None, None, Backlog(None, None))
        return Readiness(
            postgres=waiting is not None,
            redis=await self._redis_answers(),
            embedder=self._embedding.is_available,
            pending_embeddings=pending,
            pending_graph_changes=untold,
            oldest_unprocessed_day=backlog.oldest_day,
            failed_runs=backlog.failed,
        )

    async def _waiting(self) -> tuple[int, int, Backlog] | None:
        try:
            async with self._database.unit_of_work() as work:
                return (
                    await PendingEmbeddings(work.session).count(),
                    (await GraphOutbox(work.session).queue()).count,
                    await ConsolidationStore(work.session).backlog(now=self._clock()),
                )
        except UnavailableError:
            return None

    async def _redis_answers(self) -> bool:
        try:
            await self._working_memory.ping()
        except WorkingMemoryDownError:
            return False
        return True
