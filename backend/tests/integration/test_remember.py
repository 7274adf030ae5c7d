"""Writing: durable when answered, the same again is the same, a batch is all or nothing."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import NewPerson
from support.databases import scalar
from support.people import Person

from app.settings import Settings


def chat(content: str, source_id: str, **fields: Any) -> dict[str, Any]:
    return {"content": content, "source": {"type": "chat", "id": source_id}, **fields}


def test_an_acknowledged_trace_reads_back(person: Person) -> None:
    trace_id = person.remember(
        "The bridge over the Douro has two decks.",
        role="assistant",
        created_at="2024-02-03T04:05:06+02:00",
        salience=0.7,
        source={"type": "chat", "conversation_id": "trip"},
        meta={"tags": ["bridge", "🌉"]},
    )
    stored = person.get(f"/memory/traces/{trace_id}").json()
    assert stored["content"] == "The bridge over the Douro has two decks."
    assert datetime.fromisoformat(stored["created_at"]) == datetime(2024, 2, 3, 2, 5, 6, tzinfo=UTC)
    assert (stored["role"], stored["salience"]) == ("assistant", pytest.approx(0.7))
    assert stored["source"] == {"type": "chat", "conversation_id": "trip"}
    assert stored["meta"] == {"tags": ["bridge", "🌉"]}


def test_salient_traces_have_their_semantic_head_when_answered(person: Person) -> None:
    answer = person.post(
        "/memory/trace", json={"content": "Ana moved to Lisbon.", "salience": 0.35}
    )
    assert (answer.status_code, answer.json()["heads"]) == (201, ["semantic"])
    assert answer.json()["pending"] == ["entity", "situation"]


def test_what_is_not_salient_is_found_by_working_memory_and_words(
    person: Person, settings: Settings
) -> None:
    answer = person.post(
        "/memory/trace", json={"content": "some chatter about umbrellas", "salience": 0.1}
    )
    assert answer.json()["heads"] == []
    trace_id = answer.json()["trace_id"]
    assert not scalar(
        settings, "SELECT count(*) FROM memory_embedding WHERE trace_id = :id", id=trace_id
    )
    (found,) = person.recall("umbrellas")["results"]
    assert found["scores"]["semantic"] > 0
    assert found["scores"]["lexical"] > 0


def test_the_same_source_again_is_the_same_trace(person: Person) -> None:
    first = person.post("/memory/trace", json=chat("Ana likes tea.", "m1")).json()
    again = person.post("/memory/trace", json=chat("Ana likes tea.", "m1"))
    assert (again.status_code, again.json()["trace_id"]) == (201, first["trace_id"])
    assert again.json()["stored"] is False
    assert person.get("/memory/stats").json()["traces"] == 1


def test_the_same_source_with_other_content_is_a_conflict(person: Person) -> None:
    person.post("/memory/trace", json=chat("Ana likes tea.", "m1"))
    answer = person.post("/memory/trace", json=chat("Ana likes coffee.", "m1"))
    assert (answer.status_code, answer.json()["error"]) == (409, "ConflictError")
    assert "item 0" in answer.json()["detail"]


def test_a_note_is_updated_in_place(person: Person) -> None:
    note = {"source": {"type": "note", "id": "n1"}, "role": "note"}
    first = person.remember("The password of the router is swordfish.", **note)
    assert person.remember("The router was replaced by a new one.", **note) == first
    person.until_embedded()
    assert person.contents("swordfish router") == ["The router was replaced by a new one."]
    assert person.get("/memory/stats").json()["traces"] == 1


def test_an_idempotency_key_gives_the_first_answer(person: Person) -> None:
    body = {"content": "Water the plants on Friday."}
    key = {"Idempotency-Key": "abc"}
    first = person.post("/memory/trace", json=body, headers=key).json()
    again = person.post("/memory/trace", json=body, headers=key).json()
    assert again["trace_id"] == first["trace_id"]
    other = person.post("/memory/trace", json={"content": "Something else."}, headers=key)
    assert other.status_code == 409
    assert person.get("/memory/stats").json()["traces"] == 1


def test_a_batch_answers_in_the_order_given(person: Person) -> None:
    known = person.remember(**chat("Two.", "2"))
    ids = person.remember_many([chat("One.", "1"), chat("Two.", "2"), chat("Three.", "3")])
    assert ids[1] == known
    contents = [person.get(f"/memory/traces/{trace_id}").json()["content"] for trace_id in ids]
    assert contents == ["One.", "Two.", "Three."]


def test_a_batch_is_written_whole_or_not_at_all(person: Person) -> None:
    person.remember(**chat("One.", "1"))
    answer = person.post("/memory/traces", json=[chat("New.", "9"), chat("Other one.", "1")])
    assert answer.status_code == 409
    assert person.get("/memory/stats").json()["traces"] == 1


def test_a_bad_batch_names_each_bad_item(person: Person) -> None:
    items = [{"content": "good"}, {"content": ""}, {"content": "x", "role": "king"}]
    answer = person.post("/memory/traces", json=items)
    assert answer.status_code == 422
    assert "item 1.content" in answer.json()["detail"]
    assert "item 2.role" in answer.json()["detail"]
    next_week = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    dated = [{"content": "good"}, {"content": "x", "created_at": next_week}]
    assert "item 1:" in person.post("/memory/traces", json=dated).json()["detail"]
    assert person.get("/memory/stats").json()["traces"] == 0


def test_ndjson_is_taken_line_by_line(person: Person) -> None:
    lines = "\n".join(json.dumps({"content": f"Line {n} of the log."}) for n in range(3))
    headers = {"Content-Type": "application/x-ndjson"}
    answer = person.post("/memory/traces", content=lines, headers=headers)
    assert (answer.status_code, len(answer.json()["results"])) == (201, 3)
    bad = person.post("/memory/traces", content=lines + "\n{oops", headers=headers)
    assert bad.status_code == 422
    assert "item 3" in bad.json()["detail"]


def test_conversations_are_threaded_whatever_the_order_of_arrival(person: Person) -> None:
    def turn(minute: int) -> dict[str, Any]:
        return {
            "content": f"Turn number {minute}.",
            "created_at": f"2024-01-01T10:{minute:02}:00Z",
            "source": {"type": "chat", "conversation_id": "c"},
        }

    third, first = person.remember_many([turn(3), turn(1)])
    (second,) = person.remember_many([turn(2)])
    edges = {
        (edge["src"], edge["dst"])
        for trace_id in (first, second, third)
        for edge in person.get(f"/memory/traces/{trace_id}").json()["edges"]
    }
    assert edges == {(first, second), (second, third)}


def test_episodes_come_newest_first_and_in_pages(person: Person) -> None:
    person.remember_many(
        [{"content": f"Day {n}.", "created_at": f"2024-01-0{n}T00:00:00Z"} for n in range(1, 6)]
    )
    page = person.get("/memory/episodes", params={"page": 2, "per_page": 2}).json()
    assert [episode["content"] for episode in page["episodes"]] == ["Day 3.", "Day 2."]
    assert (page["total"], page["page"], page["per_page"]) == (5, 2, 2)


def test_nobody_sees_anybody_else(person: Person, new_person: NewPerson) -> None:
    trace_id = person.remember("My diary is under the mattress.")
    stranger = new_person()
    assert stranger.get(f"/memory/traces/{trace_id}").status_code == 404
    assert stranger.recall("diary under the mattress")["results"] == []
    assert stranger.get("/memory/episodes").json()["total"] == 0
    assert stranger.get("/memory/stats").json()["working_memory"] == 0
