"""What a question asks for is found through the mentions of the dream."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import ColumnElement, update
from support.dreamers import MONDAY, Clock, Dreamer, dreaming

from app.dependencies import recall_pipeline
from app.models import MemoryEdge, MemoryTrace
from app.recall.question import Question
from app.settings import Settings

pytestmark = pytest.mark.anyio
TRIP = "We flew to Lisbon and stayed for a week."
REST = "We came back and stayed in bed for a week."


@pytest.fixture
async def somebody(settings: Settings) -> AsyncIterator[Dreamer]:
    """After a Monday of which nothing was dreamt yet."""
    async with dreaming(settings, clock=Clock(MONDAY + timedelta(days=4))) as resources:
        person = await Dreamer.sign_up(resources)
        await person.say(TRIP, REST, at=MONDAY)
        yield person


async def shares(
    somebody: Dreamer, text: str, *, as_of: datetime | None = None
) -> dict[str, float]:
    """What being of the answer's kind brings each trace that comes to mind."""
    question = Question(text, 10, somebody.resources.clock(), as_of=as_of)
    async with somebody.resources.database.reading() as work:
        found = await recall_pipeline(somebody.resources, work).recall(somebody.id, question)
    return {each.trace.content: each.scores["answer_type"] for each in found.memories}


async def change(
    somebody: Dreamer,
    table: type[MemoryEdge | MemoryTrace],
    is_one: ColumnElement[bool],
    **values: Any,
) -> None:
    """Put other values where the dream has left its own."""
    which = update(table).where(table.user_id == somebody.id, is_one)
    async with somebody.resources.database.unit_of_work() as work:
        await work.session.execute(which.values(**values))


async def test_a_place_answers_where_once_it_is_dreamt(somebody: Dreamer) -> None:
    assert await shares(somebody, "Where did we stay?") == {TRIP: 0, REST: 0}
    await somebody.dream()
    found = await shares(somebody, "Where did we stay?")
    assert found[TRIP] > found[REST] == 0


@pytest.mark.parametrize(
    "text", ["When did we stay?", "Who stayed?", "Where in Lisbon did we stay?"]
)
async def test_it_answers_nothing_else(somebody: Dreamer, text: str) -> None:
    await somebody.dream()
    assert await shares(somebody, text) == {TRIP: 0, REST: 0}


async def test_a_mention_answers_as_long_as_it_holds(somebody: Dreamer) -> None:
    await somebody.dream()
    noon, evening = MONDAY + timedelta(hours=3), MONDAY + timedelta(hours=9)
    await change(
        somebody, MemoryEdge, MemoryEdge.type == "mentions", valid_from=noon, valid_to=evening
    )
    for moment, answers in ((noon, True), (evening, False), (noon - timedelta(hours=1), False)):
        found = await shares(somebody, "Where did we stay?", as_of=moment)
        assert (found[TRIP] > 0) is answers


async def test_a_name_that_came_later_answers_nothing_before(somebody: Dreamer) -> None:
    await somebody.dream()
    await change(
        somebody, MemoryTrace, MemoryTrace.role == "entity", created_at=MONDAY + timedelta(days=1)
    )
    found = await shares(somebody, "Where did we stay?", as_of=MONDAY + timedelta(hours=3))
    assert found == {TRIP: 0, REST: 0}


async def test_an_entity_that_was_sent_in_is_none_of_the_dream(somebody: Dreamer) -> None:
    await somebody.dream()
    meta = {"kind": "place", "aliases": [1, None]}
    await change(
        somebody, MemoryTrace, MemoryTrace.role == "entity", source={"type": "elsewhere"}, meta=meta
    )
    assert await shares(somebody, "Where did we stay?") == {TRIP: 0, REST: 0}


async def test_another_name_of_it_is_no_answer_either(somebody: Dreamer) -> None:
    await somebody.dream()
    meta = {"kind": "place", "aliases": ["Lisboa"]}
    await change(somebody, MemoryTrace, MemoryTrace.role == "entity", meta=meta)
    assert await shares(somebody, "Where in Lisboa did we stay?") == {TRIP: 0, REST: 0}
