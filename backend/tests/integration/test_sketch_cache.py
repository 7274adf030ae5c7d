"""Sketches held in the process: they find what the database's find, and nothing that was forgotten."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from support.dreamers import MONDAY, Clock, Dreamer, dreaming
from support.embedders import HashingEmbedder
from support.people import until

from app.embedders.protocol import Urgency
from app.main import running
from app.recall.question import Question
from app.settings import Settings
from app.storage.embeddings import EmbeddingStore, Head
from app.storage.held_sketches import HeldSketches
from app.storage.scope import Scope
from app.storage.sketch_cache import FEWEST_TRACES, IDLE_SECONDS, MOST_TRACES, SketchCache
from app.storage.traces import TraceStore, Usage
from app.storage.vector_index import VectorIndex

pytestmark = pytest.mark.anyio
BIRDS = tuple(f"Bird number {n} sings in tree {n % 7}." for n in range(60))


@pytest.fixture
async def somebody(settings: Settings) -> AsyncIterator[Dreamer]:
    """Somebody who has been told of birds."""
    async with dreaming(settings, clock=Clock(MONDAY + timedelta(days=3))) as resources:
        person = await Dreamer.sign_up(resources)
        await person.say(*BIRDS, at=MONDAY)
        await person.embedded()
        yield person


async def usage_of(person: Dreamer, *, traces: int = FEWEST_TRACES) -> Usage:
    """Their counts, as those of somebody with so many traces."""
    async with person.resources.database.reading() as work:
        return replace(await TraceStore(work.session).usage(person.id), traces=traces)


async def current(cache: SketchCache, person: Dreamer) -> HeldSketches | None:
    """What a recall is given now."""
    usage = await usage_of(person)
    async with person.resources.database.reading() as work:
        return await cache.current(work.session, person.id, usage)


async def loaded(cache: SketchCache, person: Dreamer) -> HeldSketches:
    """What the next one is given."""
    assert await current(cache, person) is None
    await cache.work_off()
    found = await current(cache, person)
    assert found is not None
    return found


def ids(held: HeldSketches) -> list[UUID]:
    return [
        UUID(int=int(chunk["high"]) << 64 | int(chunk["low"]))
        for part in held.parts
        for chunk in part.chunks
    ]


async def near(
    person: Dreamer, cache: SketchCache, text: str, *, scope: Scope | None = None, most: int = 10
) -> list[tuple[UUID, float]]:
    """What is nearest to a text, and how near."""
    shared = person.resources
    vector = await shared.embedding.question(text)
    usage = await usage_of(person)
    async with shared.database.reading() as work:
        index = VectorIndex(work.session, shared.column, cache)
        found = await index.nearest(
            person.id, vector, heads=["semantic"], scope=scope or Scope(), most=most, usage=usage
        )
    return [(each.trace_id, round(each.similarity, 5)) for each in found]


@pytest.mark.parametrize(
    "scope",
    [
        Scope(),
        Scope(since=MONDAY + timedelta(minutes=10), until=MONDAY + timedelta(minutes=30)),
        Scope(role="user"),
        Scope(role="assistant"),
        Scope(source="chat"),
    ],
    ids=["everything", "a span of time", "a role", "another role", "a source"],
)
async def test_the_same_is_found_with_them_as_without(somebody: Dreamer, scope: Scope) -> None:
    cold, warm = (SketchCache(somebody.resources.database) for _ in range(2))
    await loaded(warm, somebody)
    expected = await near(somebody, cold, "Which bird sings in tree 3?", scope=scope)
    assert await near(somebody, warm, "Which bird sings in tree 3?", scope=scope) == expected
    assert bool(expected) == (scope.role != "assistant")


async def test_nobody_waits_until_they_are_read(somebody: Dreamer) -> None:
    cache = SketchCache(somebody.resources.database)
    assert len(ids(await loaded(cache, somebody))) == len(BIRDS)


async def test_what_was_said_since_is_read_and_the_rest_is_not(somebody: Dreamer) -> None:
    cache = SketchCache(somebody.resources.database)
    before = await loaded(cache, somebody)
    (said,) = await somebody.say("An owl hooted in the barn.", at=MONDAY + timedelta(days=1))
    await somebody.embedded()
    after = await current(cache, somebody)
    assert after is not None and after.parts[:1] == before.parts
    assert ids(after)[len(BIRDS) :] == [said]
    assert (await near(somebody, cache, "an owl in the barn", most=1))[0][0] == said


async def test_what_was_written_anew_is_found_as_it_is(somebody: Dreamer) -> None:
    cache = SketchCache(somebody.resources.database)
    shared = somebody.resources
    ((changed, _),) = await near(somebody, cache, BIRDS[5], most=1)
    await cache.work_off()
    (vector,) = await shared.embedding.passages(
        ["The ferry to Cacilhas was late."], urgency=Urgency.QUESTION
    )
    async with shared.database.unit_of_work() as work:
        store = EmbeddingStore(work.session, shared.column)
        await store.put(somebody.id, [Head(changed, "semantic", vector)], model="hashing")
    held = await current(cache, somebody)
    assert held is not None and ids(held)[-1] == changed and len(ids(held)) == len(BIRDS)
    assert (await near(somebody, cache, "the ferry to Cacilhas", most=1))[0][0] == changed


async def test_nothing_forgotten_is_held_any_more(somebody: Dreamer) -> None:
    cache = SketchCache(somebody.resources.database)
    held = await loaded(cache, somebody)
    gone = ids(held)[7]
    await somebody.forget(gone)
    assert await current(cache, somebody) is None
    assert cache.size == 0
    await cache.work_off()
    again = await current(cache, somebody)
    assert again is not None and sorted(ids(again)) == sorted(set(ids(held)) - {gone})


async def test_nothing_is_added_to_what_was_read_before_a_forgetting(somebody: Dreamer) -> None:
    """By a recall that read its counts just before it."""
    cache = SketchCache(somebody.resources.database)
    held = await loaded(cache, somebody)
    await somebody.say("An owl hooted in the barn.", at=MONDAY + timedelta(days=1))
    await somebody.embedded()
    usage = await usage_of(somebody)
    await somebody.forget(ids(held)[0])
    async with somebody.resources.database.reading() as work:
        assert await cache.current(work.session, somebody.id, usage) is None
    assert cache.size == 0


async def test_what_another_process_forgot_is_not_found(somebody: Dreamer) -> None:
    """Even by sketches that were read just before."""
    cache = SketchCache(somebody.resources.database)
    usage = await usage_of(somebody)
    held = await loaded(cache, somebody)
    best = (await near(somebody, cache, BIRDS[9], most=1))[0][0]
    await somebody.forget(best)
    shared = somebody.resources
    vector = await shared.embedding.question(BIRDS[9])
    async with shared.database.reading() as work:
        assert await cache.current(work.session, somebody.id, usage) is held  # counts from before
        index = VectorIndex(work.session, shared.column, cache)
        found = await index.nearest(
            somebody.id, vector, heads=["semantic"], scope=Scope(), most=10, usage=usage
        )
    assert best not in {each.trace_id for each in found} and len(found) == 10


async def test_what_nobody_asks_for_is_dropped(somebody: Dreamer) -> None:
    now = [0.0]
    cache = SketchCache(somebody.resources.database, clock=lambda: now[0])
    somebody_else = await Dreamer.sign_up(somebody.resources)
    await loaded(cache, somebody)
    work = asyncio.create_task(cache.run())
    for now[0], is_held in (
        (IDLE_SECONDS - 1, True),
        (2 * IDLE_SECONDS - 2, True),
        (4 * IDLE_SECONDS, False),
    ):
        await current(cache, somebody_else)  # which wakes it
        await asyncio.sleep(0.1)
        assert (cache.size > 0) == is_held
        if is_held:
            assert await current(cache, somebody) is not None
    work.cancel()


async def test_those_who_asked_last_keep_theirs_when_memory_runs_short(somebody: Dreamer) -> None:
    shared = somebody.resources
    others = [await Dreamer.sign_up(shared) for _ in range(2)]
    for other in others:
        await other.say(*BIRDS, at=MONDAY)
        await other.embedded()
    size = (await loaded(SketchCache(shared.database), somebody)).size
    cache = SketchCache(shared.database, most_bytes=2 * size)
    await loaded(cache, somebody)
    await loaded(cache, others[0])
    assert await current(cache, somebody) is not None
    await loaded(cache, others[1])
    assert cache.size == 2 * size
    assert await current(cache, others[0]) is None
    assert await current(cache, somebody) is not None


async def test_small_memories_and_huge_ones_are_not_held(somebody: Dreamer) -> None:
    cache = SketchCache(somebody.resources.database)
    for traces in (FEWEST_TRACES - 1, MOST_TRACES):
        usage = await usage_of(somebody, traces=traces)
        async with somebody.resources.database.reading() as work:
            assert await cache.current(work.session, somebody.id, usage) is None
        await cache.work_off()
        assert cache.size == 0


async def test_of_somebody_who_is_gone_nothing_is_held(somebody: Dreamer) -> None:
    cache = SketchCache(somebody.resources.database)
    nobody = Dreamer(somebody.resources, UUID(int=7))
    usage = replace(await usage_of(somebody), traces=FEWEST_TRACES)
    async with somebody.resources.database.reading() as work:
        assert await cache.current(work.session, nobody.id, usage) is None
    await cache.work_off()
    assert cache.size == 0


async def test_a_running_service_reads_them_by_itself(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.storage.sketch_cache.FEWEST_TRACES", len(BIRDS))
    question = Question("Which bird sings in tree 3?", 5, MONDAY + timedelta(days=3))
    async with running(
        settings, embedder=HashingEmbedder(), clock=Clock(question.now)
    ) as resources:
        person = await Dreamer.sign_up(resources)
        await person.say(*BIRDS, at=MONDAY)
        waiting = "SELECT FROM pending_embedding WHERE user_id = :me"
        await asyncio.to_thread(until, lambda: not person.looking(waiting))
        async with person.memory() as memory:
            cold = await memory.recall(person.id, question, strengthen=False)
        await asyncio.to_thread(until, lambda: resources.sketches.size)
        async with person.memory() as memory:
            warm = await memory.recall(person.id, question, strengthen=False)
    assert [(m.trace.id, m.score) for m in warm.memories] == [
        (m.trace.id, m.score) for m in cold.memories
    ]
