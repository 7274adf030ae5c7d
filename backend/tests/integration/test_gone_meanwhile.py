"""What is deleted while a request about it is under way: an answer, and never an error of ours."""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

import anyio.to_thread
import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from support.databases import database_url, looking_into, scalar
from support.notes import note_of, written
from support.people import Person, until

from app.language.words import Words
from app.models import Note
from app.services.note_connections import NoteConnections
from app.services.note_suggestions import NoteSuggestions
from app.services.turns import Turns
from app.settings import Settings
from app.storage.database import Database, UnitOfWork
from app.storage.note_connections import NoteConnectionStore
from app.storage.note_ties import NoteTieStore
from app.storage.notes import NoteStore
from app.storage.traces import TraceStore
from app.storage.users import UserStore

pytestmark = pytest.mark.anyio

WAITING = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
TURN = "SELECT FROM memory_usage WHERE user_id = :person FOR UPDATE"


def id_of(person: Person) -> UUID:
    return UUID(person.get("/auth/me").json()["id"])


def answered_after(
    settings: Settings, request: Callable[[], httpx.Response], *deletions: str, **parameters: object
) -> httpx.Response:
    """The answer to a request that comes while these are under way, and waits for their end."""
    with ThreadPoolExecutor(1) as thread:
        with looking_into(settings) as connection:
            for sql in deletions:
                connection.execute(text(sql), parameters)
            answer = thread.submit(request)
            until(lambda: answer.done() or scalar(settings, WAITING) > 0)
        return answer.result()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/memory/trace", {"content": "The heron stands in the reeds."}),
        ("/notes", {"title": "Herons"}),
        ("/auth/keys", {"name": "agent"}),
    ],
)
def test_who_writes_while_the_account_is_erased_is_signed_out(
    person: Person, settings: Settings, path: str, body: dict[str, str]
) -> None:
    answer = answered_after(
        settings,
        lambda: person.post(path, json=body),
        "DELETE FROM app_user WHERE id = :person",
        person=id_of(person),
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "NotSignedInError")


def test_a_note_that_goes_while_it_is_dismissed_is_not_there(
    person: Person, settings: Settings
) -> None:
    one, other = written(person, "Boats"), written(person, "Soup")
    answer = answered_after(
        settings,
        lambda: person.post(f"/notes/{one}/suggestions/{other}/dismiss"),
        TURN,
        "DELETE FROM note WHERE user_id = :person AND id = :other",
        person=id_of(person),
        other=other,
    )
    assert (answer.status_code, answer.json()["error"]) == (404, "NotFoundError")


class ReadLate(NoteStore):
    """Something is done in the moment before notes are read by their ids."""

    def __init__(self, session: AsyncSession, before: Callable[[], object]) -> None:
        super().__init__(session)
        self._before = before

    async def by_ids(self, user_id: UUID, note_ids: Collection[UUID]) -> dict[UUID, Note]:
        await anyio.to_thread.run_sync(self._before)
        return await super().by_ids(user_id, note_ids)


def suggesting(work: UnitOfWork, notes: NoteStore) -> NoteSuggestions:
    traces, turns = TraceStore(work.session), Turns()
    connections = NoteConnectionStore(work.session)

    def clock() -> datetime:
        return datetime.now(UTC)

    return NoteSuggestions(
        work,
        notes=notes,
        ties=NoteTieStore(work.session),
        connections=connections,
        connecting=NoteConnections(
            work, notes=notes, connections=connections, traces=traces, turns=turns, clock=clock
        ),
        traces=traces,
        users=UserStore(work.session),
        turns=turns,
        words=Words("english"),
        clock=clock,
    )


async def test_a_note_that_goes_while_it_is_suggested_is_left_out(
    person: Person, settings: Settings
) -> None:
    one, other = (written(person, title, "The boat of Ana Oliveira.") for title in ("Boats", "Ana"))
    stays = written(person, "Harbour", "The boat of Ana Oliveira is in the harbour.")
    person.until_embedded()
    user_id, note_id = id_of(person), UUID(one)
    database = Database(database_url(settings))
    try:
        async with database.unit_of_work() as work:
            late = ReadLate(work.session, lambda: person.delete(f"/notes/{other}"))
            found = await suggesting(work, late).of(user_id, note_id, most=10)
        assert [str(item.note.id) for item in found] == [stays]
        again = written(person, "Ana", note_of(person, one)["content"])
        person.until_embedded()
        async with database.unit_of_work() as work:
            late = ReadLate(work.session, lambda: person.delete(f"/notes/{again}"))
            near = await suggesting(work, late).similar(user_id, note_id, most=10)
        assert [str(item.note.id) for item in near] == [stays]
    finally:
        await database.close()
