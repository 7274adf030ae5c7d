"""The working memory: the vectors of a person's latest traces, in Redis or a Redis Cluster.

It is disposable. Everything in it can be made again from Postgres, except the vectors of traces whose
salience is too low for the index: those live here alone, for as long as people keep such things in
mind. It holds no text, so forgetting has little to do here.

Three keys a person, in one hash slot: ``recent`` (a sorted set of trace ids by time), ``vector`` (a
hash of their vectors) and ``state`` (the generation they belong to). Every forgetting begins a new
generation, and a push of an older one does nothing, so that no late write outlives a forgetting. Of a
cluster one node may be gone: then the people whose slot it holds go without, and nobody else.
"""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
import structlog
from numpy.typing import NDArray

from app.meters import Meters
from app.storage.redis_client import NO_ANSWER, RedisClient, node_of, ping

CAPACITY = 200
PAUSE_AFTER_FAILURE_SECONDS = 2.0

log = structlog.get_logger()

# KEYS: recent, vector, state. ARGV: generation, may fill (0|1), capacity, ttl in ms, then (id, score,
# vector) per trace. Does nothing for an older generation than the stored one, nor when it is cold and
# this is no filling.
_PUSH = """
local generation = tonumber(redis.call('HGET', KEYS[3], 'generation') or -1)
local mine = tonumber(ARGV[1])
if generation > mine then return end
if generation < mine or not redis.call('HGET', KEYS[3], 'warm') then
    if ARGV[2] == '0' then return end
    redis.call('DEL', KEYS[1], KEYS[2])
    redis.call('HSET', KEYS[3], 'generation', mine, 'warm', 1)
end
for i = 5, #ARGV, 3 do
    redis.call('ZADD', KEYS[1], ARGV[i + 1], ARGV[i])
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 2])
end
local extra = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[3])
if extra > 0 then
    local oldest = redis.call('ZRANGE', KEYS[1], 0, extra - 1)
    redis.call('ZREM', KEYS[1], unpack(oldest))
    redis.call('HDEL', KEYS[2], unpack(oldest))
end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[4]) end
"""

# KEYS as above. ARGV: the generation that begins, ttl in ms. What is left is cold and empty, and
# nothing of an older generation gets in any more.
_DROP = """
if tonumber(redis.call('HGET', KEYS[3], 'generation') or -1) > tonumber(ARGV[1]) then return end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
redis.call('HSET', KEYS[3], 'generation', ARGV[1])
redis.call('PEXPIRE', KEYS[3], ARGV[2])
"""


class WorkingMemoryDownError(Exception):
    """Redis does not answer. The caller goes on without it and says so."""


@dataclass(frozen=True, slots=True)
class RecentTrace:
    """A trace as the working memory takes it; ``vector`` has shape (EMBEDDING_DIM,)."""

    trace_id: UUID
    created_at: datetime
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recent:
    """What the working memory holds: ``vectors`` has shape (traces, EMBEDDING_DIM), and ``ids`` name
    its rows; it is good for one ``generation``."""

    generation: int
    ids: tuple[bytes, ...]
    vectors: NDArray[np.float32]

    def typical(self) -> NDArray[np.float32] | None:
        """What these traces have in common: their mean, of length 1; None when there are none."""
        if not self.ids:
            return None
        mean: NDArray[np.float32] = self.vectors.mean(axis=0)
        mean /= max(float(np.linalg.norm(mean)), 1e-9)
        return mean

    @classmethod
    def of(cls, traces: Sequence[RecentTrace], *, generation: int) -> "Recent":
        """As if it had been read back."""
        return cls(
            generation,
            tuple(str(trace.trace_id).encode() for trace in traces),
            np.array([trace.vector for trace in traces], np.float16).astype(np.float32),
        )


class WorkingMemory:
    """Reads and writes one person's; a failure is a ``WorkingMemoryDownError``."""

    def __init__(
        self,
        redis: RedisClient,
        *,
        ttl: timedelta,
        meters: Meters,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = redis
        self._meters = meters
        self._ttl_ms = int(ttl.total_seconds() * 1000)
        self._clock = clock
        self._retry_at: dict[str, float] = {}
        self._push = redis.register_script(_PUSH)
        self._drop = redis.register_script(_DROP)

    async def push(
        self, user_id: UUID, traces: Sequence[RecentTrace], *, generation: int, may_fill: bool
    ) -> None:
        """Add traces. Only ``may_fill`` warms up a cold one: then these are the latest there are."""
        latest = sorted(traces, key=lambda trace: trace.created_at)[-CAPACITY:]
        packed = [
            part
            for trace in latest
            for part in (
                str(trace.trace_id),
                trace.created_at.timestamp(),
                trace.vector.astype(np.float16).tobytes(),
            )
        ]
        async with self._guard(user_id):
            await self._push(
                keys=_keys(user_id),
                args=[generation, int(may_fill), CAPACITY, self._ttl_ms, *packed],
            )

    async def recent(self, user_id: UUID) -> Recent | None:
        """What it holds, in no order; None when it is cold."""
        _, vector, state = _keys(user_id)
        try:
            async with self._guard(user_id):
                pipeline = self._redis.pipeline(transaction=False)
                pipeline.hmget(state, ["generation", "warm"])
                pipeline.hgetall(vector)
                (found, warm), packed = await pipeline.execute()
        except WorkingMemoryDownError:
            self._meters.looked("down")
            raise
        self._meters.looked("cold" if warm is None else "warm")
        if warm is None:
            return None
        rows = np.frombuffer(b"".join(packed.values()), np.float16).astype(np.float32)
        vectors = rows.reshape(len(packed), -1) if packed else rows
        return Recent(int(found), tuple(packed), vectors)

    async def drop(self, user_id: UUID, *, generation: int) -> None:
        """Empty it for a generation; the next recall fills it from what Postgres still holds. While Redis
        does not answer, nothing is dropped, and that is logged."""
        try:
            async with self._guard(user_id):
                await self._drop(keys=_keys(user_id), args=[generation, self._ttl_ms])
        except WorkingMemoryDownError:
            log.warning("working_memory.not_dropped")

    async def ping(self) -> None:
        """Whether Redis answers, all of it, asked anew."""
        self._retry_at.clear()
        try:
            await ping(self._redis)
        except NO_ANSWER as error:
            raise WorkingMemoryDownError from error

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    def is_paused(self, user_id: UUID) -> bool:
        """After a failure this person's Redis is left alone for a moment, so that recalls do not wait
        for it."""
        return self._clock() < self._retry_at.get(self._node(user_id), 0.0)

    @asynccontextmanager
    async def _guard(self, user_id: UUID) -> AsyncIterator[None]:
        """Turn what redis raises into ``WorkingMemoryDownError``, and leave that node alone for
        ``PAUSE_AFTER_FAILURE_SECONDS``."""
        if self.is_paused(user_id):
            raise WorkingMemoryDownError
        node = self._node(user_id)
        try:
            yield
        except NO_ANSWER as error:
            self._retry_at[node] = self._clock() + PAUSE_AFTER_FAILURE_SECONDS
            raise WorkingMemoryDownError from error

    def _node(self, user_id: UUID) -> str:
        return node_of(self._redis, _keys(user_id)[0])


def _keys(user_id: UUID) -> list[str]:
    return [
        f"sara:wm:{{{user_id}}}:recent",
        f"sara:wm:{{{user_id}}}:vector",
        f"sara:wm:{{{user_id}}}:state",
    ]
