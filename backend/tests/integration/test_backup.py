"""Backups: made while people write, restored whole, and without what was forgotten since."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
import redis
from conftest import NewDatabase
from sqlalchemy import text
from support.databases import database_url, looking_into, scalar
from support.dreamers import MONDAY, Clock, Dreamer, contents, copy_of, dreaming
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.maya import ASKED, maya
from support.people import PASSWORD, Person, until
from support.pruning import fade

from app.embedded.servers import embedded_servers
from app.embedders.protocol import Embedder
from app.errors import StartupError
from app.main import create_app
from app.services.forget_service import ForgetScope
from app.services.reforgetting import reforget
from app.settings import Settings
from app.storage.migrations import migrate
from app.storage.selection import Selection
from recall_quality import measure

SCRIPTS = Path(__file__).parents[3] / "scripts"
LATER = "2027-01-01T00:00:00Z"
QUESTIONS = ("the ferry to Almada", "who mends boilers", "line 7")


@dataclass
class Installation:
    """A data folder with its backups; ``settings`` and ``url`` are there while it runs. Without an
    ``embedder`` it has the packaged model."""

    data: Path
    backups: Path
    embedder: Embedder | None
    settings: Settings = field(default_factory=Settings)
    url: str = ""

    @contextmanager
    def running(self) -> Iterator[str]:
        with embedded_servers(Settings(sara_data_dir=self.data)) as settings:
            self.settings = settings
            migrate(database_url(settings))
            with serving(create_app(settings, embedder=self.embedder)) as url:
                self.url = url
                yield url

    def backup(self, kind: str) -> Path:
        """A new backup of a kind."""
        self.script("backup.sh", kind)
        return max(self.backups.glob(f"{kind}-*"))

    def script(self, name: str, *arguments: str | Path, fails: bool = False) -> str:
        """What a script printed; its error when it is to fail."""
        ended = subprocess.run(
            [SCRIPTS / name, *arguments],
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ended.returncode != 0) == fails, ended.stderr
        return ended.stderr if fails else ended.stdout

    def environment(self) -> dict[str, str]:
        """What a script sees: none of our settings but where everything is."""
        ours = {field.upper() for field in Settings.model_fields}
        bare = {name: value for name, value in os.environ.items() if name not in ours}
        return bare | {"SARA_DATA_DIR": str(self.data), "BACKUP_DIR": str(self.backups)}

    def empty_the_working_memory(self) -> None:
        """It is filled again out of Postgres."""
        assert self.settings.redis_url is not None
        with redis.from_url(self.settings.redis_url.get_secret_value()) as client:
            client.flushall()

    def again(self, person: Person) -> Person:
        """The same person at the service that runs now."""
        person.base_url = httpx.URL(self.url)
        answer = person.post("/auth/login", json={"email": person.email, "password": PASSWORD})
        answer.raise_for_status()
        person.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return person


@pytest.fixture(scope="module")
def place() -> Iterator[Installation]:
    with TemporaryDirectory(prefix="sara-test-") as parent:
        yield Installation(Path(parent, "data"), Path(parent, "backups"), HashingEmbedder())


@contextmanager
def writing(person: Person) -> Iterator[list[str]]:
    """Somebody writes and forgets without a pause; the traces that were acknowledged and stay."""
    kept: list[str] = []
    stop = threading.Event()

    def go_on() -> None:
        with closing(Person(str(person.base_url))) as other:
            while not stop.is_set():
                lines = [f"Said in between, line {len(kept) + n}." for n in range(5)]
                kept.extend(person.remember_many([{"content": line} for line in lines]))
                other.remember("Something for a moment.")
                other.post("/memory/forget", json={"scope": "all"})

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        until(lambda: len(kept) > 20)
        yield kept
    finally:
        stop.set()
        thread.join()


def recalled(person: Person) -> list[Any]:
    """What comes to mind, with its scores."""
    return [
        [
            (found["trace_id"], round(found["score"], 6))
            for found in person.recall(question, now=LATER)["results"]
        ]
        for question in QUESTIONS
    ]


def told(person: Person) -> dict[str, str]:
    """Every trace of a person, by id."""
    found: dict[str, str] = {}
    while True:
        page = len(found) // 100 + 1
        answer = person.get("/memory/episodes", params={"page": page, "per_page": 100}).json()
        found |= {item["trace_id"]: item["content"] for item in answer["episodes"]}
        if len(found) >= answer["total"]:
            return found


def test_a_dump_made_while_people_write_is_whole_and_lacks_what_was_forgotten_since(
    place: Installation,
) -> None:
    with place.running() as url:
        person, leaver = Person(url), Person(url)
        secret = person.remember("The cellar hides zanzibarite.")
        leaver.remember("I will be gone.")
        note = person.post(
            "/notes", json={"title": "Minerals", "content": "Of zanzibarite."}
        ).json()
        with writing(person) as kept:
            acknowledged = list(kept)
            dump = place.backup("dump")
        person.post("/memory/forget", json={"trace_id": secret}).raise_for_status()
        person.request("DELETE", f"/notes/{note['id']}").raise_for_status()
        farewell = leaver.request("DELETE", "/auth/me", json={"password": PASSWORD})
        farewell.raise_for_status()
        place.script("backup.sh", "tombstones")
        names = "zanzibarite", person.email
        assert not any(word in (place.backups / "tombstones.ndjson").read_text() for word in names)
    shutil.rmtree(place.data / "postgres")
    place.script("restore.sh", "dump", dump)
    with place.running() as url, closing(place.again(person)), closing(leaver):
        there = told(person)
        assert set(acknowledged) <= set(there)
        assert secret not in there
        assert len(person.recall("Said in between", k=10)["results"]) == 10
        assert person.get("/memory/stats").json()["traces"] == len(there)
        assert person.get("/memory/tombstones").json()["total"] == 2
        assert person.get("/notes").json() == []
        credentials = {"email": leaver.email, "password": PASSWORD}
        assert httpx.post(f"{url}/auth/login", json=credentials).status_code == 401
        hidden = "SELECT count(*) FROM memory_trace WHERE content ~ 'zanzibarite'"
        assert scalar(place.settings, hidden) == 0
        unsound = """
            SELECT count(*) FROM memory_usage AS u WHERE u.traces <> (
                SELECT count(*) FROM memory_trace AS t WHERE t.user_id = u.user_id)"""
        assert scalar(place.settings, unsound) == 0


def test_a_dump_gives_every_row_back_and_the_same_recalls(place: Installation) -> None:
    with place.running() as url:
        person = Person(url)
        for number in range(40):
            person.remember(f"Line {number}: the ferry to Almada left late, Rui mends boilers.")
        person.until_embedded()
        rows, answers = contents(place.settings), recalled(person)
        dump = place.backup("dump")
    refusal = place.script("restore.sh", "dump", dump, fails=True)
    assert "--replace deletes them first" in refusal
    place.script("restore.sh", "dump", dump, "--replace")
    with place.running(), closing(place.again(person)):
        assert contents(place.settings) == rows
        assert recalled(person) == answers


def test_a_restored_backup_passes_the_recall_bench(tmp_path: Path) -> None:
    """Asked by the bench's own code with the packaged model, as before all was lost."""
    place = Installation(tmp_path / "data", tmp_path / "backups", embedder=None)
    told = tmp_path / "told.json"
    with place.running() as url, closing(Person(url)) as other:
        measure(url, maya(), kept_in=told)
        everybody = {"user_id": "all"}  # or else the restored service would, while it is asked
        other.post("/memory/consolidate", json=everybody).raise_for_status()
        place.empty_the_working_memory()  # as a restore does
        before = measure(url, maya(), told_in=told)
        with writing(other):
            dump = place.backup("dump")
    shutil.rmtree(place.data)
    place.script("restore.sh", "dump", dump)
    with place.running() as url:
        after = measure(url, maya(), told_in=told)
    assert after.quality == before.quality
    assert after.quality.micro.questions == len(ASKED)
    assert after.quality.micro.recall_at_10 > 0.9
    assert after.degraded == {}


