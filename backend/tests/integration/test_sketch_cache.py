"""Sketches held in the process: they find what the database's find, and nothing that was forgotten."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest
from support.dreamers import MONDAY, Clock, Dreamer, dreaming
from support.embedders import HashingEmbedder
from support.people import until

from app.embedders.protocol import Urgency
from app.main import running
from app.models import AppUser
from app.note_keeping import note_service
from app.recall.question import Question
from app.settings import Settings
from app.storage.embeddings import EmbeddingStore, Head
from app.storage.held_sketches import HeldSketches
from app.storage.scope import Scope
from app.storage.selection import Selection
from app.storage.sketch_cache import (
    FEWEST_TRACES,
    GREATEST_AGE_SECONDS,
    IDLE_SECONDS,
    MOST_TRACES,
    SketchCache,
)
from app.storage.traces import Usage
from app.storage.vector_index import VectorIndex
from app.storage.words import WordIndex

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
        usage, _ = await WordIndex(work.session).counts(person.id, ())
    return replace(usage, traces=traces)


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
    await loaded(cache, somebody)
    now[0] = IDLE_SECONDS - 1
    await cache.work_off()
    assert await current(cache, somebody) is not None
    now[0] += IDLE_SECONDS - 1
    await cache.work_off()
    assert cache.size > 0
    now[0] += 2
    await cache.work_off()
    assert cache.size == 0


async def test_sketches_are_read_anew_after_a_while(somebody: Dreamer) -> None:
    """What a clock that was set back hid from them is not hidden for longer."""
    now = [0.0]
    cache = SketchCache(somebody.resources.database, clock=lambda: now[0])
    await loaded(cache, somebody)
    for now[0] in np.arange(0, GREATEST_AGE_SECONDS, IDLE_SECONDS / 2):
        await cache.work_off()
        assert await current(cache, somebody) is not None
    now[0] = GREATEST_AGE_SECONDS + 1
    await cache.work_off()
    assert await current(cache, somebody) is None


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


async def test_nobody_holds_more_than_half_of_it(
    somebody: Dreamer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor are others dropped for them, nor are theirs read again and again."""
    shared = somebody.resources
    other = await Dreamer.sign_up(shared)
    await other.say(*BIRDS[:9], at=MONDAY)
    await other.embedded()
    size = (await loaded(SketchCache(shared.database), somebody)).size
    now = [0.0]
    cache = SketchCache(shared.database, most_bytes=2 * size - 1_000, clock=lambda: now[0])
    small = await loaded(cache, other)
    assert await current(cache, somebody) is None
    await cache.work_off()
    monkeypatch.setattr("app.storage.sketch_cache.statement", pytest.fail)  # nothing is read
    for now[0] in np.arange(0, GREATEST_AGE_SECONDS, IDLE_SECONDS / 2):
        await cache.work_off()
        assert await current(cache, somebody) is None
        assert await current(cache, other) is small
    now[0] = GREATEST_AGE_SECONDS + 1
    await cache.work_off()
    assert await current(cache, somebody) is None
    await cache.work_off()


async def test_a_question_does_not_wait_for_very_much_that_is_new(
    somebody: Dreamer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.storage.sketch_cache.MOST_NEW", 3)
    cache = SketchCache(somebody.resources.database)
    await loaded(cache, somebody)
    for lines in (BIRDS[:3], BIRDS[:4]):
        await somebody.say(*lines, at=MONDAY + timedelta(hours=len(lines)))
        await somebody.embedded()
        assert (await current(cache, somebody) is None) == (len(lines) > 3)
    await cache.work_off()
    held = await current(cache, somebody)
    assert held is not None and len(ids(held)) == len(BIRDS) + 7


async def test_of_a_memory_that_was_large_nothing_is_held(somebody: Dreamer) -> None:
    cache = SketchCache(somebody.resources.database)
    await loaded(cache, somebody)
    await somebody.forget_all_of("all", Selection())
    usage = await usage_of(somebody, traces=0)
    async with somebody.resources.database.reading() as work:
        assert await cache.current(work.session, somebody.id, usage) is None
    assert cache.size == 0


async def test_a_recall_from_before_a_forgetting_drops_nothing(somebody: Dreamer) -> None:
    cache = SketchCache(somebody.resources.database)
    before = await usage_of(somebody)
    held = await loaded(cache, somebody)
    await somebody.forget(ids(held)[0])
    after = await loaded(cache, somebody)
    async with somebody.resources.database.reading() as work:
        assert await cache.current(work.session, somebody.id, before) is None
    assert await current(cache, somebody) is after


async def test_among_notes_no_memory_takes_the_place_of_a_note(somebody: Dreamer) -> None:
    """A memory may have the role of a note."""
    shared = somebody.resources
    await somebody.say(*BIRDS, at=MONDAY + timedelta(days=1), role="note")
    async with shared.database.unit_of_work() as work:
        author = await work.session.get_one(AppUser, somebody.id)
        notes = note_service(shared, work)
        note = await notes.create(author, title="Owls", content="They are asleep.")
    await somebody.embedded()
    vector = await shared.embedding.question("Which bird sings in tree 3?")
    usage = await usage_of(somebody)
    cold, warm = (SketchCache(shared.database) for _ in range(2))
    await loaded(warm, somebody)
    for cache in (cold, warm):
        async with shared.database.reading() as work:
            index = VectorIndex(work.session, shared.column, cache)
            found = await index.near(
                somebody.id, vector, scope=Scope(), most=5, usage=usage, of_notes=True
            )
        assert [each.trace_id for each in found] == [note.trace_id]


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
