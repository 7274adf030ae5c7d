"""One run a person and day, whatever happens: twice, killed, side by side, overtaken, failing."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import NewDatabase
from sqlalchemy import text
from support.databases import database_url, looking_into, scalar
from support.dreamers import MONDAY, Clock, Dreamer, contents, copy_of, dreaming
from support.embedders import HashingEmbedder
from support.people import until

from app.embedders.protocol import Urgency, Vectors
from app.settings import Settings
from app.storage.consolidations import LEASE, ConsolidationStore
from app.storage.migrations import migrate
from app.storage.users import UserStore

pytestmark = pytest.mark.anyio
BACKEND = Path(__file__).parents[2]
NIGHT = timedelta(hours=24)
LATER = MONDAY + timedelta(days=40)
Contents = dict[str, Sequence[str]]


@pytest.fixture
def empty(new_database: NewDatabase) -> Settings:
    fresh = new_database()
    migrate(database_url(fresh))
    return fresh


class GatedEmbedder(HashingEmbedder):
    """Stops in the middle of a dream, before a text that has the word in it, until it may go on."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word = word
        self.reached = asyncio.Event()
        self.may_go_on = asyncio.Event()

    async def embed(self, texts: Sequence[str], *, urgency: Urgency) -> list[Vectors]:
        if any(self.word in text for text in texts):
            self.reached.set()
            await self.may_go_on.wait()
        return await super().embed(texts, urgency=urgency)


class FailingEmbedder(HashingEmbedder):
    """Breaks on a text that has the word in it."""

    word: str | None = None

    async def embed(self, texts: Sequence[str], *, urgency: Urgency) -> list[Vectors]:
        if self.word and any(self.word in text for text in texts):
            raise RuntimeError(self.word)
        return await super().embed(texts, urgency=urgency)


async def tell_a_week(somebody: Dreamer) -> None:
    """Ten days with people, places, facts and small talk."""
    for day in range(10):
        await somebody.say(
            f"I live in {'Porto' if day < 5 else 'Lisbon'} and I met Ana at the market.",
            f"We planned the boat trip number {day} with Rui for the weekend.",
            "ok, thanks",
            at=MONDAY + timedelta(days=day),
        )
    await somebody.embedded()


@pytest.fixture(scope="module")
def original(new_database: NewDatabase) -> Settings:
    """A database in which somebody has told ten days, and nobody has dreamt yet."""
    fresh = new_database()
    migrate(database_url(fresh))

    async def tell() -> None:
        async with dreaming(fresh, clock=Clock(MONDAY + timedelta(days=12))) as resources:
            await tell_a_week(await Dreamer.sign_up(resources))

    asyncio.run(tell())
    return fresh


@pytest.fixture
def told(original: Settings, new_database: NewDatabase) -> Settings:
    """The same, to be dreamt of."""
    return copy_of(original, new_database())


@pytest.fixture(scope="module")
def undisturbed(original: Settings, new_database: NewDatabase) -> Contents:
    """What it holds after a night that nothing happened in."""
    calm = copy_of(original, new_database())
    asyncio.run(dream_all(calm, at=LATER))
    return contents(calm)


async def dream_all(settings: Settings, *, at: datetime) -> int:
    """One night for everybody; how many runs there were."""
    async with dreaming(settings, clock=Clock(at)) as resources:
        nights = await resources.dream.dream_for_all()
        while await resources.worker.work_off(most=64):
            pass
        return sum(len(night.leases) for night in nights)


async def test_a_second_run_of_every_night_changes_no_row(told: Settings) -> None:
    assert await dream_all(told, at=LATER) == 10 + 2 + 1
    first = contents(told)
    assert len(first["memory_fact"]) > 5
    assert await dream_all(told, at=LATER) == 0, "what was dreamt is not dreamt again"
    with looking_into(told) as connection:
        connection.execute(text("UPDATE consolidation_run SET state = 'due'"))
    assert await dream_all(told, at=LATER) == 10 + 2 + 1
    assert contents(told) == first