def test_a_base_backup_and_the_log_give_back_a_moment(place: Installation) -> None:
    with place.running() as url:
        person = Person(url)
        person.remember("Before the base backup.")
        base = place.backup("base")
        with receiving(place):
            before = person.remember("Shortly before the mistake.")
            moment = scalar(place.settings, "SELECT clock_timestamp()::text")
            after = person.remember("The mistake itself.")
            until(lambda: is_received(place))
        person.post("/memory/forget", json={"trace_id": before}).raise_for_status()
        place.script("backup.sh", "tombstones")
    refusal = place.script("restore.sh", "point-in-time", base, fails=True)
    assert "--replace puts it aside" in refusal
    place.script("restore.sh", "point-in-time", base, "--to", moment, "--replace")
    with place.running(), closing(place.again(person)):
        assert list(told(person).values()) == ["Before the base backup."]
        assert person.get(f"/memory/traces/{after}").status_code == 404
        assert person.get("/memory/tombstones").json()["total"] == 1
        assert scalar(place.settings, "SELECT pg_is_in_recovery()") is False
    assert list(place.data.glob("postgres.before-*"))


@contextmanager
def receiving(place: Installation) -> Iterator[None]:
    """The write-ahead log is received while the block runs."""
    command = [SCRIPTS / "backup.sh", "wal"]
    with subprocess.Popen(command, env=place.environment()) as process:
        try:
            yield
        finally:
            process.terminate()


