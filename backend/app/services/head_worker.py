"""Embeds the heads that wait in the durable queue, in the background, a batch at a time."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from app.embedders.protocol import Urgency
from app.errors import EmbedderUnavailableError, UnavailableError
from app.language.situation import situation_text
from app.language.things import things_in
from app.language.words import Words
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
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._column = column
        self._embedding = embedding
        self._words = words
        self._clock = clock
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled. A database that does not answer is waited for."""
        while True:
            self._wake.clear()
            try:
                while await self.work_off(most=BATCH):
                    pass
            except UnavailableError as error:
                log.warning("heads.waiting", reason=error.detail)
            try:
                await asyncio.wait_for(self._wake.wait(), timeout=LOOK_AGAIN_SECONDS)
            except TimeoutError:
                continue

    async def work_off(self, *, most: int) -> int:
        """Embed up to ``most`` heads that are due; how many were claimed and done.

        Raises:
            UnavailableError: the database or the embedder does not answer; the claim is postponed.
        """
        async with self._database.unit_of_work() as work:
            requests = await PendingEmbeddings(work.session).claim(most=most, now=self._clock())
            situations = await self._situations(TraceStore(work.session), requests)
        tasks = [
            _Task(request, text)
            for request in requests
            if (situation := situations.get((request.user_id, request.trace_id))) is not None
            and (text := self._text(request.head, situation))
        ]
        try:
            vectors = await self._embedding.passages(
                [task.text for task in tasks], urgency=Urgency.BACKGROUND
            )
        except EmbedderUnavailableError:
            async with self._database.unit_of_work() as work:
                await PendingEmbeddings(work.session).postpone(requests, now=self._clock())
            raise
        heads: dict[UUID, list[Head]] = defaultdict(list)
        for task, found in zip(tasks, vectors, strict=True):
            heads[task.request.user_id].append(
                Head(task.request.trace_id, task.request.head, found)
            )
        async with self._database.unit_of_work() as work:
            store = EmbeddingStore(work.session, self._column)
            for user_id, made in heads.items():
                await store.put(user_id, made, model=self._embedding.model)
            await PendingEmbeddings(work.session).settle(requests)
        return len(requests)

    def _text(self, head: str, situation: Situation) -> str:
        """What a head embeds; empty when there is nothing to embed."""
        if head == "semantic":
            return situation.content
        if head == "entity":
            return ", ".join(things_in(situation.content, self._words))
        return situation_text(situation.content, before=situation.before, after=situation.after)

    async def _situations(
        self, traces: TraceStore, requests: Sequence[Request]
    ) -> dict[tuple[UUID, UUID], Situation]:
        by_user: dict[UUID, list[UUID]] = defaultdict(list)
        for request in requests:
            by_user[request.user_id].append(request.trace_id)
        return {
            (user_id, situation.trace_id): situation
            for user_id, trace_ids in by_user.items()
            for situation in await traces.situations(user_id, trace_ids)
        }
