"""What has faded for good is in no trace any more, and forgetting still reaches what was made of it."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from support.databases import looking_into
from support.dreamers import MONDAY, Clock, Dreamer, contents, dreaming
from support.pruning import fade

from app.settings import Settings
from app.storage.selection import Selection

pytestmark = pytest.mark.anyio
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
async def somebody(settings: Settings) -> AsyncIterator[Dreamer]:
    async with dreaming(settings, clock=Clock(MONDAY + 80 * DAY)) as resources:
        yield await Dreamer.sign_up(resources)


async def lose(somebody: Dreamer, trace_ids: Sequence[UUID]) -> None:
    """These faded long ago, and are pruned."""
    fade(somebody.resources.settings, somebody.id, trace_ids)
    await somebody.resources.pruning.run()


def insights(somebody: Dreamer) -> list[str]:
    rows = somebody.looking("SELECT text FROM dream_insight WHERE user_id = :me ORDER BY text")
    return [row.text for row in rows]


def left(somebody: Dreamer) -> list[str]:
    rows = somebody.looking(
        "SELECT content FROM memory_trace WHERE user_id = :me AND role = 'user' ORDER BY content"
    )
    return [row.content for row in rows]


@pytest.mark.parametrize("scope", ["trace", "range", "all"])
async def test_what_an_insight_has_come_to_rest_on_is_not_pruned(
    somebody: Dreamer, scope: str
) -> None:
    """Her absence is noticed when all that was said of her has faded already."""
    clock = somebody.resources.clock
    assert isinstance(clock, Clock)
    said: list[UUID] = []
    for n in (0, 15, 45):
        clock.now = MONDAY + (n + 1) * DAY
        said += await somebody.say("I met Clara Quxworth.", at=MONDAY + n * DAY, salience=0.05)
        await somebody.dream()
    for n in (74, 80, 160):
        clock.now = MONDAY + n * DAY
        await somebody.say("The boat is blue.", at=clock.now - DAY, salience=0.9)
        await somebody.dream()
    await somebody.resources.pruning.run()
    assert [line for line in insights(somebody) if line.startswith("Clara Quxworth")] != []
    assert left(somebody).count("I met Clara Quxworth.") == 3
    if scope == "trace":
        await somebody.forget(*said)
    elif scope == "range":
        span = Selection(since=MONDAY - DAY, until=MONDAY + 46 * DAY)
        await somebody.forget_all_of("range", span)
    else:
        await somebody.forget_all_of("all", Selection())
    assert "quxworth" not in str(contents(somebody.resources.settings)).casefold()


async def test_an_insight_that_rests_on_nothing_goes_with_its_day(somebody: Dreamer) -> None:
    def notice(day: date) -> None:
        with looking_into(somebody.resources.settings) as connection:
            connection.execute(
                text(
                    "INSERT INTO dream_insight (user_id, id, kind, day, text)"
                    " VALUES (:me, :id, 'absent_person', :day, :text)"
                ),
                {"me": somebody.id, "id": uuid4(), "day": day, "text": f"Of {day}."},
            )

    for day in (1, 2, 3):
        notice(date(2026, 6, day))
    span = Selection(since=MONDAY + 15 * HOUR, until=MONDAY + 39 * HOUR)
    tombstone = await somebody.forget_all_of("range", span)
    assert tombstone.counts["insights"] == 1
    assert insights(somebody) == ["Of 2026-06-01.", "Of 2026-06-03."]
    assert (await somebody.forget_all_of("range", span)).id == tombstone.id
    await somebody.forget_all_of("all", Selection())
    assert insights(somebody) == []


async def test_a_span_forgotten_again_takes_what_was_said_and_faded_since(
    somebody: Dreamer,
) -> None:
    span = Selection(since=MONDAY - HOUR, until=MONDAY + HOUR)
    tombstones = []
    for word in ("axolotlite", "quokkaite"):
        lost = await somebody.say(f"The {word} is in the cellar.", at=MONDAY)
        await somebody.dream()
        await lose(somebody, lost)
        assert word in somebody.summaries()[0]
        tombstones.append((await somebody.forget_all_of("range", span)).id)
        assert somebody.summaries() == []
        await somebody.dream()
    assert len(set(tombstones)) == 2
    assert (await somebody.forget_all_of("range", span)).id == tombstones[1]


async def test_a_span_takes_the_names_of_what_faded_in_it(somebody: Dreamer) -> None:
    """The node stays, which a later day mentions by another name."""
    lost = await somebody.say(
        "I met my friend Clara Quxworth in Porto, and Clara Quxworth sang.", at=MONDAY, salience=0.1
    )
    await somebody.say("I told Clara about the boat, and Clara laughed.", at=MONDAY + DAY)
    await somebody.dream()
    with looking_into(somebody.resources.settings) as connection:
        for table in ("memory_fact", "insight_evidence"):
            connection.execute(
                text(f"DELETE FROM {table} WHERE user_id = :me"), {"me": somebody.id}
            )
    await lose(somebody, lost)
    names = "SELECT content FROM memory_trace WHERE user_id = :me AND role = 'entity'"
    assert "Clara Quxworth" in {row.content for row in somebody.looking(names)}
    await somebody.forget_all_of("range", Selection(since=MONDAY - HOUR, until=MONDAY + HOUR))
    assert "quxworth" not in str(contents(somebody.resources.settings)).casefold()
    await somebody.dream()
    assert "Clara" in {row.content for row in somebody.looking(names)}


async def test_a_span_leaves_the_summary_of_a_day_that_is_whole(somebody: Dreamer) -> None:
    await somebody.say("We painted the boat in the harbour.", at=MONDAY)
    (lost,) = await somebody.say("The axolotlite is in the cellar.", at=MONDAY + DAY)
    await somebody.dream()
    await lose(somebody, [lost])
    whole, _ = somebody.summaries()
    span = Selection(since=MONDAY + 4 * HOUR, until=MONDAY + 2 * DAY)
    await somebody.forget_all_of("range", span)
    assert somebody.summaries() == [whole]
