"""How often something may be tried, counted in Redis, or in this process while Redis is away."""

from dataclasses import dataclass
from hashlib import sha256
from math import ceil
from time import monotonic, time

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisClusterStorage, RedisStorage
from limits.aio.strategies import (
    MovingWindowRateLimiter,
    RateLimiter,
    SlidingWindowCounterRateLimiter,
)
from limits.errors import StorageError
from redis.asyncio import RedisCluster

from app.errors import TooManyRequestsError
from app.storage.redis_client import NO_ANSWER, RedisClient

PAUSE_AFTER_FAILURE_SECONDS = (
    2.0  # in which Redis is left alone, so that requests do not wait for it
)

PREFIX = "sara:limit"
LOGINS = "10 per 15 minutes"
SIGNUPS = "1000 per hour"
TRIALS = "20 per minute"

log = structlog.get_logger()


class RateLimit:
    """So many per window and key, over the connections of ``redis``. Keys are stored as digests: they
    may hold addresses of people.

    An exact moving window remembers every try; ``is_exact`` false estimates from two counters, which
    is right for thousands of them.
    """

    def __init__(self, name: str, limit: str, *, redis: RedisClient, is_exact: bool = True) -> None:
        self._name = name
        self._limit: RateLimitItem = parse(limit)
        limiter = MovingWindowRateLimiter if is_exact else SlidingWindowCounterRateLimiter
        self._shared = limiter(_storage(redis))
        self._own = limiter(MemoryStorage())
        self._retry_at = 0.0

    async def take(self, key: str) -> None:
        """Count one try, before it is made: tries at the same moment count as well.

        Raises:
            TooManyRequestsError: the window is full; it says for how long.
        """
        digest = sha256(key.encode()).hexdigest()
        if monotonic() < self._retry_at:
            await self._take(self._own, digest)
            return
        try:
            await self._take(self._shared, digest)
        except (StorageError, *NO_ANSWER):
            self._retry_at = monotonic() + PAUSE_AFTER_FAILURE_SECONDS
            log.warning("rate_limit.redis_down", limit=self._name)
            await self._take(self._own, digest)

    async def clear(self, key: str) -> None:
        """Begin anew, after a success."""
        digest = sha256(key.encode()).hexdigest()
        try:
            await self._shared.clear(self._limit, self._name, digest)
        except (StorageError, *NO_ANSWER):
            await self._own.clear(self._limit, self._name, digest)

    async def _take(self, limiter: RateLimiter, digest: str) -> None:
        if await limiter.hit(self._limit, self._name, digest):
            return
        window = await limiter.get_window_stats(self._limit, self._name, digest)
        seconds = max(1, ceil(window.reset_time - time()))
        raise TooManyRequestsError(
            f"Too many tries: wait {seconds} seconds and try again.", retry_after=seconds
        )


class _ClusterStorage(RedisClusterStorage):
    """Over a client that is there already, with its connections to the nodes."""

    def __init__(self, redis: RedisCluster) -> None:
        self._redis = redis
        super().__init__(
            "async+redis+cluster://",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix=PREFIX,
        )

    def configure_bridge(self) -> None:
        self.bridge.storage = self._redis  # type: ignore[attr-defined]  # redispy's
        self.bridge.connection_getter = lambda _: self._redis  # type: ignore[attr-defined]  # redispy's


def _storage(redis: RedisClient) -> RedisStorage:
    if isinstance(redis, RedisCluster):
        return _ClusterStorage(redis)
    return RedisStorage(
        "async+redis://",  # never connected to: the pool decides
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix=PREFIX,
        connection_pool=redis.connection_pool,  # type: ignore[arg-type]  # typed for plain options
    )


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Those of a service: of logins and sign-ups, of a person's requests, of trials of the models."""

    logins: RateLimit
    signups: RateLimit
    requests: RateLimit
    trials: RateLimit

    @classmethod
    def over(cls, redis: RedisClient, *, requests_per_minute: int) -> "RateLimits":
        """All of them, counted over the same connections."""
        return cls(
            logins=RateLimit("login", LOGINS, redis=redis),
            signups=RateLimit("signup", SIGNUPS, redis=redis),
            requests=RateLimit(
                "requests", f"{requests_per_minute} per minute", redis=redis, is_exact=False
            ),
            trials=RateLimit("trials", TRIALS, redis=redis),
        )
