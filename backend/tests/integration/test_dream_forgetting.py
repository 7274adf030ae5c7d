"""Forgetting reaches what the dream has made: summaries, nodes, other names, facts, insights."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Literal
from uuid import uuid4

import pytest
from sqlalchemy import text
from support.databases import looking_into
from support.dreamers import MONDAY, Clock, Dreamer, contents, dreaming

from app.dream.group import UNNAMED
from app.settings import Settings
from app.storage.selection import Selection

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


@pytest.fixture
async def somebody(settings: Settings) -> AsyncIterator[Dreamer]:
    """On the shared database, in the summer after everything was said."""
    async with dreaming(settings, clock=Clock(MONDAY + 80 * DAY)) as resources:
        yield await Dreamer.sign_up(resources)


def nodes(somebody: Dreamer) -> dict[str, list[str]]:
    """The entity nodes by name, with their other names."""
    rows = somebody.looking(
        "SELECT content, meta FROM memory_trace WHERE user_id = :me AND role = 'entity'"
    )
    return {row.content: row.meta["aliases"] for row in rows}


def homes(somebody: Dreamer) -> dict[str, bool]:
    """Where the person lives by the edges, and whether that is over."""
    rows = somebody.looking(
        "SELECT t.content, e.valid_to FROM memory_edge AS e"
        " JOIN memory_trace AS t ON t.user_id = e.user_id AND t.id = e.dst"
        " WHERE e.user_id = :me AND e.type = 'lives_in'"
    )
    return {row.content: row.valid_to is not None for row in rows}


def insights(somebody: Dreamer) -> list[str]:
    rows = somebody.looking("SELECT text FROM dream_insight WHERE user_id = :me ORDER BY text")
    return [row.text for row in rows]


async def test_summaries_of_what_is_forgotten_go_with_it_and_come_back_without_it(
    somebody: Dreamer,
) -> None:
    secret, _ = await somebody.say(
        "The safe in the cellar opens with the word axolotlite.",
        "We went to see the boats in the harbour.",
        at=MONDAY,
    )
    await somebody.dream()
    assert "axolotlite" in somebody.summaries()[0]
    tombstone = await somebody.forget(secret)
    assert tombstone.counts["summaries"] == 3
    assert (
        somebody.summaries() == somebody.summaries("weekly") == somebody.summaries("monthly") == []
    )
    assert "axolotl" not in str(contents(somebody.resources.settings)).casefold()
    assert await somebody.dream() == [
        "daily 2026-06-01",
        "weekly 2026-06-07",
        "monthly 2026-06-28",
    ]
    assert all("boats" in somebody.summaries(kind)[0] for kind in ("daily", "weekly", "monthly"))
    assert "axolotl" not in str(contents(somebody.resources.settings)).casefold()


async def test_a_day_of_which_nothing_is_left_has_no_summary_and_nor_has_its_week(
    somebody: Dreamer,
) -> None:
    everything = await somebody.say("I met Ana in Porto.", "Then Ana sang.", at=MONDAY)
    await somebody.dream()
    assert {"Ana", "Porto"} <= nodes(somebody).keys()
    await somebody.forget(*everything)
    assert nodes(somebody) == {}
    await somebody.dream()
    assert (
        somebody.summaries() == somebody.summaries("weekly") == somebody.summaries("monthly") == []
    )
    left = "SELECT count(*) AS n FROM memory_edge WHERE user_id = :me"
    assert somebody.looking(left)[0].n == 0
    (usage,) = somebody.looking("SELECT traces, terms FROM memory_usage WHERE user_id = :me")
    assert (usage.traces, usage.terms) == (0, 0)


async def test_a_span_takes_the_words_of_what_had_faded_out_of_its_summary(
    somebody: Dreamer,
) -> None:
    await somebody.say("ok, thanks axolotlite", at=MONDAY, salience=0.1)
    await somebody.say("We painted the boat in the harbour.", at=MONDAY + DAY / 4)
    await somebody.dream()
    with looking_into(somebody.resources.settings) as connection:
        fade = (
            "UPDATE memory_trace SET faded_at = created_at WHERE user_id = :me AND salience < 0.2"
            " AND role = 'user'"
        )
        connection.execute(text(fade), {"me": somebody.id})
    await somebody.resources.pruning.run()
    left = "SELECT content FROM memory_trace WHERE user_id = :me AND role = 'user'"
    assert [row.content for row in somebody.looking(left)] == [
        "We painted the boat in the harbour."
    ]
    assert "axolotlite" in somebody.summaries()[0]
    span = Selection(since=MONDAY - DAY / 24, until=MONDAY + DAY / 24)
    tombstone = await somebody.forget_all_of("range", span)
    assert tombstone.counts["summaries"] == 3 and tombstone.counts["traces"] == 0
    await somebody.dream()
    assert "axolotl" not in str(contents(somebody.resources.settings)).casefold()
    assert "boat" in somebody.summaries()[0]
    assert (await somebody.forget_all_of("range", span)).id == tombstone.id
    assert somebody.summaries() != []


async def test_a_summary_that_was_forgotten_does_not_come_back(somebody: Dreamer) -> None:
    """Also where its day had been forgotten as a whole before."""
    await somebody.say("We sold the old boat.", at=MONDAY)
    await somebody.dream()
    await somebody.forget_all_of("range", Selection(since=MONDAY - DAY, until=MONDAY + DAY))
    await somebody.say("We painted the boat in the harbour.", at=MONDAY)
    await somebody.dream()
    (summary,) = somebody.looking(
        "SELECT id FROM memory_trace WHERE user_id = :me AND source ->> 'id' = 'day:2026-06-01'"
    )
    await somebody.forget(summary.id)
    await somebody.say("The harbour was full of herons.", at=MONDAY + DAY / 24)
    assert "daily 2026-06-01" in await somebody.dream()
    assert somebody.summaries() == somebody.summaries("weekly") == []


async def test_other_days_of_the_week_stay_in_its_summary(somebody: Dreamer) -> None:
    (first,) = await somebody.say("We painted the boat in blue in Setúbal.", at=MONDAY)
    await somebody.say("The concert in the chapel was sold out.", at=MONDAY + DAY)
    await somebody.dream()
    await somebody.forget(first)
    await somebody.dream()
    assert len(somebody.summaries()) == 1
    assert "Setúbal" not in somebody.summaries("weekly")[0]
    assert "concert" in somebody.summaries("weekly")[0]


async def test_forgetting_a_fact_lets_the_one_before_hold_again(somebody: Dreamer) -> None:
    await somebody.say("I live in Porto near the river Douro.", at=MONDAY)
    (moved,) = await somebody.say("I live in Lisbon now.", at=MONDAY + 10 * DAY)
    await somebody.dream()
    assert homes(somebody) == {"Porto": True, "Lisbon": False}
    await somebody.forget(moved)
    assert homes(somebody) == {"Porto": False}


async def test_a_node_goes_with_the_last_trace_that_calls_it_so(somebody: Dreamer) -> None:
    (full,) = await somebody.say(
        "I met my friend Ana Oliveira in Porto, and Ana Oliveira sang.", at=MONDAY
    )
    await somebody.say("I told Ana about the boat, and Ana laughed.", at=MONDAY + DAY)
    await somebody.dream()
    named = nodes(somebody)
    assert "Ana Oliveira" in named, named
    await somebody.forget(full)
    assert "Oliveira" not in str(nodes(somebody))
    assert "oliveira" not in str(contents(somebody.resources.settings)).casefold()
    await somebody.dream()
    assert "Ana" in nodes(somebody)


async def test_another_name_goes_with_the_last_trace_that_uses_it(somebody: Dreamer) -> None:
    await somebody.say("I met my friend Ana Oliveira in Porto, and Ana Oliveira sang.", at=MONDAY)
    (short,) = await somebody.say("Today Ana laughed, and I told Ana a joke.", at=MONDAY + DAY)
    await somebody.dream()
    assert nodes(somebody)["Ana Oliveira"] == ["Ana"]
    with looking_into(somebody.resources.settings) as connection:
        connection.execute(
            text(
                "UPDATE memory_trace SET meta = jsonb_set(meta, '{aliases}', '[\"Ana\", \"Anita\"]')"
                " WHERE user_id = :me AND content = 'Ana Oliveira'"
            ),
            {"me": somebody.id},
        )
    await somebody.forget(short)
    assert nodes(somebody)["Ana Oliveira"] == ["Ana"], "which is a part of her full name"


async def test_an_insight_goes_with_its_evidence(somebody: Dreamer) -> None:
    traces = [
        (
            await somebody.say(
                "The greenhouse roof leaks again.",
                "The greenhouse roof needs glass.",
                at=MONDAY + n * DAY,
            )
        )[0]
        for n in range(4)
    ]
    await somebody.dream()
    assert any("greenhouse" in line for line in insights(somebody))
    tombstone = await somebody.forget(traces[0])
    assert tombstone.counts["insights"] >= 1
    assert insights(somebody) == []


@pytest.mark.parametrize("by", ["forgetting", "correcting"])
async def test_an_insight_goes_with_the_name_in_it(somebody: Dreamer, by: str) -> None:
    """Its evidence is only the latest of what mentions her, and the name stands in the oldest alone."""
    (full,) = await somebody.say("I met Clara Quxworth in Porto.", at=MONDAY)
    for n in range(1, 8):
        await somebody.say("I met Clara, and Clara told Edna a joke.", at=MONDAY + n * DAY)
    await somebody.say("The boat is blue.", at=MONDAY + 50 * DAY)
    await somebody.dream()
    told = insights(somebody)
    assert any(line.startswith("Clara Quxworth was mentioned on 8 days") for line in told)
    if by == "forgetting":
        tombstone = await somebody.forget(full)
        assert tombstone.counts["insights"] == sum("Quxworth" in line for line in told)
    else:
        await somebody.correct(full, content="I met somebody in Porto.")
    assert insights(somebody) == [line for line in told if "Quxworth" not in line] != []
    await somebody.dream()
    assert "quxworth" not in str(contents(somebody.resources.settings)).casefold()


@pytest.mark.parametrize("scope", ["all", "range"])
async def test_what_stays_of_a_forgotten_span_is_summed_up_anew(
    somebody: Dreamer, scope: Literal["all", "range"]
) -> None:
    """A note stays, and so does what the dream makes of its day."""
    await somebody.say("The boat is blue.", at=MONDAY)
    note = {"type": "note", "id": str(uuid4())}
    await somebody.say("I met Ana in Porto, and Ana took the ferry.", at=MONDAY + DAY, by=note)
    await somebody.dream()
    _, of_the_note = somebody.summaries()
    assert {"Ana", "Porto"} <= nodes(somebody).keys()
    span = Selection(since=MONDAY - DAY, until=MONDAY + 40 * DAY)
    await somebody.forget_all_of(scope, Selection() if scope == "all" else span)
    assert somebody.summaries() == []
    await somebody.dream()
    assert somebody.summaries() == [of_the_note]
    assert "ferry" in somebody.summaries("weekly")[0]
    assert {"Ana", "Porto"} <= nodes(somebody).keys()


async def test_other_things_are_no_topic_that_returns(somebody: Dreamer) -> None:
    """What has no name of its own."""
    for n in range(3):
        await somebody.say("I slept well.", "I slept badly.", at=MONDAY + n * DAY)
    await somebody.dream()
    labels = "SELECT meta -> 'topics' -> 0 ->> 'label' AS label FROM memory_trace"
    rows = somebody.looking(f"{labels} WHERE user_id = :me AND meta ->> 'kind' = 'daily'")
    assert [row.label for row in rows] == [UNNAMED] * 3
    assert insights(somebody) == []


async def test_what_somebody_forgets_leaves_others_alone(
    somebody: Dreamer, settings: Settings
) -> None:
    other = await Dreamer.sign_up(somebody.resources)
    for one in (somebody, other):
        await one.say("I met Ana in Porto, and Ana sang.", at=MONDAY)
        await one.dream()
    await somebody.forget(
        *(
            row.id
            for row in somebody.looking(
                "SELECT id FROM memory_trace WHERE user_id = :me AND role = 'user'"
            )
        )
    )
    assert nodes(somebody) == {}
    assert "Ana" in nodes(other)
    assert len(other.summaries()) == 1
