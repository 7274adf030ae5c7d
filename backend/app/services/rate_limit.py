"""How often something may be tried, counted in Redis, or in this process while Redis is away."""

from hashlib import sha256
from math import ceil
from time import time

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.errors import TooManyRequestsError

log = structlog.get_logger()


class RateLimit:
    """A moving window per key, over the connections of ``redis``. Keys are stored as digests: they may
    hold addresses of people."""

    def __init__(self, name: str, limit: str, *, redis: Redis) -> None:
        self._name = name
        self._limit: RateLimitItem = parse(limit)
        storage = RedisStorage(
            "async+redis://",  # never connected to: the pool decides
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix="sara:limit",
            connection_pool=redis.connection_pool,  # type: ignore[arg-type]  # typed for plain options
        )
        self._shared = MovingWindowRateLimiter(storage)
        self._own = MovingWindowRateLimiter(MemoryStorage())

    async def take(self, key: str) -> None:
        """Count one try, before it is made: tries at the same moment count as well.

        Raises:
            TooManyRequestsError: the window is full; it says for how long.
        """
        digest = sha256(key.encode()).hexdigest()
        try:
            await self._take(self._shared, digest)
        except (StorageError, RedisError):
            log.warning("rate_limit.redis_down", limit=self._name)
            await self._take(self._own, digest)

    async def clear(self, key: str) -> None:
        """Begin anew, after a success."""
        digest = sha256(key.encode()).hexdigest()
        try:
            await self._shared.clear(self._limit, self._name, digest)
        except (StorageError, RedisError):
            await self._own.clear(self._limit, self._name, digest)

    async def _take(self, limiter: MovingWindowRateLimiter, digest: str) -> None:
        if await limiter.hit(self._limit, self._name, digest):
            return
        window = await limiter.get_window_stats(self._limit, self._name, digest)
        seconds = max(1, ceil(window.reset_time - time()))
        raise TooManyRequestsError(
            f"Too many tries: wait {seconds} seconds and try again.", retry_after=seconds
        )
