"""Tells a graph database what has changed, in the background, out of the durable outbox."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from app.errors import UnavailableError
from app.graph.protocol import GraphMirror, GraphUnavailableError
from app.log import places
from app.storage.database import Database
from app.storage.graph_outbox import (
    EVERYTHING,
    LEASE,
    Change,
    GraphOutbox,
    drop_outbox,
    keep_outbox,
)

BATCH = 500
LOOK_AGAIN_SECONDS = 1.0
TELL_SECONDS = LEASE.total_seconds() / 2

log = structlog.get_logger()


class GraphWorker:
    """Claims, reads, tells outside any transaction, settles. Any number may run side by side: changes of
    one person are told by one of them at a time. Without a ``mirror`` nothing is noted, nothing told."""

    def __init__(
        self, database: Database, mirror: GraphMirror | None, *, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._mirror = mirror
        self._clock = clock
        self._is_prepared = False

    async def run(self) -> None:
        """Work until cancelled. Whatever goes wrong is logged and tried again: the outbox is durable."""
        is_kept = False
        while True:
            try:
                if self._mirror is None:
                    await drop_outbox(self._database)
                    return
                if not is_kept:
                    await keep_outbox(self._database)
                    is_kept = True
                while await self.work_off(self._mirror, most=BATCH):
                    pass
            except UnavailableError as error:
                log.warning("graph.waiting", reason=error.detail)
            except Exception as error:  # one bad batch must not end the work for everybody
                log.error("graph.failed", **places(error))
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def work_off(self, mirror: GraphMirror, *, most: int) -> int:
        """Tell up to ``most`` changes of one person; how many were claimed and told.

        Raises:
            UnavailableError: the database or the graph does not answer; the claim is postponed.
        """
        async with self._database.unit_of_work() as work:
            changes = await GraphOutbox(work.session).claim(most=most, now=self._clock())
        if not changes:
            return 0
        try:
            async with asyncio.timeout(TELL_SECONDS):
                await self._tell(mirror, changes)
        except (GraphUnavailableError, TimeoutError) as error:
            async with self._database.unit_of_work() as work:
                await GraphOutbox(work.session).postpone(changes, now=self._clock())
            if isinstance(error, TimeoutError):
                raise GraphUnavailableError("The graph database takes too long.") from error
            raise
        return len(changes)

    async def _tell(self, mirror: GraphMirror, changes: Sequence[Change]) -> None:
        if not self._is_prepared:
            await mirror.prepare()
            self._is_prepared = True
        whole = [change for change in changes if change.trace_id == EVERYTHING]
        if whole:
            await self._tell_all(mirror, whole[0])
        nodes = [change for change in changes if change.trace_id != EVERYTHING]
        if not nodes:
            return
        user_id = nodes[0].user_id
        async with self._database.reading() as work:
            present = await GraphOutbox(work.session).present(
                user_id, [change.trace_id for change in nodes]
            )
        await mirror.tell(user_id, present)
        async with self._database.unit_of_work() as work:
            await GraphOutbox(work.session).settle(nodes)

    async def _tell_all(self, mirror: GraphMirror, change: Change) -> None:
        """Begin anew with one person: nothing of theirs stays, then every node waits to be told."""
        await mirror.forget(change.user_id)
        async with self._database.unit_of_work() as work:
            outbox = GraphOutbox(work.session)
            await outbox.tell_all(change.user_id)
            await outbox.settle([change])
