"""The vector stage finds what brute force finds, for one person alone and among many others."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import numpy as np
import psycopg
import pytest
from conftest import NewDatabase
from pgvector import HalfVector
from pgvector.psycopg import register_vector
from sqlalchemy import make_url
from support.databases import database_url

from app.embedders.protocol import fit
from app.settings import Settings
from app.storage.database import CONNECT_ARGS, Database
from app.storage.migrations import migrate
from app.storage.scope import Scope
from app.storage.sketch_cache import SketchCache
from app.storage.sketches import sketches
from app.storage.traces import Usage
from app.storage.vector_index import VectorIndex

NOW = datetime(2020, 1, 1, tzinfo=UTC)  # long ago: no month of its own, and no HNSW index to fill
SIZES = (10, 1_000, 10_000, 100_000)
HELD = 100_000
OTHERS = 1_000
TRACES_OF_OTHERS = 20
MOST = 50
QUESTIONS = 20

TRACES = (
    "COPY memory_trace (user_id, id, content, role, created_at, salience, source, meta, content_hash,"
    " term_count, states_preference, wording, term_codes) FROM STDIN (FORMAT binary)"
)
TRACE_TYPES = [
    "uuid", "uuid", "text", "text", "timestamptz", "float4", "jsonb", "jsonb", "bytea", "int4", "bool",
    "int8", "bytea",
]  # fmt: skip
VECTORS = (
    "COPY memory_embedding (user_id, trace_id, head, chunk, vec, created_at, model)"
    " FROM STDIN (FORMAT binary)"
)
SKETCHES = (
    "COPY memory_sketch (user_id, head, created_at, trace_id, chunk, sketch)"
    " FROM STDIN (FORMAT binary)"
)


@dataclass(frozen=True)
class Somebody:
    """A person with a vector for each trace; ``ages`` are in days."""

    user_id: UUID
    trace_ids: list[UUID]
    ages: np.ndarray
    vectors: np.ndarray


def somebody(size: int, rng: np.random.Generator) -> Somebody:
    """Their vectors lie around topics and are padded, as those of the packaged model, and the variance
    of their directions falls as theirs does."""
    spectrum = np.arange(1, 385, dtype=np.float32) ** -0.4
    topics = spectrum * rng.standard_normal((max(1, size // 50), 384), dtype=np.float32)
    noise = spectrum * rng.standard_normal((size, 384), dtype=np.float32)
    vectors = fit(topics[rng.integers(len(topics), size=size)] + 1.3 * noise, 768)
    ages = rng.uniform(0, 700, size)
    return Somebody(uuid4(), [uuid4() for _ in range(size)], ages, vectors)


def settle(settings: Settings, people: list[Somebody]) -> None:
    """Write their traces, vectors and sketches in bulk."""
    url = make_url(database_url(settings)).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), **CONNECT_ARGS) as connection:
        register_vector(connection)
        for user_id in (person.user_id for person in people):
            connection.execute(
                "INSERT INTO app_user VALUES (%s, %s, '', 'UTC', false, now())",
                (user_id, f"{user_id}@example.com"),
            )
            connection.execute("INSERT INTO memory_usage (user_id) VALUES (%s)", (user_id,))
        with connection.cursor().copy(TRACES) as copy:
            copy.set_types(TRACE_TYPES)
            for person in people:
                for trace_id, age in zip(person.trace_ids, person.ages, strict=True):
                    row = (person.user_id, trace_id, "", "user", NOW - timedelta(days=age))
                    copy.write_row((*row, 0.5, "{}", "{}", b"", 0, False, 0, b""))
        with connection.cursor().copy(VECTORS) as copy:
            copy.set_types(["uuid", "uuid", "text", "int2", "halfvec", "timestamptz", "text"])
            for person in people:
                for trace_id, age, vector in zip(
                    person.trace_ids, person.ages, person.vectors, strict=True
                ):
                    then = NOW - timedelta(days=age)
                    head = (person.user_id, trace_id, "semantic", 0)
                    copy.write_row((*head, HalfVector(vector), then, "random"))
        with connection.cursor().copy(SKETCHES) as copy:
            copy.set_types(["uuid", "text", "timestamptz", "uuid", "int2", "bit"])
            for person in people:
                for trace_id, age, sketch in zip(
                    person.trace_ids, person.ages, sketches(person.vectors), strict=True
                ):
                    then = NOW - timedelta(days=age)
                    copy.write_row((person.user_id, "semantic", then, trace_id, 0, sketch))


@pytest.fixture(scope="module")
def crowd(new_database: NewDatabase) -> tuple[Settings, dict[int, Somebody]]:
    """One person of each size among a thousand others, in one database."""
    rng = np.random.default_rng(1)
    fresh = new_database()
    migrate(database_url(fresh))
    mine = {size: somebody(size, rng) for size in SIZES}
    others = [somebody(TRACES_OF_OTHERS, rng) for _ in range(OTHERS)]
    settle(fresh, [*others[::2], *mine.values(), *others[1::2]])
    return fresh, mine


@pytest.fixture(scope="module")
def alone(new_database: NewDatabase) -> dict[int, tuple[Settings, Somebody]]:
    """One person of each size, each with a database to themselves."""
    rng = np.random.default_rng(2)
    made: dict[int, tuple[Settings, Somebody]] = {}
    for size in SIZES:
        fresh, person = new_database(), somebody(size, rng)
        migrate(database_url(fresh))
        settle(fresh, [person])
        made[size] = fresh, person
    return made


@pytest.mark.anyio
@pytest.mark.parametrize("days", [None, 365, 30], ids=["all time", "a year", "30 days"])
@pytest.mark.parametrize("size", SIZES)
async def test_among_a_thousand_others_at_least_99_in_100_of_the_nearest_are_found(
    crowd: tuple[Settings, dict[int, Somebody]], size: int, days: int | None
) -> None:
    settings, mine = crowd
    assert await share_found(settings, mine[size], days=days) >= 0.99


@pytest.mark.anyio
@pytest.mark.parametrize("days", [None, 365, 30], ids=["all time", "a year", "30 days"])
async def test_through_held_sketches_as_many_are_found(
    crowd: tuple[Settings, dict[int, Somebody]], days: int | None
) -> None:
    settings, mine = crowd
    assert await share_found(settings, mine[HELD], days=days, held=True) >= 0.99


@pytest.mark.anyio
@pytest.mark.parametrize("days", [None, 30], ids=["all time", "30 days"])
@pytest.mark.parametrize("size", SIZES)
async def test_alone_at_least_99_in_100_of_the_nearest_are_found(
    alone: dict[int, tuple[Settings, Somebody]], size: int, days: int | None
) -> None:
    assert await share_found(*alone[size], days=days) >= 0.99


async def share_found(
    settings: Settings, person: Somebody, *, days: int | None, held: bool = False
) -> float:
    """Of the truly nearest in the time window, the share that the vector stage finds, in the database or
    through sketches that the process holds."""
    rng = np.random.default_rng(3)
    scope = Scope() if days is None else Scope(since=NOW - timedelta(days=days))
    inside = np.flatnonzero(person.ages <= (days or 1_000))
    shares = []
    async with aclosing_database(settings) as database:
        cache = SketchCache(database)
        if held:
            await found(database, cache, person, person.vectors[0], scope)
            await cache.work_off()
        for at in rng.integers(len(person.vectors), size=QUESTIONS):
            noise = rng.standard_normal(384, dtype=np.float32)
            question = fit((person.vectors[at, :384] + 0.02 * noise)[None, :], 768)[0]
            nearest = inside[np.argsort(-(person.vectors[inside] @ question))[:MOST]]
            mine = await found(database, cache, person, question, scope)
            assert len(mine) == min(MOST, len(inside))
            shares.append(
                np.mean([person.trace_ids[i] in mine for i in nearest]) if len(nearest) else 1
            )
        assert bool(cache.size) == held
    return float(np.mean(shares))


async def found(
    database: Database, cache: SketchCache, person: Somebody, question: np.ndarray, scope: Scope
) -> set[UUID]:
    """What the vector stage finds."""
    async with database.reading() as work:
        usage = Usage(0, traces=len(person.vectors), terms=0)
        index = VectorIndex(work.session, await database.vector_column(), cache)
        similar = await index.nearest(
            person.user_id, question, heads=["semantic"], scope=scope, most=MOST, usage=usage
        )
    return {item.trace_id for item in similar}


@asynccontextmanager
async def aclosing_database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(database_url(settings))
    try:
        yield database
    finally:
        await database.close()
