"""Strengthen and fade in a real memory: promoted, faded, previewed, restored, gone; and a whole year."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from conftest import NewDatabase
from sqlalchemy import text
from support.databases import database_url, looking_into
from support.dreamers import MONDAY, Clock, Dreamer, dreaming

from app.dependencies import recall_pipeline
from app.recall.question import Question
from app.settings import Settings
from app.storage.migrations import migrate

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


@pytest.fixture
async def somebody(settings: Settings) -> AsyncIterator[Dreamer]:
    async with dreaming(settings, clock=Clock(MONDAY + 2 * DAY)) as resources:
        yield await Dreamer.sign_up(resources)


def clock_of(somebody: Dreamer) -> Clock:
    clock = somebody.resources.clock
    assert isinstance(clock, Clock)
    return clock


async def dream_later(somebody: Dreamer, *, days: int) -> None:
    """The night of a day so much later, on which something was said."""
    clock_of(somebody).now = MONDAY + (days + 2) * DAY
    await somebody.say(f"On day {days} we painted the boat.", at=MONDAY + days * DAY)
    await somebody.dream()


async def recalled(somebody: Dreamer, question: str) -> list[str]:
    resources = somebody.resources
    async with resources.database.unit_of_work() as work:
        asked = Question(text=question, k=20, now=resources.clock())
        found = await recall_pipeline(resources, work).recall(somebody.id, asked)
    return [memory.trace.content for memory in found.memories]


def states(somebody: Dreamer) -> dict[str, tuple[bool, float]]:
    """By content: whether it has faded, and its salience."""
    rows = somebody.looking(
        "SELECT content, faded_at IS NOT NULL AS faded, salience FROM memory_trace"
        " WHERE user_id = :me AND role = 'user'"
    )
    return {row.content: (row.faded, round(row.salience, 2)) for row in rows}


async def use(somebody: Dreamer, trace_id: UUID) -> None:
    somebody.resources.strengthening.note(somebody.id, [trace_id], at=somebody.resources.clock())
    await somebody.resources.strengthening.flush()


async def set_pinned(somebody: Dreamer, trace_id: UUID) -> None:
    with looking_into(somebody.resources.settings) as connection:
        connection.execute(
            text("UPDATE memory_trace SET pinned = true WHERE user_id = :me AND id = :id"),
            {"me": somebody.id, "id": trace_id},
        )


async def test_unused_small_talk_fades_and_is_listed(somebody: Dreamer) -> None:
    plain, used, pinned = await somebody.say(
        "ok, thanks pelican", "see you, heron", "bye bye, stork", at=MONDAY, salience=0.1
    )
    await somebody.dream()
    await use(somebody, used)
    await set_pinned(somebody, pinned)
    await dream_later(somebody, days=60)
    assert states(somebody)["ok, thanks pelican"] == (True, 0.1)
    assert states(somebody)["see you, heron"] == (False, 0.35), "it was used, so it is promoted"
    assert states(somebody)["bye bye, stork"] == (False, 0.1)
    reports = (
        "SELECT report FROM consolidation_run WHERE user_id = :me AND report ? 'faded' ORDER BY day"
    )
    told = [row.report for row in somebody.looking(reports)]
    assert [report["faded"] for report in told if report["faded"]] == [[str(plain)]]
    assert [report["promoted"] for report in told if report["promoted"]] == [[str(used)]]
    await somebody.embedded()
    heads = "SELECT DISTINCT head FROM memory_embedding WHERE user_id = :me AND trace_id = :id"
    with looking_into(somebody.resources.settings) as connection:
        found = connection.execute(text(heads), {"me": somebody.id, "id": used}).scalars()
        assert "semantic" in set(found)


async def test_what_has_faded_does_not_come_to_mind_until_it_is_restored(
    somebody: Dreamer,
) -> None:
    (plain,) = await somebody.say("ok, thanks pelican", at=MONDAY, salience=0.1)
    await somebody.dream()
    assert "ok, thanks pelican" in await recalled(somebody, "pelican")
    await dream_later(somebody, days=60)
    assert "ok, thanks pelican" not in await recalled(somebody, "pelican")
    async with somebody.memory() as memory:
        assert (await memory.restore(somebody.id, plain)).faded_at is None
    assert "ok, thanks pelican" in await recalled(somebody, "pelican")
    await dream_later(somebody, days=61)
    assert states(somebody)["ok, thanks pelican"][0] is False, "restoring it was a use"


async def test_nothing_fades_that_no_summary_holds(somebody: Dreamer) -> None:
    await somebody.say("ok, thanks pelican", at=MONDAY, salience=0.1)
    with looking_into(somebody.resources.settings) as connection:
        connection.execute(
            text("DELETE FROM consolidation_run WHERE user_id = :me"), {"me": somebody.id}
        )
    await dream_later(somebody, days=60)
    assert states(somebody)["ok, thanks pelican"][0] is False


async def test_a_preview_changes_nothing(somebody: Dreamer) -> None:
    (plain,) = await somebody.say("ok, thanks pelican", at=MONDAY, salience=0.1)
    await somebody.dream()
    async with somebody.resources.database.unit_of_work() as work:
        decision = await somebody.resources.fading.preview(
            work.session, somebody.id, at=MONDAY + 90 * DAY
        )
    assert [one.trace_id for one in decision.faded] == [plain]
    assert states(somebody)["ok, thanks pelican"][0] is False


async def test_after_the_days_of_grace_it_is_gone_and_the_summary_stays(
    somebody: Dreamer,
) -> None:
    await somebody.say("ok, thanks pelican", "We painted the boat.", at=MONDAY, salience=0.1)
    await somebody.dream()
    summaries = somebody.summaries()
    await dream_later(somebody, days=60)
    clock_of(somebody).now += 29 * DAY
    await somebody.resources.pruning.run()
    assert "ok, thanks pelican" in states(somebody)
    clock_of(somebody).now += 2 * DAY
    await somebody.resources.pruning.run()
    assert "ok, thanks pelican" not in states(somebody)
    assert somebody.summaries()[: len(summaries)] == summaries
    postings = (
        "SELECT count(*) AS n FROM memory_posting AS p JOIN memory_trace AS t"
        " ON t.user_id = p.user_id AND t.id = p.trace_id"
        " WHERE p.user_id = :me AND p.term LIKE 'pelican%' AND t.role = 'user'"
    )
    assert somebody.looking(postings)[0].n == 0, "only summaries say it"


async def test_a_year_goes_by(new_database: NewDatabase) -> None:
    """One person, two things every other day, and the clock of a whole year."""
    fresh = new_database()
    migrate(database_url(fresh))
    clock = Clock(datetime(2025, 1, 1, 20, tzinfo=UTC))
    async with dreaming(fresh, clock=clock) as resources:
        somebody = await Dreamer.sign_up(resources)
        for day in range(0, 365, 2):
            morning = datetime(2025, 1, 1, 9, tzinfo=UTC) + day * DAY
            clock.now = morning
            await somebody.say(
                f"I live in {'Porto' if day < 180 else 'Lisbon'} and met Ana at pier {day}.",
                "ok, thanks",
                at=morning,
            )
            await resources.dream.dream_for_all()
            if morning.day <= 2:
                await resources.pruning.run()
        clock.now += 10 * DAY
        await resources.dream.dream_for_all()
        assert set(somebody.runs().values()) <= {"done", "due"}
        assert len(somebody.summaries()) == 183
        assert len(somebody.summaries("weekly")) == 53
        assert len(somebody.summaries("monthly")) == 12
        homes = somebody.looking(
            "SELECT t.content, e.valid_to FROM memory_edge AS e JOIN memory_trace AS t"
            " ON t.user_id = e.user_id AND t.id = e.dst"
            " WHERE e.user_id = :me AND e.type = 'lives_in' ORDER BY e.valid_from"
        )
        assert [(row.content, row.valid_to is None) for row in homes] == [
            ("Porto", False),
            ("Lisbon", True),
        ]
        small_talk = (
            "SELECT count(*) AS n FROM memory_trace WHERE user_id = :me AND content = 'ok, thanks'"
        )
        assert 15 < somebody.looking(small_talk)[0].n < 75, "weeks of it are left, not a year"
        insights = "SELECT count(*) AS n FROM dream_insight WHERE user_id = :me"
        assert 0 < somebody.looking(insights)[0].n <= 3 * 53
