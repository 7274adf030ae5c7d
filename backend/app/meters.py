"""What the service counts about itself, for Prometheus: numbers and fixed words, never a memory's text.

One registry a process, made by ``main`` and passed in; several replicas are scraped one by one.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

# Recalls take milliseconds, a dream with a language model minutes.
QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SLOW = (0.1, 0.5, 1, 5, 15, 60, 300, 1_200)

Look = Literal["warm", "cold", "down"]
DreamEnd = Literal["done", "failed", "lost"]


class Meters:
    """Every instrument by its name. ``text`` is what a scrape gets."""

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        ProcessCollector(registry=own)
        PlatformCollector(registry=own)
        GCCollector(registry=own)
        self._requests = Counter(
            "sara_requests", "Answers by route.", ["method", "route", "status"], registry=own
        )
        self._request_seconds = Histogram(
            "sara_request_seconds",
            "How long answers take, by route.",
            ["method", "route"],
            buckets=QUICK,
            registry=own,
        )
        self._recall_seconds = Histogram(
            "sara_recall_seconds",
            "How long each part of a recall takes.",
            ["part"],
            buckets=QUICK,
            registry=own,
        )
        self._degraded = Counter(
            "sara_recall_degraded",
            "Recalls that went without a part, which did not answer.",
            ["part"],
            registry=own,
        )
        self._looks = Counter(
            "sara_working_memory_looks",
            "Looks into the working memory: it was warm, cold or down.",
            ["found"],
            registry=own,
        )
        self._remember_seconds = Histogram(
            "sara_remember_seconds",
            "How long each part of a write takes: to embed, to wait for one's turn, to write.",
            ["part"],
            buckets=QUICK,
            registry=own,
        )
        self._remembered = Counter(
            "sara_traces_remembered",
            "Traces that were handed in: stored, revised, or repeated and left alone.",
            ["outcome"],
            registry=own,
        )
        self._heads = Counter(
            "sara_heads_embedded", "Heads embedded after the answer.", ["head"], registry=own
        )
        self._dreams = Counter(
            "sara_dreams",
            "Runs of the dream: done, failed, or lost to another replica.",
            ["kind", "outcome"],
            registry=own,
        )
        self._dream_seconds = Histogram(
            "sara_dream_seconds",
            "How long a run of the dream takes.",
            ["kind"],
            buckets=SLOW,
            registry=own,
        )
        self._up = Gauge("sara_up", "Whether a dependency answers.", ["part"], registry=own)
        self._waiting = Gauge(
            "sara_waiting", "What is due and still waits in Postgres.", ["queue"], registry=own
        )
        self._oldest = Gauge(
            "sara_oldest_waiting_seconds",
            "For how long the oldest of it has been waiting.",
            ["queue"],
            registry=own,
        )
        self._failed_dreams = Gauge(
            "sara_failed_dreams", "Runs that failed and are tried again.", registry=own
        )
        self._connections = Gauge(
            "sara_database_connections", "Connections to Postgres in use.", registry=own
        )
        self._held_sketches = Gauge(
            "sara_held_sketches_bytes", "Sketches of large memories in this process.", registry=own
        )
        for part in ("working_memory", "embedder"):  # a rate needs a beginning
            self._degraded.labels(part)

    def answered(self, method: str, route: str, status: int, *, seconds: float) -> None:
        """One request; ``route`` is its template, so that no id becomes a label."""
        self._requests.labels(method, route, status).inc()
        self._request_seconds.labels(method, route).observe(seconds)

    def recalled(self, took_ms: Mapping[str, float], degraded: tuple[str, ...]) -> None:
        """One recall."""
        for part, ms in took_ms.items():
            self._recall_seconds.labels(part).observe(ms / 1_000)
        for part in degraded:
            self._degraded.labels(part).inc()

    def looked(self, found: Look) -> None:
        """One look into the working memory."""
        self._looks.labels(found).inc()

    @contextmanager
    def writing(self, part: Literal["embed", "turn", "write"]) -> Iterator[None]:
        """Time a part of a write."""
        with _seconds(self._remember_seconds.labels(part)):
            yield

    def remembered(self, *, stored: int, revised: int, repeated: int) -> None:
        """One batch of traces."""
        self._remembered.labels("stored").inc(stored)
        self._remembered.labels("revised").inc(revised)
        self._remembered.labels("repeated").inc(repeated)

    def embedded(self, head: str) -> None:
        """One head that waited."""
        self._heads.labels(head).inc()

    @contextmanager
    def dreaming(self, kind: str) -> Iterator[None]:
        """Time a run of the dream."""
        with _seconds(self._dream_seconds.labels(kind)):
            yield

    def dreamt(self, kind: str, outcome: DreamEnd) -> None:
        """One run of the dream has ended."""
        self._dreams.labels(kind, outcome).inc()

    def is_up(self, part: str, *, up: bool) -> None:
        """Whether a dependency answers."""
        self._up.labels(part).set(up)

    def waits(self, queue: str, *, count: int, oldest_seconds: float) -> None:
        """How much waits in a queue, and since when."""
        self._waiting.labels(queue).set(count)
        self._oldest.labels(queue).set(max(oldest_seconds, 0.0))

    def have_failed(self, dreams: int) -> None:
        """How many runs of the dream are tried again."""
        self._failed_dreams.set(dreams)

    def in_use(self, connections: int) -> None:
        """How many connections to Postgres this process uses."""
        self._connections.set(connections)

    def holds(self, sketch_bytes: int) -> None:
        """How much memory the sketches take that this process holds."""
        self._held_sketches.set(sketch_bytes)

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)


@contextmanager
def _seconds(histogram: Histogram) -> Iterator[None]:
    """Time the block, also when it raises."""
    began = perf_counter()
    try:
        yield
    finally:
        histogram.observe(perf_counter() - began)
