"""Lineage A of an old Sara comes over: text ids, naive times, JSON in text, and all the rest."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest
from conftest import NewDatabase
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from support.databases import database_url
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.moving import LONG, TABLES_OF_A, Move, fill_lineage_a
from support.old_sara import ANA, RUI, TALK, digest_of, fill
from support.people import PASSWORD, until

from app.main import create_app
from app.migration.lenient import uuid_of
from app.migration.report import Report
from app.migration.source import reading
from app.storage.migrations import migrate as migrate_schema


@dataclass(frozen=True)
class Arrived:
    """A migration that is done; ``before`` is what the old database was like."""

    move: Move
    report: Report
    before: list[str]


@pytest.fixture
def lineage_a(new_database: NewDatabase) -> Move:
    """Lineage A, still to be brought over."""
    new = new_database()
    migrate_schema(database_url(new))
    return fill_lineage_a(Move(database_url(new_database()), new))


@pytest.fixture(scope="module")
def arrived(new_database: NewDatabase) -> Arrived:
    """Lineage A, brought over once for all tests that only look."""
    new = new_database()
    migrate_schema(database_url(new))
    move = fill_lineage_a(Move(database_url(new_database()), new))
    before = digest_of(move.old, TABLES_OF_A)
    return Arrived(move, move.run(), before)


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


@pytest.mark.anyio
async def test_the_old_database_lets_nothing_be_written(arrived: Arrived) -> None:
    async with reading(arrived.move.old, schema="public", zone="UTC") as source:
        with pytest.raises(DBAPIError, match="read-only transaction"):
            await source._connection.execute(text("DELETE FROM episode"))
