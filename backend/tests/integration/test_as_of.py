"""``as_of``: the memory answers as it stood then, and nothing later shows through."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from support.databases import looking_into
from support.people import Person, until

from app.settings import Settings

THEN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CHAT = {"type": "chat", "conversation_id": "kitchen"}


def at(hours: float) -> str:
    return (THEN + timedelta(hours=hours)).isoformat()


def only(answer: dict[str, Any]) -> dict[str, Any]:
    (result,) = answer["results"]
    return dict(result)


def test_the_last_moment_is_included(person: Person) -> None:
    person.remember("The badger digs under the shed.", created_at=at(0))
    person.remember("The badger digs under the fence.", created_at=at(1))
    assert person.contents("badger", as_of=at(0)) == ["The badger digs under the shed."]
    assert person.contents("badger", as_of=at(-1)) == []


def test_what_followed_changes_nothing_about_what_was(person: Person) -> None:
    """Not the neighbour's words, nor the situation that has them in it, nor the edge to it."""
    person.remember("Rhubarb crumble is on the menu of the inn.", created_at=at(-50))
    person.remember("What shall we bake?", created_at=at(-1), source=CHAT)
    cream = person.remember("Nothing with cream, please.", created_at=at(0), source=CHAT)

    def recalled() -> list[dict[str, Any]]:
        person.until_embedded()
        found: list[dict[str, Any]] = person.recall("rhubarb crumble", as_of=at(0))["results"]
        return found

    before = recalled()
    person.remember("Then a rhubarb crumble it is.", created_at=at(1), source=CHAT)
    after = recalled()
    assert [result["trace_id"] for result in after] == [result["trace_id"] for result in before]
    assert [result["edges"] for result in after] == [result["edges"] for result in before]
    for old, new in zip(before, after, strict=True):
        for part in ("semantic", "neighbours", "novelty", "distinction", "recency", "activation"):
            assert new["scores"][part] == pytest.approx(old["scores"][part], abs=1e-6), part
    (said,) = (result for result in after if result["trace_id"] == cream)
    assert said["scores"]["neighbours"] == 0
    assert said["scores"]["situation"] < 0.01


def test_later_uses_do_not_count(person: Person) -> None:
    trace_id = person.remember("The heron stands in the pond.", created_at=at(0))
    as_of = at(1)
    before = only(person.recall("heron", as_of=as_of))
    person.recall("heron", strengthen=True)
    until(lambda: person.get(f"/memory/traces/{trace_id}").json()["access_count"] == 1)
    after = only(person.recall("heron", as_of=as_of))
    assert after["scores"] == before["scores"]
    now = only(person.recall("heron"))
    assert now["scores"]["recency"] < before["scores"]["recency"]


def test_a_step_on_a_later_trace_leads_nowhere(person: Person, settings: Settings) -> None:
    first = person.remember("Saffron is in the blue tin.", created_at=at(0))
    hidden = person.remember("Cardamom pods cost a fortune.", created_at=at(-5), salience=0.1)
    hub = person.remember("Spices of the week.", created_at=at(9), salience=0.1)
    with looking_into(settings) as connection:
        for end in (first, hidden):
            connection.execute(
                text(
                    "INSERT INTO memory_edge (user_id, src, dst, type, weight, ts)"
                    " SELECT user_id, :hub, :end, 'summary_of', 1, now() FROM memory_trace"
                    " WHERE id = :end"
                ),
                {"hub": hub, "end": end},
            )
    now = person.recall("saffron tin", heads="entity")
    assert {edge["type"] for edge in now["results"][0]["edges"]} == {"summary_of"}
    then = person.recall("saffron tin", heads="entity", as_of=at(1))
    assert [result["edges"] for result in then["results"]] == [[]]


def test_what_faded_later_was_still_there(person: Person, settings: Settings) -> None:
    trace_id = person.remember("The kestrel hovers over the verge.", created_at=at(0))
    with looking_into(settings) as connection:
        connection.execute(
            text("UPDATE memory_trace SET faded_at = :at WHERE id = :id"),
            {"at": THEN + timedelta(days=9), "id": trace_id},
        )
    assert person.contents("kestrel") == []
    assert person.contents("kestrel", as_of=at(24)) == ["The kestrel hovers over the verge."]
    assert person.contents("kestrel", as_of=at(24 * 10)) == []


def test_words_about_time_are_meant_as_of_then(person: Person) -> None:
    person.remember("Walked to the mill.", created_at=at(-24))
    assert person.contents("mill", as_of=at(0), time_window="yesterday") == ["Walked to the mill."]
    assert person.contents("mill", as_of=at(0), time_window="2d") == ["Walked to the mill."]
