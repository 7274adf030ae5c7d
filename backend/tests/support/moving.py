"""A move from an old Sara into a new one, and lineage A with everything odd that it holds."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from app.migration.checkpoint import Options
from app.migration.lenient import uuid_of
from app.migration.migrate import migrate
from app.migration.report import Report
from app.settings import Settings
from old_episodes import LINEAGE_A
from support.databases import looking_into
from support.old_sara import ANA, BCRYPT, RUI, TALK, fill, make

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
