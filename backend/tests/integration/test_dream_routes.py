"""Insights, previews and restoring over HTTP: whose they are, and what is said to bad input."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from support.databases import looking_into
from support.people import Person

from app.settings import Settings


@pytest.fixture
def somebody(url: str, admin: Person) -> Iterator[Person]:
    with closing(Person(url)) as person:
        yield person


def say(person: Person, days_ago: int, *lines: str, **more: float) -> list[str]:
    start = datetime.now(UTC) - timedelta(days=days_ago)
    return person.remember_many(
        [
            {"content": line, "created_at": (start + timedelta(minutes=n)).isoformat(), **more}
            for n, line in enumerate(lines)
        ]
    )


def dream(admin: Person, person: Person) -> None:
    person.until_embedded()
    me = person.get("/auth/me").json()["id"]
    answer = admin.post("/memory/consolidate", json={"user_id": me})
    assert answer.status_code == 200, answer.text


def test_a_returning_topic_is_told_with_its_evidence_and_judged(
    somebody: Person, admin: Person, url: str
) -> None:
    told = [
        say(somebody, 9 - n, "The greenhouse roof leaks.", "The greenhouse roof needs glass.")
        for n in range(4)
    ]
    dream(admin, somebody)
    found = somebody.get("/memory/insights").json()
    assert found["total"] == len(found["insights"]) == 1
    (insight,) = found["insights"]
    assert insight["kind"] == "returning_topic"
    assert {told[0][0], told[1][0], told[2][0]} <= set(insight["evidence"])
    path = f"/memory/insights/{insight['id']}/feedback"
    judged = somebody.patch(path, json={"helpful": True})
    assert (judged.status_code, judged.json()["helpful"]) == (200, True)
    assert somebody.get("/memory/insights").json()["insights"][0]["helpful"] is True
    with closing(Person(url)) as stranger:
        assert stranger.patch(path, json={"helpful": False}).status_code == 404
        assert stranger.get("/memory/insights").json() == {"insights": [], "total": 0}
    assert somebody.patch(path, json={"helpful": "very"}).status_code == 422
    nothing = f"/memory/insights/{uuid4()}/feedback"
    assert somebody.patch(nothing, json={"helpful": True}).status_code == 404


def test_what_would_fade_is_previewed_and_what_faded_restored(
    somebody: Person, admin: Person, house: Settings, url: str
) -> None:
    (plain, _) = say(somebody, 90, "ok, thanks pelican", "We painted the boat.", salience=0.1)
    somebody.until_embedded()
    me = somebody.get("/auth/me").json()["id"]
    asked = {"user_id": me, "dry_run": True}
    preview = admin.post("/memory/consolidate", json=asked).json()
    assert preview == {"status": "preview", "promoted": [], "faded": []}, "no summary holds it yet"
    dream(admin, somebody)
    preview = admin.post("/memory/consolidate", json=asked).json()
    assert plain in {one["trace_id"] for one in preview["faded"]}
    assert all(0 <= one["activation"] < 0.5 for one in preview["faded"])
    assert somebody.get(f"/memory/traces/{plain}").json()["faded_at"] is None
    say(somebody, 1, "The concert was sold out.")
    dream(admin, somebody)
    assert somebody.get(f"/memory/traces/{plain}").json()["faded_at"] is not None
    with closing(Person(url)) as stranger:
        assert stranger.post(f"/memory/traces/{plain}/restore").status_code == 404
    restored = somebody.post(f"/memory/traces/{plain}/restore")
    assert (restored.status_code, restored.json()["faded_at"]) == (200, None)
    assert somebody.post(f"/memory/traces/{plain}/restore").status_code == 200, "twice is once"
    assert somebody.post(f"/memory/traces/{uuid4()}/restore").status_code == 404


def test_ready_tells_the_oldest_day_and_the_failed_runs(
    somebody: Person, admin: Person, house: Settings
) -> None:
    say(somebody, 30, "We painted the boat.")
    me = {"me": somebody.get("/auth/me").json()["id"]}
    with looking_into(house) as connection:
        connection.execute(
            text("UPDATE consolidation_run SET state = 'failed' WHERE user_id = :me"), me
        )
        day = connection.scalar(text("SELECT day FROM consolidation_run WHERE user_id = :me"), me)
    ready = somebody.get("/ready").json()
    assert (ready["oldest_unprocessed_day"], ready["failed_runs"]) == (str(day), 1)
    dream(admin, somebody)
    ready = somebody.get("/ready").json()
    assert (ready["oldest_unprocessed_day"], ready["failed_runs"]) == (None, 0)


def test_whoever_claims_the_dreams_own_source_does_not_stop_it(
    somebody: Person, admin: Person
) -> None:
    day = datetime.now(UTC) - timedelta(days=3)
    for role, source_id in (("summary", f"day:{day:%Y-%m-%d}"), ("entity", "entity:ana")):
        somebody.remember(
            "I was here first.",
            role=role,
            created_at=day.isoformat(),
            source={"type": "dream", "id": source_id},
            meta={"kind": "daily", "topics": "none", "aliases": 7},
        )
    say(somebody, 3, "I met Ana in Porto.", "Then Ana sang.")
    dream(admin, somebody)
    runs = somebody.get("/memory/consolidations").json()["runs"]
    assert {run["state"] for run in runs if run["kind"] == "daily"} == {"done"}
    assert somebody.get("/memory/stats").json()["traces"] >= 5


def test_an_administrators_agent_sees_nobody_elses_runs(admin: Person, somebody: Person) -> None:
    """A key is good for one person's memory, whoever that person is."""
    other = somebody.get("/auth/me").json()["id"]
    key = admin.post("/auth/keys", json={"name": "agent", "scopes": ["read"]}).json()["key"]
    agent = {"Authorization": f"Bearer {key}"}
    runs, theirs = "/memory/consolidations", {"user_id": other}
    assert admin.get(runs, params=theirs).status_code == 200
    assert admin.get(runs, headers=agent).status_code == 200
    assert admin.get(runs, params=theirs, headers=agent).status_code == 403
