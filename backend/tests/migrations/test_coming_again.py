"""Lineage B, half a database, one database for both, and a move that is repeated or killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from conftest import NewDatabase
from sqlalchemy import text
from support.databases import database_url, looking_into, scalar
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.moving import Move, fill_lineage_a
from support.old_sara import ANA, BCRYPT, EVA, LINEAGE_B, RUI, fill, make
from support.people import PASSWORD, Person, until
from support.pruning import lose

from app.errors import StartupError
from app.main import create_app
from app.migration.lenient import uuid_of
from app.migration.migrate import foretell, migrate, verify
from app.storage.migrations import migrate as migrate_schema
from old_episodes import LINEAGE_A, many_episodes

SCRIPT = Path(__file__).parents[3] / "scripts" / "migrate_episodes_to_memory.py"


@pytest.fixture
def move(new_database: NewDatabase) -> Move:
    """Two databases: one still empty, one with our tables."""
    new = new_database()
    migrate_schema(database_url(new))
    return Move(database_url(new_database()), new)


@pytest.fixture
def lineage_a(move: Move) -> Move:
    """Lineage A, still to be brought over."""
    return fill_lineage_a(move)


def test_lineage_b_comes_over(move: Move) -> None:
    make(move.old, LINEAGE_B)
    fill(move.old, "app_user", [{"id": RUI, "email": "rui@example.com", "password_hash": BCRYPT}])
    meta = {"session_id": "s1", "citations": ["doc 7"], "topics": ["Ferry"]}
    said = {"user_id": RUI, "role": "user", "source": "chat", "created_at": "2025-06-01 08:00+02"}
    episodes = [
        {**said, "id": f"6f1c8f0e-000{n}-4a5e-9d59-6b8f6f3fb0ff", "content": content, **more}
        for n, (content, more) in enumerate(
            [
                ("The ferry leaves at seven.", {"meta": json.dumps(meta)}),
                ("And it comes back at nine.", {"meta": json.dumps(meta), "importance": 0.8}),
                ("A copy of a note.", {"source": "note", "meta": None}),
                ("No meta at all.", {"meta": "[]", "created_at": None}),
            ]
        )
    ]
    fill(move.old, "episodes", episodes)
    vector = "[" + ",".join(["0.1"] * 1024) + "]"
    fill(
        move.old,
        "memory_vector",
        [{"id": "v", "episode_id": episodes[0]["id"], "chunk_index": 0, "embedding": vector}],
    )
    notes = [UUID(int=n + 1) for n in range(2)]
    fill(
        move.old,
        "note",
        [{"id": n, "user_id": RUI, "title": f"N{n.int}", "content": "x"} for n in notes],
    )
    fill(
        move.old,
        "note_connection",
        [
            {
                "id": UUID(int=9),
                "source_note_id": notes[0],
                "target_note_id": notes[1],
                "strength": 0.75,
                "auto_generated": True,
            }
        ],
    )
    report = move.run()
    assert report.is_right, "\n".join(report.lines())
    assert (report.lineage, report.left) == ("B", {"memory_vector": 1})
    first = move.trace(episodes[0]["id"])
    assert first.created_at == datetime(2025, 6, 1, 6, tzinfo=UTC)
    assert first.source == {"type": "chat", "id": episodes[0]["id"], "conversation_id": "s1"}
    assert first.meta["old"]["citations"] == ["doc 7"]
    assert first.meta["topics"] == ["Ferry"]
    assert first.salience > 0.1, "0.0 is what the old database gave by itself"
    assert move.trace(episodes[1]["id"]).salience == pytest.approx(0.8)
    assert move.trace(episodes[2]["id"]).source["type"] == "episode"
    (tie,) = move.rows("SELECT strength, origin FROM note_connection")
    assert tuple(tie) == (75, "suggestion")


@pytest.fixture
def lineage_b(move: Move) -> Move:
    """Lineage B with one person and nothing else."""
    make(move.old, LINEAGE_B)
    fill(move.old, "app_user", [{"id": RUI, "email": "rui@example.com", "password_hash": BCRYPT}])
    return move


def test_ids_that_differ_in_case_or_brackets_are_of_two(lineage_b: Move) -> None:
    id_ = "6f1c8f0e-000a-4a5e-9d59-6b8f6f3fb0ff"
    ids = [id_, id_.upper(), f"{{{id_}}}", id_.replace("-", "")]
    said = {"user_id": RUI, "role": "user", "created_at": "2025-06-01"}
    people = [{"id": RUI.upper(), "email": "ana@example.com", "password_hash": BCRYPT}]
    fill(lineage_b.old, "app_user", people)
    fill(
        lineage_b.old, "episodes", [{**said, "id": one, "content": f"{one} it is."} for one in ids]
    )
    for _ in range(2):
        report = lineage_b.run()
        assert report.is_right, "\n".join(report.lines())
    assert [lineage_b.trace(one).content for one in ids] == [f"{one} it is." for one in ids]
    assert str(lineage_b.trace(id_).id) == id_


def test_white_space_of_any_kind_is_nothing(lineage_b: Move) -> None:
    """A non-breaking space, an ideographic one and a line separator, as a text and as an address."""
    said = {"user_id": RUI, "role": "user", "created_at": "2025-06-01"}
    nobody = {"id": "nobody", "email": "\u00a0", "password_hash": BCRYPT}
    fill(lineage_b.old, "app_user", [nobody])
    blank = ["\u00a0", "\u00a0", "\u3000\n", "\u2028"]
    fill(
        lineage_b.old,
        "episodes",
        [
            {**said, "id": "said", "content": "The ferry leaves at seven."},
            *({**said, "id": f"blank-{n}", "content": text} for n, text in enumerate(blank)),
            {**said, "id": "of-nobody", "user_id": "nobody", "content": "Who am I?"},
        ],
    )
    for report in (lineage_b.run(foretell), lineage_b.run(), lineage_b.run(verify)):
        assert report.is_right, "\n".join(report.lines())
        episode = report.tables["episode"]
        assert (episode.source, episode.expected) == (6, 1)
        assert episode.collapsed + episode.stays_away == 5
    assert len(lineage_b.rows("SELECT 1 FROM memory_trace")) == 1


def test_missing_tables_and_columns_are_done_without(move: Move) -> None:
    make(
        move.old,
        "CREATE TABLE app_user (id varchar, email varchar);"
        "CREATE TABLE episode (id integer, user_id varchar, content text)",
    )
    fill(move.old, "app_user", [{"id": EVA, "email": "eva@example.com"}])
    fill(move.old, "episode", [{"id": 7, "user_id": EVA, "content": "Hardly anything is known."}])
    report = move.run()
    assert report.is_right, "\n".join(report.lines())
    assert move.trace("7").created_at == datetime(1970, 1, 1, tzinfo=UTC)
    assert list(report.tables) == ["app_user", "episode"]


def test_the_old_database_may_be_the_new_one(new_database: NewDatabase) -> None:
    both = new_database()
    make(database_url(both), LINEAGE_A)
    migrate_schema(database_url(both))
    move = Move(database_url(both), both)
    fill(move.old, "public.app_user", [{"id": EVA, "email": "eva@example.com"}])
    fill(
        move.old,
        "public.episode",
        [{"id": "e", "user_id": EVA, "content": "Side by side.", "created_at": "2025-01-01"}],
    )
    fill(move.old, "public.memory_edge", [{"source_id": "e", "target_id": "e"}])
    assert move.run().is_right
    assert move.trace("e").email == "eva@example.com"


class TestAgain:
    """A migration that is repeated, narrowed, or only looked at."""

    def test_a_second_run_writes_nothing_new(self, lineage_a: Move) -> None:
        lineage_a.run()
        before = lineage_a.rows("SELECT t.* FROM memory_trace AS t ORDER BY id")
        again = lineage_a.run()
        assert again.is_right
        assert [table.written for table in again.tables.values()] == [0, 0, 0, 0]
        assert lineage_a.rows("SELECT t.* FROM memory_trace AS t ORDER BY id") == before

    def test_what_is_new_comes_with_the_next_run_and_repeats_are_counted_on(
        self, lineage_a: Move
    ) -> None:
        lineage_a.run()
        said = {"user_id": ANA, "role": "user", "created_at": "2025-07-01"}
        new = [
            {**said, "id": "newest", "content": "There is honey now."},
            {**said, "id": "repeat-13", "content": "I keep bees by the river."},
        ]
        fill(lineage_a.old, "episode", new)
        report = lineage_a.run(since=datetime(2025, 6, 1, tzinfo=UTC))
        assert report.is_right, "\n".join(report.lines())
        assert report.tables["episode"].written == 1
        assert report.tables["episode"].skipped["before_since"] == 14
        assert lineage_a.trace("first").meta["repeats"] == 14

    def test_what_was_forgotten_here_stays_forgotten(self, lineage_a: Move) -> None:
        lineage_a.run()
        app = create_app(lineage_a.settings, embedder=HashingEmbedder())
        with serving(app) as url, httpx.Client(base_url=url, timeout=60) as client:
            ana = {"email": "ana@example.com", "password": PASSWORD}
            token = client.post("/auth/login", json=ana).json()["access_token"]
            client.cookies.clear()
            client.headers["Authorization"] = f"Bearer {token}"
            named = {"trace_id": str(uuid_of("episode", "heavy"))}
            client.post("/memory/forget", json=named).raise_for_status()
        report = lineage_a.run()
        assert report.is_right, "\n".join(report.lines())
        assert report.tables["episode"].skipped["forgotten"] == 1
        assert (
            lineage_a.rows("SELECT 1 FROM memory_trace WHERE content LIKE '%mattered a lot%'") == []
        )

    def test_what_was_pruned_here_stays_pruned(self, lineage_a: Move) -> None:
        lineage_a.run()
        heavy = lineage_a.trace("heavy")
        with looking_into(lineage_a.settings) as connection:
            fades = "UPDATE memory_trace SET faded_at = created_at WHERE id = :id"
            connection.execute(text(fades), {"id": heavy.id})
        lose(lineage_a.settings, heavy.user_id, ())
        for work in (migrate, verify):
            report = lineage_a.run(work)
            assert report.is_right, "\n".join(report.lines())
            assert report.tables["episode"].skipped["pruned"] == 1
            assert "episode: 1 skipped, faded here for good: heavy" in report.lines()
        assert lineage_a.rows("SELECT 1 FROM memory_trace WHERE id = :id", id=heavy.id) == []

    def test_what_is_missing_or_changed_is_told(self, lineage_a: Move) -> None:
        lineage_a.run()
        with looking_into(lineage_a.settings) as connection:
            gone, other = uuid_of("episode", "second"), uuid_of("episode", "heavy")
            connection.execute(text("DELETE FROM memory_trace WHERE id = :id"), {"id": gone})
            connection.execute(
                text("UPDATE memory_trace SET content_hash = '' WHERE id = :id"), {"id": other}
            )
        report = lineage_a.run(verify)
        assert not report.is_right
        episode = report.tables["episode"]
        assert (episode.missing, episode.different) == (["second"], ["heavy"])
        assert any(day.expected != day.found for day in report.days.values())
        assert json.loads(report.to_json())["right"] is False

    def test_a_dry_run_writes_nothing_and_foretells_the_numbers(self, lineage_a: Move) -> None:
        told = lineage_a.run(foretell)
        assert lineage_a.rows("SELECT 1 FROM app_user") == []
        assert lineage_a.rows("SELECT 1 FROM app_setting") == []
        done = lineage_a.run()
        for name, table in done.tables.items():
            assert told.tables[name].expected == table.expected
            assert told.tables[name].skipped == table.skipped

    def test_only_the_heads_that_are_asked_for_wait_to_be_embedded(self, lineage_a: Move) -> None:
        lineage_a.run(heads=("semantic", "entity"))
        heads = lineage_a.rows("SELECT DISTINCT head FROM pending_embedding ORDER BY head")
        assert [row.head for row in heads] == ["entity", "semantic"]

    def test_somebody_who_is_here_already_keeps_their_account(self, lineage_a: Move) -> None:
        app = create_app(lineage_a.settings, embedder=HashingEmbedder())
        with serving(app) as url:
            person = Person(url, email="ana@example.com")
            own = person.get("/auth/me").json()["id"]
            person.close()
        assert lineage_a.run().is_right
        assert str(lineage_a.trace("first").user_id) == own


class TestKilled:
    """``kill -9`` in the middle."""

    @pytest.fixture
    def many(self, move: Move) -> Iterator[Move]:
        many_episodes(move.old, 2_000)
        yield move

    def script(self, move: Move, *options: str) -> subprocess.Popen[str]:
        url = database_url(move.settings)
        return subprocess.Popen(
            [sys.executable, SCRIPT, *options],
            env={
                **os.environ,
                "DATABASE_URL": url,
                "SOURCE_DATABASE_URL": move.old,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def test_it_goes_on_and_the_counts_agree(self, many: Move, tmp_path: Path) -> None:
        traces = "SELECT count(*) FROM memory_trace"
        reached = "SELECT value ->> 'done' FROM app_setting WHERE key LIKE 'migration:%'"
        reached = f"SELECT CAST(({reached}) AS integer)"

        def has(number: int) -> bool:
            return bool(scalar(many.settings, traces) >= number)

        for number in (1, 300):
            running = self.script(many, "--batch", "50")
            until(partial(has, number))
            running.send_signal(signal.SIGKILL)
            running.communicate()
            assert running.returncode == -signal.SIGKILL
            written = scalar(many.settings, traces)
            assert written < 800, "it was in the middle"
            assert scalar(many.settings, reached) == written, (
                "the checkpoint is of that very moment"
            )
        file = tmp_path / "report.json"
        ended = self.script(many, "--report", str(file))
        out, err = ended.communicate()
        assert ended.returncode == 0, out + err
        told = json.loads(file.read_text())
        assert told["right"] is True
        episode = told["tables"]["episode"]
        assert (episode["source"], episode["collapsed"]) == (2_000, 1_200)
        assert (episode["expected"], episode["found"]) == (800, 800)
        assert 0 < episode["written"] < 800, "the rest was written before"
        assert scalar(many.settings, traces) == 800
        total = "SELECT sum(CAST(meta ->> 'repeats' AS integer)) FROM memory_trace"
        assert scalar(many.settings, total) == 2_000
        counted = "SELECT sum(traces) FROM memory_usage"
        assert scalar(many.settings, counted) == 800
        checked = self.script(many, "--verify-only")
        out, err = checked.communicate()
        assert checked.returncode == 0, out + err
        assert "Everything is here as it was." in out

    def test_what_cannot_be_read_is_said_in_one_line(self, many: Move) -> None:
        for changes, word in (
            ({"schema": "nowhere"}, "no app_user"),
            ({"schema": "sara_memory"}, "service's own"),
        ):
            with pytest.raises(StartupError, match=word):
                many.run(verify, **changes)
        ended = self.script(many, "--source", "postgresql://127.0.0.1:9/none")
        out, err = ended.communicate()
        assert (ended.returncode, "Traceback" in err) == (2, False), err
        assert "does not answer" in err, out
