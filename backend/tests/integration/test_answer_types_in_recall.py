"""What a question asks for is found through the mentions of the dream."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import update
from support.dreamers import MONDAY, Clock, Dreamer, dreaming

from app.dependencies import recall_pipeline
from app.models import MemoryEdge
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


async def shares(somebody: Dreamer, text: str) -> dict[str, float]:
    """What being of the answer's kind brings each trace that comes to mind."""
    question = Question(text, 10, somebody.resources.clock())
    async with somebody.resources.database.reading() as work:
        found = await recall_pipeline(somebody.resources, work).recall(somebody.id, question)
    return {each.trace.content: each.scores["answer_type"] for each in found.memories}


async def test_a_place_answers_where_once_it_is_dreamt(somebody: Dreamer) -> None:
    assert await shares(somebody, "Where did we stay?") == {TRIP: 0, REST: 0}
    await somebody.dream()
    found = await shares(somebody, "Where did we stay?")
    assert found[TRIP] > found[REST] == 0


async def test_a_place_that_all_speak_of_says_less_of_each(somebody: Dreamer) -> None:
    other_days = [MONDAY + timedelta(days=day) for day in (1, 2)]
    await somebody.say("We stayed in Porto with my aunt.", at=other_days[0])
    await somebody.dream()
    found = await shares(somebody, "Where did we stay?")
    assert found[TRIP] == pytest.approx(found["We stayed in Porto with my aunt."])
    await somebody.say("Lisbon is where we want to stay again.", at=other_days[1])
    await somebody.dream()
    found = await shares(somebody, "Where did we stay?")
    assert 0 < found[TRIP] < found["We stayed in Porto with my aunt."]


@pytest.mark.parametrize(
    "text", ["When did we stay?", "Who stayed?", "Where in Lisbon did we stay?"]
)
async def test_it_answers_nothing_else(somebody: Dreamer, text: str) -> None:
    await somebody.dream()
    assert await shares(somebody, text) == {TRIP: 0, REST: 0}


async def test_a_mention_that_does_not_hold_answers_nothing(somebody: Dreamer) -> None:
    await somebody.dream()
    of_mentions = MemoryEdge.user_id == somebody.id, MemoryEdge.type == "mentions"
    async with somebody.resources.database.unit_of_work() as work:
        await work.session.execute(update(MemoryEdge).where(*of_mentions).values(valid_to=MONDAY))
    assert await shares(somebody, "Where did we stay?") == {TRIP: 0, REST: 0}