def is_received(place: Installation) -> bool:
    """Whether everything written so far is beside the backups."""
    sql = "SELECT max(flush_lsn) >= pg_current_wal_flush_lsn() FROM pg_stat_replication"
    return bool(scalar(place.settings, sql))


def test_old_backups_go_and_the_newest_stays(place: Installation) -> None:
    with place.running():
        place.backup("dump")
        for name in ("dump-20200101T000000Z.dump", "dump-20200102T000000Z.dump"):
            (place.backups / name).touch()
            os.utime(place.backups / name, (0, 0))
        place.script("backup.sh", "expire")
        assert not list(place.backups.glob("dump-2020*"))
        for dump in place.backups.glob("dump-*"):
            os.utime(dump, (0, 0))
        place.script("backup.sh", "expire")
    assert len(list(place.backups.glob("dump-*"))) == 1


def test_the_list_of_tombstones_outlives_the_database(place: Installation) -> None:
    """Whoever begins anew by mistake takes nothing off it."""
    with place.running() as url, closing(Person(url)) as person:
        person.remember("Something for a moment.")
        person.post("/memory/forget", json={"scope": "all"}).raise_for_status()
        place.script("backup.sh", "tombstones")
    before = (place.backups / "tombstones.ndjson").read_text()
    assert before
    shutil.rmtree(place.data / "postgres")
    with place.running():
        place.script("backup.sh", "tombstones")
    assert (place.backups / "tombstones.ndjson").read_text() == before


@pytest.mark.anyio
@pytest.mark.parametrize("scope", ["trace", "range", "all"])
async def test_forgetting_again_takes_what_forgetting_took(
    new_database: NewDatabase, scope: ForgetScope
) -> None:
    """With the summaries and nodes that were made of it, and whatever was begun since."""
    lived, restored = new_database(), new_database()
    migrate(database_url(lived))
    clock = Clock(MONDAY)
    async with dreaming(lived, clock=clock) as resources:
        dreamer = await Dreamer.sign_up(resources)
        ids = await dreamer.say("Rui mended the boiler.", "Ana works at Galp.", at=MONDAY)
        clock.now = MONDAY + timedelta(days=1)
        await dreamer.dream()
    copy_of(lived, restored)
    async with dreaming(lived, clock=clock) as resources:
        meant = {
            "trace": Selection(trace_ids=ids[1:], with_notes=True),
            "range": Selection(since=MONDAY + timedelta(seconds=1), until=MONDAY + timedelta(1)),
            "all": Selection(),
        }
        await Dreamer(resources, dreamer.id).forget_all_of(scope, meant[scope])
    lines = listed(lived)
    assert "Galp" not in "".join(lines)
    done = await reforget(restored, lines)
    assert (done.tombstones, done.accounts) == (1, 0)
    assert done.traces >= 1
    assert contents(restored) == contents(lived)
    again = await reforget(restored, lines)
    assert (again.tombstones, again.traces, again.accounts) == (0, 0, 0)


@pytest.mark.anyio
@pytest.mark.parametrize("was_there", [True, False])
async def test_what_was_pruned_before_it_was_forgotten_is_forgotten_again(
    new_database: NewDatabase, was_there: bool
) -> None:
    """Whether the backup was made before it was pruned or after."""
    lived, restored = new_database(), new_database()
    migrate(database_url(lived))
    clock = Clock(MONDAY)
    async with dreaming(lived, clock=clock) as resources:
        dreamer = await Dreamer.sign_up(resources)
        lost, _ = await dreamer.say(
            "Clara Quxworth sang, and Clara laughed.", "We saw the boats.", at=MONDAY
        )
        clock.now = MONDAY + timedelta(days=80)
        await dreamer.dream()
        fade(lived, dreamer.id, [lost])
        if not was_there:
            await resources.pruning.run()
    copy_of(lived, restored)
    async with dreaming(lived, clock=clock) as resources:
        await resources.pruning.run()
        await Dreamer(resources, dreamer.id).forget(lost)
    done = await reforget(restored, listed(lived))
    assert (done.tombstones, done.traces) == (1, 1)
    for left in map(contents, (lived, restored)):
        assert "quxworth" not in str(left).casefold()
        assert (len(left["memory_trace"]), left["pruned_trace"]) == (1, [])


@pytest.mark.anyio
async def test_a_list_that_is_none_changes_nothing(settings: Settings) -> None:
    with pytest.raises(StartupError, match="Line 1 of the list is no tombstone"):
        await reforget(settings, ['{"kind": "trace"}'])


def listed(settings: Settings) -> list[str]:
    """What ``scripts/tombstones.sql`` says of a database."""
    sql = (SCRIPTS / "tombstones.sql").read_text()
    with looking_into(settings) as connection:
        return list(connection.execute(text(sql[sql.index("SELECT") :])).scalars())
