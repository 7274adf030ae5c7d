"""Embeds the heads that wait in the durable queue, in the background, a batch at a time."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from app.embedders.protocol import Urgency
from app.errors import EmbedderRefusedError, EmbedderUnavailableError, UnavailableError
from app.language.situation import situation_text
from app.language.things import things_in
from app.language.words import Words
from app.log import places
from app.meters import Meters
from app.services.embedding_service import EmbeddingService
from app.storage.database import Database, VectorColumn
from app.storage.embeddings import EmbeddingStore, Head
from app.storage.pending import PendingEmbeddings, Request
from app.storage.traces import Situation, TraceStore

BATCH = 64
LOOK_AGAIN_SECONDS = 2.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Task:
    request: Request
    text: str


class HeadWorker:
    """Claims, embeds outside any transaction, stores, settles. Any number may run side by side."""

    def __init__(
        self,
        database: Database,
        column: VectorColumn,
        embedding: EmbeddingService,
        words: Words,
        *,
        meters: Meters,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._column = column
        self._embedding = embedding
        self._words = words
        self._meters = meters
        self._clock = clock
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled. Whatever goes wrong is logged and tried again: the queue is durable."""
        while True:
            self._wake.clear()
            try:
                while await self.work_off(most=BATCH):
                    pass
            except UnavailableError as error:
                log.warning("heads.waiting", reason=error.detail)
            except Exception as error:  # one bad batch must not end the work for everybody
                log.error("heads.failed", **places(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), timeout=LOOK_AGAIN_SECONDS)

    async def work_off(self, *, most: int) -> int:
        """Embed up to ``most`` heads that are due; how many were claimed and done.

        Raises:
            UnavailableError: the database or the embedder does not answer; the claim is postponed.
        """
        async with self._database.unit_of_work() as work:
            requests = await PendingEmbeddings(work.session).claim(most=most, now=self._clock())
            situations = await self._situations(TraceStore(work.session), requests)
        tasks = await asyncio.to_thread(self._tasks, requests, situations)
        try:
            made = await self._embed(tasks)
        except EmbedderUnavailableError:
            async with self._database.unit_of_work() as work:
                await PendingEmbeddings(work.session).postpone(requests, now=self._clock())
            raise
        for user_id, theirs in _by_person(requests).items():
            await self._store(user_id, theirs, made)
        return len(requests)

    async def _embed(self, tasks: Sequence[_Task]) -> dict[Request, Head]:
        """All at once, or one by one where the endpoint refuses one of them, which goes without."""
        try:
            vectors = await self._embedding.passages(
                [task.text for task in tasks], urgency=Urgency.BACKGROUND
            )
        except EmbedderRefusedError:
            if len(tasks) == 1:
                log.warning("heads.refused", head=tasks[0].request.head)
                return {}
            alone = [await self._embed([task]) for task in tasks]
            return {request: head for made in alone for request, head in made.items()}
        return {
            task.request: Head(task.request.trace_id, task.request.head, found)
            for task, found in zip(tasks, vectors, strict=True)
        }

    async def _store(
        self, user_id: UUID, requests: Sequence[Request], made: Mapping[Request, Head]
    ) -> None:
        """One person's heads. Their write lock keeps a forgetting from happening in the middle."""
        async with self._database.unit_of_work() as work:
            await TraceStore(work.session).wait_turn(user_id)
            pending = PendingEmbeddings(work.session)
            wanted = await pending.wanted(requests)
            await EmbeddingStore(work.session, self._column).put(
                user_id,
                [made[request] for request in wanted if request in made],
                model=self._embedding.model,
            )
            await pending.settle(requests)
        for request in wanted:
            self._meters.embedded(request.head)

    async def _situations(
        self, traces: TraceStore, requests: Sequence[Request]
    ) -> dict[UUID, Situation]:
        return {
            situation.trace_id: situation
            for user_id, theirs in _by_person(requests).items()
            for situation in await traces.situations(user_id, {r.trace_id for r in theirs})
        }

    def _tasks(
        self, requests: Sequence[Request], situations: Mapping[UUID, Situation]
    ) -> list[_Task]:
        """What there is to embed for these requests; a head may have nothing to say."""
        return [
            _Task(request, text)
            for request in requests
            if request.trace_id in situations
            and (text := self._text(request.head, situations[request.trace_id]))
        ]

    def _text(self, head: str, situation: Situation) -> str:
        """What a head embeds; empty when there is nothing to embed."""
        if head == "semantic":
            return situation.content
        if head == "entity":
            return ", ".join(things_in(situation.content, self._words))
        return situation_text(situation.content, before=situation.before, after=situation.after)


def _by_person(requests: Sequence[Request]) -> dict[UUID, list[Request]]:
    found: dict[UUID, list[Request]] = defaultdict(list)
    for request in requests:
        found[request.user_id].append(request)
    return found
