"""Old months get a smaller index and lose heads that nobody needs; recall still reaches them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from conftest import NewDatabase
from sqlalchemy import text
from support.databases import database_url, looking_into, scalar
from support.dreamers import Clock, Dreamer, dreaming

from app.dependencies import Resources, recall_pipeline
from app.recall.question import Question
from app.services.upkeep import Upkeep
from app.settings import Settings
from app.storage import vector_index
from app.storage.migrations import migrate

pytestmark = pytest.mark.anyio
MARCH = datetime(2026, 3, 10, 9, tzinfo=UTC)
MAY = datetime(2026, 5, 10, 9, tzinfo=UTC)
INDEXES = (
    "SELECT string_agg(indexname, ',' ORDER BY indexname) FROM pg_indexes"
    " WHERE indexname LIKE 'ix_mem_semantic_%_2026_03'"
)
BIRDS = [
    f"The {bird} number {n} sat on the pier." for n in range(40) for bird in ("heron", "stork")
]


@pytest.fixture
def fresh(new_database: NewDatabase) -> Settings:
    database = new_database()
    migrate(database_url(database))
    return database


@pytest.fixture
async def resources(fresh: Settings) -> AsyncIterator[Resources]:
    """A service in March, with partitions made ahead."""
    clock = Clock(MARCH)
    async with dreaming(fresh, clock=clock) as found:
        await Upkeep(found.database, found.column, clock=clock, hot_days=30).run()
        yield found


def set_clock(resources: Resources, now: datetime) -> None:
    assert isinstance(resources.clock, Clock)
    resources.clock.now = now


async def recalled(somebody: Dreamer, question: str) -> list[str]:
    async with somebody.resources.database.unit_of_work() as work:
        asked = Question(text=question, k=5, now=somebody.resources.clock())
        found = await recall_pipeline(somebody.resources, work).recall(somebody.id, asked)
    return [memory.trace.content for memory in found.memories]


async def test_a_month_that_is_not_hot_any_more_is_shifted_once(
    resources: Resources, fresh: Settings
) -> None:
    somebody = await Dreamer.sign_up(resources)
    await somebody.say(*BIRDS, at=MARCH)
    await somebody.embedded()
    assert scalar(fresh, INDEXES) == "ix_mem_semantic_hnsw_2026_03"
    set_clock(resources, MAY)
    shifted = await resources.downshift.run()
    assert shifted is not None
    assert [month.month for month in shifted.months] == ["2026-02", "2026-03"]
    march = shifted.months[1]
    assert 0 < march.index_bytes_after < march.index_bytes_before
    assert scalar(fresh, INDEXES) == "ix_mem_semantic_warm_2026_03"
    assert await resources.downshift.run() is None
    await Upkeep(resources.database, resources.column, clock=resources.clock, hot_days=30).run()
    assert scalar(fresh, INDEXES) == "ix_mem_semantic_warm_2026_03", "upkeep does not undo it"


async def test_recall_reaches_what_was_shifted(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody = await Dreamer.sign_up(resources)
    await somebody.say(*BIRDS, at=MARCH)
    await somebody.embedded()
    question = "the stork number 17"
    before = await recalled(somebody, question)
    assert before[0] == "The stork number 17 sat on the pier."
    set_clock(resources, MAY)
    await somebody.say("A pelican sat in a lime tree.", at=MAY)
    await somebody.embedded()
    assert await resources.downshift.run() is not None
    assert await recalled(somebody, question) == before
    monkeypatch.setattr(vector_index, "INDEXED_FROM", 0)  # as for somebody with very many traces
    assert (await recalled(somebody, question))[0] == before[0]
    assert "pelican" in (await recalled(somebody, "pelican"))[0], "and what is hot as well"


async def test_the_warm_index_is_the_one_that_is_read(
    resources: Resources, fresh: Settings
) -> None:
    somebody = await Dreamer.sign_up(resources)
    await somebody.say(*BIRDS, at=MARCH)
    await somebody.embedded()
    set_clock(resources, MAY)
    await resources.downshift.run()
    with looking_into(fresh) as connection:
        connection.execute(text("SET enable_seqscan = off"))
        connection.execute(text("SET enable_sort = off"))
        plan = connection.execute(
            text(
                "EXPLAIN SELECT trace_id FROM memory_embedding WHERE head = 'semantic'"
                " AND created_at >= '2026-03-01' AND created_at < '2026-04-01'"
                " ORDER BY binary_quantize(vec)::bit(768) <~>"
                " binary_quantize(CAST((SELECT vec FROM memory_embedding LIMIT 1) AS halfvec))::bit(768)"
                " LIMIT 5"
            )
        )
        assert "ix_mem_semantic_warm_2026_03" in "\n".join(plan.scalars())


async def test_what_matters_little_keeps_only_its_text_embedded(resources: Resources) -> None:
    somebody = await Dreamer.sign_up(resources)
    little, used, much = await somebody.say(
        "We fed herons.", "We fed storks.", "We fed pelicans.", at=MARCH, salience=0.4
    )
    with looking_into(resources.settings) as connection:
        change = "UPDATE memory_trace SET {} WHERE user_id = :me AND id = :id"
        for what, trace_id in (("access_count = 1", used), ("salience = 0.9", much)):
            connection.execute(text(change.format(what)), {"me": somebody.id, "id": trace_id})
    await somebody.embedded()
    set_clock(resources, MAY)
    shifted = await resources.downshift.run()
    assert shifted is not None
    heads = somebody.looking(
        "SELECT trace_id, count(*) AS n FROM memory_embedding WHERE user_id = :me GROUP BY 1"
    )
    assert {row.trace_id: row.n for row in heads} == {little: 1, used: 3, much: 3}
    assert shifted.heads_dropped == 2


async def test_a_month_that_lost_heads_takes_less_room(
    resources: Resources, fresh: Settings
) -> None:
    somebody = await Dreamer.sign_up(resources)
    await somebody.say(*BIRDS, at=MARCH, salience=0.4)
    await somebody.embedded()
    size = "SELECT pg_relation_size('sara_memory.memory_embedding_2026_03_pkey')"
    before = scalar(fresh, size)
    set_clock(resources, MAY)
    shifted = await resources.downshift.run()
    assert shifted is not None and shifted.heads_dropped == 2 * len(BIRDS)
    assert scalar(fresh, size) < before
    assert "stork" in (await recalled(somebody, "the stork number 17"))[0]


async def test_nobody_waits_for_it(resources: Resources) -> None:
    somebody = await Dreamer.sign_up(resources)
    await somebody.say(*BIRDS, at=MARCH)
    await somebody.embedded()
    set_clock(resources, MAY)
    shifting = asyncio.create_task(resources.downshift.run())
    written = 0
    while not shifting.done():
        await somebody.say(f"Meanwhile, parcel {written}.", at=MARCH + timedelta(minutes=written))
        assert await recalled(somebody, "parcel")
        written += 1
    assert await shifting is not None
    assert written > 0


async def test_an_interrupted_building_is_begun_anew(resources: Resources, fresh: Settings) -> None:
    with looking_into(fresh) as connection:
        connection.execute(
            text("CREATE INDEX ix_mem_semantic_warm_2026_03 ON memory_embedding_2026_03 (head)")
        )
        connection.execute(
            text(
                "UPDATE pg_index SET indisvalid = false"
                " WHERE indexrelid = to_regclass('ix_mem_semantic_warm_2026_03')"
            )
        )
    set_clock(resources, MAY)
    assert await resources.downshift.run() is not None
    kind = "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_mem_semantic_warm_2026_03'"
    assert "hnsw" in scalar(fresh, kind)


async def test_two_replicas_do_not_shift_at_once(resources: Resources, fresh: Settings) -> None:
    set_clock(resources, MAY)
    async with dreaming(fresh, clock=Clock(MAY)) as other:
        done = await asyncio.gather(resources.downshift.run(), other.downshift.run())
    assert len([shifted for shifted in done if shifted is not None]) == 1