async def test_replicas_dream_each_day_once(told: Settings, undisturbed: Contents) -> None:
    counts = await asyncio.gather(*(dream_all(told, at=LATER) for _ in range(3)))
    assert sum(counts) == 10 + 2 + 1
    assert contents(told) == undisturbed
    assert scalar(told, "SELECT max(attempts) FROM consolidation_run") == 1


DREAM = """
import asyncio, os, sys
from datetime import datetime
from support.dreamers import Clock, dreaming
from support.embedders import HashingEmbedder
from app.settings import Settings

class Slow(HashingEmbedder):
    async def embed(self, texts, *, urgency):
        if sys.argv[2] and any(sys.argv[2] in text for text in texts):
            print("reached", flush=True)
            await asyncio.Event().wait()
        return await super().embed(texts, urgency=urgency)

async def main():
    clock = Clock(datetime.fromisoformat(sys.argv[1]))
    async with dreaming(Settings(), clock=clock, embedder=Slow()) as resources:
        await resources.dream.dream_for_all()

asyncio.run(main())
"""


def dreaming_process(
    settings: Settings, *, at: datetime, stops_before: str = ""
) -> subprocess.Popen[str]:
    """Another process in the middle of a night."""
    assert settings.redis_url is not None
    assert settings.secret_key is not None
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(settings),
        "REDIS_URL": settings.redis_url.get_secret_value(),
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "PYTHONPATH": f"{BACKEND}{os.pathsep}{BACKEND / 'tests'}",
    }
    return subprocess.Popen(
        [sys.executable, "-c", DREAM, at.isoformat(), stops_before],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


@pytest.mark.parametrize("stops_before", ["June 4, 2026", "The week from"])
async def test_a_night_killed_while_it_thinks_is_resumed(
    told: Settings, undisturbed: Contents, stops_before: str
) -> None:
    process = dreaming_process(told, at=LATER - 2 * LEASE, stops_before=stops_before)
    assert process.stdout is not None
    assert await asyncio.to_thread(process.stdout.readline) == "reached\n"
    kill(process)
    assert scalar(told, "SELECT count(*) FROM consolidation_run WHERE state = 'running'") == 1
    assert await dream_all(told, at=LATER - 2 * LEASE) == 0, (
        "the dead process's lease is still good"
    )
    await dream_all(told, at=LATER)
    assert contents(told) == undisturbed


@pytest.mark.parametrize("table", ["memory_fact", "dream_insight"])
async def test_a_night_killed_while_it_writes_is_resumed(
    told: Settings, undisturbed: Contents, table: str
) -> None:
    with looking_into(told) as connection:
        connection.execute(text(f"LOCK TABLE {table} IN EXCLUSIVE MODE"))
        process = dreaming_process(told, at=LATER - 2 * LEASE)
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        await asyncio.to_thread(until, lambda: bool(scalar(told, waiting)))
        kill(process)
    gone = (
        "SELECT count(*) = 0 FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    await asyncio.to_thread(until, lambda: bool(scalar(told, gone)))
    await dream_all(told, at=LATER)
    assert contents(told) == undisturbed


async def test_a_lease_that_was_lost_writes_nothing(empty: Settings) -> None:
    clock, gate = Clock(MONDAY + 2 * NIGHT), GatedEmbedder("June 1, 2026")
    async with AsyncExitStack() as stack:
        slow = await stack.enter_async_context(dreaming(empty, clock=clock, embedder=gate))
        quick = await stack.enter_async_context(dreaming(empty, clock=clock))
        somebody = await Dreamer.sign_up(quick)
        await somebody.say("The ferry to the island leaves at seven.", at=MONDAY)
        thinking = asyncio.create_task(slow.dream.dream_for(somebody.id))
        await gate.reached.wait()
        assert await somebody.dream() == [], "one at a time"
        clock.now += 2 * LEASE
        assert await somebody.dream() == ["daily 2026-06-01"]
        first = contents(empty)
        gate.may_go_on.set()
        await thinking
        assert contents(empty) == first
        assert somebody.runs()["daily 2026-06-01"] == "done"


async def test_a_sign_of_life_keeps_the_lease(empty: Settings) -> None:
    clock = Clock(MONDAY + 2 * NIGHT)
    async with dreaming(empty, clock=clock) as resources:
        somebody = await Dreamer.sign_up(resources)
        await somebody.say("The ferry leaves at seven.", at=MONDAY)
        async with resources.database.unit_of_work() as work:
            runs = ConsolidationStore(work.session)
            lease = await runs.claim(somebody.id, owner=somebody.id, now=clock.now, only=None)
            assert lease is not None
            assert await runs.renew(lease, now=clock.now + LEASE)
        clock.now += LEASE + timedelta(seconds=1)
        assert await somebody.dream() == []
        clock.now += LEASE
        assert await somebody.dream() == ["daily 2026-06-01"]


async def test_a_day_is_dreamt_when_it_is_over_where_the_person_is(empty: Settings) -> None:
    clock = Clock(datetime(2026, 6, 1, 23, 59, tzinfo=UTC))
    async with dreaming(empty, clock=clock) as resources:
        east = await Dreamer.sign_up(resources, zone="Asia/Tokyo")
        west = await Dreamer.sign_up(resources, zone="America/New_York")
        evening = datetime(2026, 6, 1, 12, tzinfo=UTC)
        for somebody in (east, west):
            await somebody.say("The lanterns are lit on the river.", at=evening)
        assert (await east.dream(), await west.dream()) == (["daily 2026-06-01"], [])
        clock.now = datetime(2026, 6, 2, 5, 59, tzinfo=UTC)
        assert await west.dream() == [], "in New York it is not two in the morning yet"
        clock.now += timedelta(minutes=1)
        assert await west.dream() == ["daily 2026-06-01"]


async def test_missed_days_are_caught_up_oldest_first(empty: Settings) -> None:
    clock = Clock(MONDAY + timedelta(days=15))
    async with dreaming(empty, clock=clock) as resources:
        somebody = await Dreamer.sign_up(resources)
        for day in (8, 2, 5):
            await somebody.say(f"Day {day}: we painted the boat.", at=MONDAY + timedelta(days=day))
        assert await somebody.dream() == [
            "daily 2026-06-03",
            "daily 2026-06-06",
            "weekly 2026-06-07",
            "daily 2026-06-09",
            "weekly 2026-06-14",
        ]


async def test_a_late_write_reopens_its_day_and_what_is_above(empty: Settings) -> None:
    clock = Clock(MONDAY + timedelta(days=60))
    async with dreaming(empty, clock=clock) as resources:
        somebody = await Dreamer.sign_up(resources)
        await somebody.say("We painted the boat in blue.", at=MONDAY)
        await somebody.dream()
        await somebody.say("The engine of the boat was repaired in Setúbal.", at=MONDAY)
        again = await somebody.dream()
        assert again[:2] == ["daily 2026-06-01", "weekly 2026-06-07"]
        assert "Setúbal" in somebody.summaries()[0]
        (run,) = somebody.looking(
            "SELECT reopened_at FROM consolidation_run WHERE user_id = :me AND kind = 'daily'"
        )
        assert run.reopened_at is not None
        assert await somebody.dream() == []


async def test_what_the_dream_made_is_never_replayed(empty: Settings) -> None:
    clock = Clock(MONDAY + timedelta(days=60))
    async with dreaming(empty, clock=clock) as resources:
        somebody = await Dreamer.sign_up(resources)
        await somebody.say("I met Ana in Porto.", "Ana showed me the harbour.", at=MONDAY)
        await somebody.dream()
        report = (
            "SELECT report ->> 'traces' AS n FROM consolidation_run"
            " WHERE user_id = :me AND kind = 'daily'"
        )
        assert [row.n for row in somebody.looking(report)] == ["2"]
        await somebody.say("The harbour was full of sails.", at=MONDAY)
        await somebody.dream()
        assert [row.n for row in somebody.looking(report)] == ["3"]


async def test_forgetting_while_the_dream_thinks_brings_nothing_back(empty: Settings) -> None:
    clock, gate = Clock(MONDAY + 2 * NIGHT), GatedEmbedder("Monday, June 1")
    async with AsyncExitStack() as stack:
        slow = await stack.enter_async_context(dreaming(empty, clock=clock, embedder=gate))
        quick = await stack.enter_async_context(dreaming(empty, clock=clock))
        somebody = await Dreamer.sign_up(quick)
        secret, _ = await somebody.say(
            "The safe in the cellar opens with the word axolotlite.",
            "We went to see the boats in the harbour.",
            at=MONDAY,
        )
        await somebody.embedded()
        thinking = asyncio.create_task(slow.dream.dream_for(somebody.id))
        await gate.reached.wait()
        await somebody.forget(secret)
        gate.may_go_on.set()
        await thinking
        assert somebody.runs()["daily 2026-06-01"] == "done"
        assert len(somebody.summaries()) == 1
        assert "axolotl" not in str(contents(empty)).casefold()


async def test_an_account_that_is_erased_in_the_middle_of_its_dream_leaves_nothing(
    empty: Settings,
) -> None:
    clock, gate = Clock(MONDAY + 2 * NIGHT), GatedEmbedder("Monday, June 1")
    async with AsyncExitStack() as stack:
        slow = await stack.enter_async_context(dreaming(empty, clock=clock, embedder=gate))
        quick = await stack.enter_async_context(dreaming(empty, clock=clock))
        somebody = await Dreamer.sign_up(quick)
        await somebody.say("The safe opens with the word axolotlite.", at=MONDAY)
        await somebody.embedded()
        thinking = asyncio.create_task(slow.dream.dream_for(somebody.id))
        await gate.reached.wait()
        async with quick.database.unit_of_work() as work:
            await UserStore(work.session).remove(somebody.id, at=clock.now)
        gate.may_go_on.set()
        await thinking
        assert await slow.dream.dream_for_all() == []
        assert not any(contents(empty).values())
        assert somebody.runs() == {}


async def test_one_persons_failure_stops_nobody_else_and_is_tried_again(empty: Settings) -> None:
    clock, embedder = Clock(MONDAY + 2 * NIGHT), FailingEmbedder()
    async with dreaming(empty, clock=clock, embedder=embedder) as resources:
        people = [await Dreamer.sign_up(resources) for _ in range(3)]
        for somebody, word in zip(people, ("heron", "unlucky", "kingfisher"), strict=True):
            await somebody.say(f"A {word} stood in the reeds by the river.", at=MONDAY)
        embedder.word = "unlucky"
        await resources.dream.dream_for_all()
        states = [somebody.runs()["daily 2026-06-01"] for somebody in people]
        assert states == ["done", "failed", "done"]
        (failed,) = people[1].looking(
            "SELECT error, due_at FROM consolidation_run WHERE user_id = :me"
        )
        assert failed.error == "RuntimeError", "its kind, never its message"
        async with resources.database.unit_of_work() as work:
            backlog = await ConsolidationStore(work.session).backlog(now=clock.now)
        assert (str(backlog.oldest_day), backlog.failed) == ("2026-06-01", 1)
        embedder.word = None
        assert await people[1].dream() == [], "not at once"
        clock.now += NIGHT
        assert await people[1].dream() == ["daily 2026-06-01"]


async def test_while_the_embedder_is_away_the_dream_goes_on(empty: Settings) -> None:
    from app.errors import EmbedderUnavailableError

    class Away(HashingEmbedder):
        async def embed(self, texts: Sequence[str], *, urgency: Urgency) -> list[Vectors]:
            raise EmbedderUnavailableError("away")

    clock = Clock(MONDAY + 2 * NIGHT)
    async with dreaming(empty, clock=clock, embedder=Away()) as resources:
        somebody = await Dreamer.sign_up(resources)
        await somebody.say("We painted the boat in blue.", at=MONDAY)
        await resources.dream.dream_for_all()
        assert len(somebody.summaries()) == 1
        heads = "SELECT count(*) AS n FROM pending_embedding WHERE user_id = :me"
        assert somebody.looking(heads)[0].n == 6
