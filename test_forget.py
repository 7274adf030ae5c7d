"""The story of forgetting: what is forgotten is nowhere, and the rest is as it was."""

from uuid import uuid4

import pytest
import redis
from conftest import NewPerson
from sqlalchemy import text
from support.databases import looking_into
from support.people import Person

from app.settings import Settings

MARKER = "zanzibarite"


@pytest.fixture
def conversation(person: Person) -> list[str]:
    """Three traces of one conversation; the one in the middle will be forgotten."""
    ids = person.remember_many(
        [
            {"content": content, "source": {"type": "chat", "id": f"s{n}", "conversation_id": "c"}}
            for n, content in enumerate(
                [
                    "We talked about the safe in the cellar.",
                    f"The word for the safe is {MARKER}, please keep it.",
                    "Then we went to see the boats in the harbour.",
                ]
            )
        ]
    )
    person.until_embedded()
    return ids


def test_what_is_forgotten_is_in_no_table_and_no_redis_key(
    person: Person, conversation: list[str], settings: Settings
) -> None:
    assert MARKER in person.contents("What is the word for the safe?")[0]
    answer = person.post("/memory/forget", json={"trace_id": conversation[1]})
    assert answer.status_code == 200
    person.until_embedded()
    assert tables_holding(settings, MARKER) == []
    assert keys_holding(settings, MARKER) == []
    assert MARKER not in str(person.recall("What is the word for the safe?"))
    assert MARKER not in person.get("/memory/episodes").text
    assert person.get(f"/memory/traces/{conversation[1]}").status_code == 404


def test_before_it_is_forgotten_the_hunt_finds_it(
    person: Person, conversation: list[str], settings: Settings
) -> None:
    assert {"memory_trace", "memory_term", "memory_posting"} <= set(
        tables_holding(settings, MARKER)
    )
    assert keys_holding(settings, MARKER) == [], "the working memory holds vectors, never text"


def test_the_tombstone_counts_and_does_not_tell(person: Person, conversation: list[str]) -> None:
    tombstone = person.post("/memory/forget", json={"trace_id": conversation[1]}).json()
    assert tombstone["counts"]["traces"] == 1
    assert tombstone["counts"]["edges"] == 2
    assert tombstone["counts"]["embeddings"] == 3
    assert MARKER not in str(tombstone)


def test_forgetting_twice_answers_with_the_first_tombstone(
    person: Person, conversation: list[str]
) -> None:
    first = person.post("/memory/forget", json={"trace_id": conversation[1]}).json()
    again = person.post("/memory/forget", json={"scope": "trace", "id": conversation[1]})
    assert (again.status_code, again.json()) == (200, first)


def test_the_gap_closes_and_neighbours_forget_it_too(
    person: Person, conversation: list[str]
) -> None:
    before, forgotten, after = conversation
    remembered = situation_scores(person)
    person.post("/memory/forget", json={"trace_id": forgotten})
    (edge,) = person.get(f"/memory/traces/{before}").json()["edges"]
    assert (edge["src"], edge["dst"]) == (before, after)
    person.until_embedded()
    left = situation_scores(person)
    assert left[before] < remembered[before]
    assert left[after] < remembered[after]


def test_the_trace_two_places_later_forgets_it_too(person: Person) -> None:
    chat = {"type": "chat", "conversation_id": "d"}
    lines = [
        f"The word for the safe is {MARKER}.",
        "Good.",
        "Write it down.",
        "Then lock the door.",
    ]
    ids = person.remember_many(
        [{"content": line, "source": chat, "salience": 0.9} for line in lines]
    )
    person.until_embedded()
    remembered = situation_scores(person)
    person.post("/memory/forget", json={"trace_id": ids[0]})
    person.until_embedded()
    assert situation_scores(person)[ids[2]] < remembered[ids[2]]


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


def situation_scores(person: Person) -> dict[str, float]:
    """How near each trace's situation is to the word that will be forgotten."""
    found = person.recall(f"the word for the safe is {MARKER}", heads="situation")
    return {result["trace_id"]: result["scores"]["situation"] for result in found["results"]}


def tables_holding(settings: Settings, word: str) -> list[str]:
    """Every table, of ours and of the planner's statistics, in which a row holds the word."""
    with looking_into(settings) as connection:
        connection.execute(text("ANALYZE"))
        tables = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'sara_memory'")
        ).scalars()
        stem = word[:8]
        return [
            table
            for table in [*tables, "pg_stats"]
            if connection.scalar(
                text(f"SELECT count(*) FROM {table} AS t WHERE t::text ILIKE :word"),
                {"word": f"%{stem}%"},
            )
        ]


def keys_holding(settings: Settings, word: str) -> list[bytes]:
    """Every Redis key whose name or value holds the word."""
    assert settings.redis_url is not None
    with redis.Redis.from_url(settings.redis_url.get_secret_value()) as client:
        return [
            key
            for key in client.scan_iter()
            if word.encode() in key or word.encode() in (_dump(client, key))
        ]


def _dump(client: redis.Redis, key: bytes) -> bytes:
    kind = client.type(key)
    if kind == b"hash":
        return repr(client.hgetall(key)).encode()
    if kind == b"zset":
        return repr(client.zrange(key, 0, -1)).encode()
    if kind == b"list":
        return repr(client.lrange(key, 0, -1)).encode()
    return repr(client.get(key)).encode()
