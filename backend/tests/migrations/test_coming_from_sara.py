"""The way in from an existing Sara: both lineages, with everything odd that they hold."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from conftest import NewDatabase
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from support.databases import database_url, looking_into, scalar
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.old_sara import ANA, BCRYPT, EVA, LINEAGE_B, RUI, TALK, digest_of, fill, make
from support.people import PASSWORD, Person, until

from app.errors import StartupError
from app.main import create_app
from app.migration.checkpoint import Options
from app.migration.lenient import uuid_of
from app.migration.migrate import foretell, migrate, verify
from app.migration.report import Report
from app.migration.source import reading
from app.settings import Settings
from app.storage.migrations import migrate as migrate_schema
from old_episodes import LINEAGE_A, many_episodes

SCRIPT = Path(__file__).parents[3] / "scripts" / "migrate_episodes_to_memory.py"
TABLES_OF_A = ("app_user", "episode", "note", "note_connection", "memory_edge")
LONG = "The harbour master told a very long story. " * 5_000


@dataclass(frozen=True)
class Move:
    """An old database and a new one."""

    old: str
    settings: Settings

    def options(self, **changes: Any) -> Options:
        """How it is read."""
        return Options(source=self.old, **changes)

    def run(self, work: Any = migrate, **changes: Any) -> Report:
        """Migrate, verify or foretell."""
        report: Report = asyncio.run(
            work(
                self.options(**changes),
                self.settings,
                progress=lambda what, done, total: None,
                clock=lambda: datetime.now(UTC),
            )
        )
        return report

    def rows(self, sql: str, **parameters: Any) -> list[Any]:
        """What is in the new one."""
        with looking_into(self.settings) as connection:
            return list(connection.execute(text(sql), parameters).all())

    def trace(self, old_id: str) -> Any:
        """The trace of an episode."""
        (row,) = self.rows(
            "SELECT t.*, u.email FROM memory_trace AS t JOIN app_user AS u ON u.id = t.user_id"
            " WHERE t.id = :id",
            id=uuid_of("episode", old_id),
        )
        return row


@dataclass(frozen=True)
class Arrived:
    """A migration that is done; ``before`` is what the old database was like."""

    move: Move
    report: Report
    before: list[str]


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


@pytest.fixture(scope="module")
def arrived(new_database: NewDatabase) -> Arrived:
    """Lineage A, brought over once for all tests that only look."""
    new = new_database()
    migrate_schema(database_url(new))
    move = fill_lineage_a(Move(database_url(new_database()), new))
    before = digest_of(move.old, TABLES_OF_A)
    return Arrived(move, move.run(), before)


def fill_lineage_a(move: Move) -> Move:
    """Every oddity of lineage A; each row is there for one of the tests below."""
    make(move.old, LINEAGE_A)
    people = [
        {
            "id": ANA,
            "email": "Ana@example.com",
            "password_hash": BCRYPT,
            "created_at": "2025-01-01",
        },
        {"id": RUI, "email": "rui@example.com", "password_hash": "pbkdf2:sha256:1$a$b"},
        {"id": "user-ana-again", "email": "ana@EXAMPLE.com", "password_hash": BCRYPT},
        {"id": "user-nobody", "email": None, "password_hash": None},
    ]
    fill(move.old, "app_user", people)
    said = {"user_id": ANA, "role": "user", "created_at": "2025-03-01 09:00"}
    episodes = [
        {**said, "id": "first", "conversation_id": TALK, "content": "I keep bees by the river."},
        {
            **said,
            "id": "second",
            "conversation_id": TALK,
            "content": "How many hives are there by the river?",
            "role": "assistant",
            "created_at": "2025-03-01 09:01",
            "importance": 0.9,
            "topics": '["Bees", "river", "bees"]',
            "context_tags": '["person:Eva", "garden"]',
            "emotional_tone": '{"curious": 0.7, "bad": NaN, "deep": ' + "[" * 20 + "]" * 20 + "}",
            "access_count": 4,
            "last_accessed": "2025-03-02",
            "memory_type": "conversation",
        },
        *(
            {
                **said,
                "id": f"repeat-{n}",
                "conversation_id": f"again-{n}",
                "content": "I keep bees by the river.",
                "created_at": f"2025-03-{n + 2:02} 09:00",
            }
            for n in range(12)
        ),
        {**said, "id": "bees-later", "content": "The bees have swarmed today.", "topics": "BEES"},
        {**said, "id": "timeless", "content": "Nobody knows when this was.", "created_at": None},
        {**said, "id": "empty", "content": ""},
        {**said, "id": "blank", "content": " \n\t"},
        {**said, "id": "null", "content": None},
        {**said, "id": "of-nobody", "user_id": "user-who", "content": "Who am I?"},
        {**said, "id": "of-null", "user_id": None, "content": "Whose is this?"},
        {**said, "id": "of-no-email", "user_id": "user-nobody", "content": "I have no address."},
        {**said, "id": "odd-role", "role": "narrator", "content": "It was a dark night."},
        {**said, "id": "no-role", "role": None, "content": "No role was given to this."},
        {**said, "id": "odd-json", "content": "Broken JSON around this.", "topics": '["half'},
        {**said, "id": "heavy", "content": "This mattered a lot.", "importance": 7.5},
        {**said, "id": "nan", "content": "This mattered not a number.", "importance": "NaN"},
        {**said, "id": "ancient", "content": "From before time.", "created_at": "-infinity"},
        {**said, "id": "future", "content": "From another age.", "created_at": "9999-01-01"},
        {**said, "id": "long", "content": LONG, "conversation_id": "long-talk"},
        {**said, "id": "again", "user_id": "user-ana-again", "content": "My other account."},
        {**said, "id": "of-rui", "user_id": RUI, "content": "I keep bees by the river."},
        {
            **said,
            "id": "6f1c8f0e-0001-4a5e-9d59-6b8f6f3fb0ff",
            "user_id": RUI,
            "content": "This one has a real id.",
            "conversation_id": TALK,
        },
    ]
    fill(move.old, "episode", episodes)
    written = {"user_id": ANA, "created_at": "2025-03-01 10:00"}
    notes = [
        {**written, "id": "n1", "title": "Hives", "content": "See [[River]]."},
        {**written, "id": "n2", "title": "River", "content": "Cold.", "updated_at": "2025-03-04"},
        {**written, "id": "n3", "title": None, "content": "A note without a title."},
        {**written, "id": "n4", "title": "No | [[time]]", "content": "x", "created_at": None},
        {**written, "id": "n5", "title": "", "content": " "},
        {**written, "id": "n6", "title": "Stray", "content": "x", "user_id": "user-who"},
        {**written, "id": "n7", "title": "T" * 300, "content": "Under a long title."},
        {**written, "id": "n8", "title": "Rui's", "content": "Mine.", "user_id": RUI},
    ]
    fill(move.old, "note", notes)
    tie = {"source_note_id": "n1", "target_note_id": "n2", "connection_type": "semantic"}
    ties = [
        {**tie, "id": "c1", "strength": 80, "auto_generated": "true"},
        {**tie, "id": "c2", "strength": None, "auto_generated": "false", "target_note_id": "n3"},
        {**tie, "id": "c3", "source_note_id": "n2", "target_note_id": "n1"},
        {**tie, "id": "c4", "target_note_id": "gone"},
        {**tie, "id": "c5", "target_note_id": "n1"},
        {**tie, "id": "c6", "target_note_id": "n8"},
        {**tie, "id": "c7", "connection_type": "reference", "strength": 900},
        {**tie, "id": "c8", "connection_type": "who knows", "target_note_id": "n4"},
        {**tie, "id": "c9", "target_note_id": None},
    ]
    fill(move.old, "note_connection", ties)
    fill(move.old, "memory_edge", [{"source_id": "first", "target_id": "second"}])
    return move


class TestLineageA:
    """Text ids, naive times, JSON in text."""

    def test_every_row_is_accounted_for_and_the_source_is_as_it_was(self, arrived: Arrived) -> None:
        report = arrived.report
        assert digest_of(arrived.move.old, TABLES_OF_A) == arrived.before
        assert report.is_right, "\n".join(report.lines())
        assert (report.lineage, report.left) == ("A", {"memory_edge": 1})
        episode = report.tables["episode"]
        assert (episode.source, episode.collapsed) == (33, 12)
        assert episode.skipped == {"empty": 3, "unknown_user": 3}
        assert episode.examples["empty"] == ["blank", "empty", "null"]
        assert (episode.expected, report.split) == (17, 2)
        assert report.tables["note"].skipped == {"empty": 1, "unknown_user": 1}
        assert report.tables["note_connection"].skipped == {
            "tied_already": 1,
            "orphan": 2,
            "loop": 1,
            "two_people": 1,
        }
        assert report.tables["app_user"].skipped == {"no_email": 1}
        assert sum(day.found for day in report.days.values()) == 17

    def test_repeats_are_one_trace_that_knows_their_number(self, arrived: Arrived) -> None:
        move = arrived.move
        first = move.trace("first")
        assert (first.meta["repeats"], first.source["conversation_id"]) == (13, TALK)
        assert first.created_at == datetime(2025, 3, 1, 9, tzinfo=UTC)
        assert move.trace("of-rui").meta["repeats"] == 1, "another person said it once"
        found = move.rows("SELECT id FROM memory_trace WHERE content LIKE 'I keep bees%'")
        assert len(found) == 2

    def test_ids_that_are_none_are_mapped_and_others_stay(self, arrived: Arrived) -> None:
        move = arrived.move
        real = UUID("6f1c8f0e-0001-4a5e-9d59-6b8f6f3fb0ff")
        assert move.trace(str(real)).id == real
        assert move.trace("first").id == uuid_of("episode", "first") != UUID(int=0)
        assert move.trace("first").source["id"] == "first"
        (rui,) = move.rows("SELECT id FROM app_user WHERE email = 'rui@example.com'")
        assert str(rui.id) == RUI

    def test_what_was_held_in_text_is_understood(self, arrived: Arrived) -> None:
        move = arrived.move
        second = move.trace("second")
        assert second.meta["topics"] == ["Bees", "river"]
        assert second.meta["participants"] == ["Eva"]
        tone = second.meta["emotional_tone"]
        assert (tone["curious"], tone["bad"]) == (0.7, None)
        assert (second.salience, second.access_count) == (pytest.approx(0.9), 4)
        assert second.last_accessed_at == datetime(2025, 3, 2, tzinfo=UTC)
        assert second.source["type"] == "conversation"
        assert move.trace("odd-json").meta["topics"] == ['["half']

    def test_importance_that_nobody_gave_is_estimated(self, arrived: Arrived) -> None:
        move = arrived.move
        assert move.trace("no-role").salience != pytest.approx(0.5)
        assert move.trace("heavy").salience == 1
        assert 0 < move.trace("nan").salience < 1

    def test_a_missing_or_impossible_time_is_that_of_the_first_episode(
        self, arrived: Arrived
    ) -> None:
        report, move = arrived.report, arrived.move
        for old_id in ("timeless", "ancient", "future"):
            trace = move.trace(old_id)
            assert trace.created_at == datetime(2025, 3, 1, 9, tzinfo=UTC)
            assert trace.meta["time_guessed"] is True
        assert report.guessed_times == 3

    def test_naive_times_are_of_the_zone_that_is_named(self, lineage_a: Move) -> None:
        report = lineage_a.run(assume_tz="America/New_York")
        assert report.is_right
        assert lineage_a.trace("first").created_at == datetime(2025, 3, 1, 14, tzinfo=UTC)

    def test_roles_that_nobody_knows_are_the_systems(self, arrived: Arrived) -> None:
        move = arrived.move
        odd = move.trace("odd-role")
        assert (odd.role, odd.meta["role"]) == ("system", "narrator")
        assert move.trace("no-role").role == "user"

    def test_a_text_that_is_too_long_becomes_a_conversation(self, arrived: Arrived) -> None:
        move = arrived.move
        parts = move.rows(
            "SELECT content, meta ->> 'part' AS part FROM memory_trace"
            " WHERE source ->> 'conversation_id' = 'long-talk' ORDER BY meta ->> 'part'"
        )
        assert [row.part for row in parts] == ["1/3", "2/3", "3/3"]
        assert "".join(row.content for row in parts) == LONG

    def test_conversations_topics_people_and_days_are_edges(self, arrived: Arrived) -> None:
        report, move = arrived.report, arrived.move

        def edges(kind: str) -> set[tuple[UUID, UUID]]:
            rows = move.rows("SELECT src, dst FROM memory_edge WHERE type = :k", k=kind)
            return {(row.src, row.dst) for row in rows}

        first, second, later = (
            uuid_of("episode", name) for name in ("first", "second", "bees-later")
        )
        assert (first, second) in edges("next")
        assert edges("same_topic") == {(later, second)}
        assert edges("same_participant") == set()
        days = edges("same_day")
        assert days
        assert len({src for src, _ in days}) == len(days), "a chain: one edge out of each"
        assert report.edges == len(days) + 1

    def test_an_edge_leads_to_the_next_with_the_same_participant(self, lineage_a: Move) -> None:
        late = {"id": "eva", "user_id": ANA, "role": "user", "content": "Eva came by."}
        fill(
            lineage_a.old,
            "episode",
            [{**late, "context_tags": '["people: eva"]', "created_at": "2025-05-01"}],
        )
        lineage_a.run()
        rows = lineage_a.rows("SELECT src, dst FROM memory_edge WHERE type = 'same_participant'")
        assert [tuple(row) for row in rows] == [
            (uuid_of("episode", "second"), uuid_of("episode", "eva"))
        ]

    def test_people_keep_their_passwords_where_that_can_be(self, arrived: Arrived) -> None:
        report, move = arrived.report, arrived.move
        assert report.passwords_to_reset == ["rui@example.com"]
        assert report.merged_accounts == ["user-ana-again"]
        assert move.trace("again").email == "ana@example.com"
        app = create_app(move.settings, embedder=HashingEmbedder())
        with serving(app) as url, httpx.Client(base_url=url, timeout=60) as client:
            ana = {"email": "ana@example.com", "password": PASSWORD}
            answer = client.post("/auth/login", json=ana)
            assert answer.status_code == 200
            assert answer.json()["is_admin"] is True, "the oldest account"
            token = {"Authorization": f"Bearer {answer.json()['access_token']}"}
            until(
                lambda: client.get("/memory/stats", headers=token).json()["pending_embeddings"] == 0
            )
            found = client.get("/memory/recall", params={"q": "bees"}, headers=token).json()
            assert found["results"][0]["content"].startswith(("I keep bees", "The bees have"))
            notes = client.get("/notes", headers=token).json()
            assert {"Hives", "River", "Untitled", "No / [time]"} < {note["title"] for note in notes}
            everything = client.get("/memory/export", headers=token).content
            back = client.post("/memory/import", headers=token, content=everything)
            assert back.status_code == 200, back.text
            client.cookies.clear()
            rui = {"email": "rui@example.com", "password": PASSWORD}
            assert client.post("/auth/login", json=rui).status_code == 401
            client.post("/auth/password-reset", json=rui, headers=token).raise_for_status()
            assert client.post("/auth/login", json=rui).status_code == 200

    def test_notes_and_what_ties_them_come_along(self, arrived: Arrived) -> None:
        move = arrived.move
        notes = {row.id: row for row in move.rows("SELECT * FROM note")}
        hives, river = uuid_of("note", "n1"), uuid_of("note", "n2")
        assert len(notes) == 6
        assert notes[uuid_of("note", "n3")].title == "Untitled"
        assert notes[uuid_of("note", "n4")].created_at.year == 1970
        long = notes[uuid_of("note", "n7")]
        assert (len(long.title), long.content.startswith("T" * 300)) == (200, True)
        assert notes[river].updated_at == datetime(2025, 3, 4, tzinfo=UTC)
        (trace,) = move.rows("SELECT * FROM memory_trace WHERE id = :id", id=notes[hives].trace_id)
        assert (trace.role, trace.source) == ("note", {"type": "note", "id": str(hives)})
        ties = {
            (row.source_note_id, row.target_note_id, row.connection_type): row
            for row in move.rows("SELECT * FROM note_connection")
        }
        assert len(ties) == 4
        strong = ties[hives, river, "semantic"]
        assert (strong.strength, strong.origin) == (80, "suggestion")
        unsaid = ties[hives, uuid_of("note", "n3"), "semantic"]
        assert (unsaid.strength, unsaid.origin) == (50, "person")
        assert ties[hives, river, "reference"].strength == 100, "at most 100; and [[River]] is it"


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


@pytest.mark.anyio
async def test_the_old_database_lets_nothing_be_written(arrived: Arrived) -> None:
    async with reading(arrived.move.old, schema="public", zone="UTC") as source:
        with pytest.raises(DBAPIError, match="read-only transaction"):
            await source._connection.execute(text("DELETE FROM episode"))


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
