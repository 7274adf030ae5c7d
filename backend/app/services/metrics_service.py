"""What a scrape gets: what was counted on the way, and what waits at this moment."""

from collections.abc import Callable
from datetime import datetime

from app.errors import UnavailableError
from app.meters import Meters
from app.services.status_service import StatusService
from app.storage.consolidations import ConsolidationStore
from app.storage.database import Database
from app.storage.graph_outbox import GraphOutbox
from app.storage.pending import PendingEmbeddings
from app.storage.sketch_cache import SketchCache


class MetricsService:
    """Brings the gauges up to date and gives everything as text."""

    def __init__(
        self,
        meters: Meters,
        database: Database,
        status: StatusService,
        sketches: SketchCache,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._meters = meters
        self._database = database
        self._status = status
        self._sketches = sketches
        self._clock = clock

    async def text(self) -> bytes:
        """Prometheus' text format. While Postgres does not answer, the queues keep their last values
        and ``sara_up`` says so."""
        found = await self._status.readiness()
        for part, up in (
            ("postgres", found.postgres),
            ("redis", found.redis),
            ("embedder", found.embedder),
        ):
            self._meters.is_up(part, up=up)
        if found.postgres:
            await self._look_at_queues()
        self._meters.have_failed(found.failed_runs or 0)
        self._meters.in_use(self._database.connections_in_use())
        self._meters.holds(self._sketches.size)
        return self._meters.text()

    async def _look_at_queues(self) -> None:
        now = self._clock()
        try:
            async with self._database.reading() as work:
                heads = await PendingEmbeddings(work.session).queue()
                dreams = await ConsolidationStore(work.session).queue(now=now)
                graph = await GraphOutbox(work.session).queue()
        except UnavailableError:
            self._meters.is_up("postgres", up=False)
            return
        for name, queue in (("heads", heads), ("dreams", dreams), ("graph", graph)):
            age = (now - queue.since).total_seconds() if queue.since else 0.0
            self._meters.waits(name, count=queue.count, oldest_seconds=age)
