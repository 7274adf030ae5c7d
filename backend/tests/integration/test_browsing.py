"""Looking through a memory: its days in the person's own time zone, shelves of it, its size."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from conftest import NewPerson
from support.dreamers import MONDAY, Clock, Dreamer, dreaming
from support.people import Person

from app.browsing import browsing_service
from app.settings import Settings
from app.storage.browsing import Shelf


@pytest.fixture
async def somebody(settings: Settings) -> AsyncIterator[Dreamer]:
    async with dreaming(settings, clock=Clock(MONDAY + timedelta(days=80))) as resources:
        yield await Dreamer.sign_up(resources)


def test_days_are_those_of_the_persons_own_zone(person: Person) -> None:
    person.patch("/auth/me", json={"timezone": "Asia/Tokyo"})
    person.remember("Late in Lisbon.", created_at="2026-03-10T14:59:00Z")
    person.remember("Early the next day in Tokyo.", created_at="2026-03-10T15:00:00Z")
    told = person.get("/memory/timeline").json()
    assert [(day["day"], day["traces"]) for day in told["days"]] == [
        ("2026-03-11", 1),
        ("2026-03-10", 1),
    ]
    assert (told["total"], told["timezone"]) == (2, "Asia/Tokyo")
    (early,) = person.get("/memory/episodes", params={"day": "2026-03-11"}).json()["episodes"]
    assert early["content"] == "Early the next day in Tokyo."


def test_a_timeline_has_pages(person: Person) -> None:
    person.remember_many(
        [{"content": f"Day {n}.", "created_at": f"2026-03-{n:02}T12:00:00Z"} for n in range(1, 8)]
    )
    pages = [
        person.get("/memory/timeline", params={"per_page": 3, "page": page}).json()
        for page in (1, 2, 3)
    ]
    days = [day["day"] for page in pages for day in page["days"]]
    assert days == [f"2026-03-{n:02}" for n in range(7, 0, -1)]
    assert {page["total"] for page in pages} == {7}


@pytest.mark.anyio
async def test_a_dreamt_day_has_its_summary_which_opens_into_its_sources(
    somebody: Dreamer,
) -> None:
    said = await somebody.say("I met Ana at the pier.", "We painted the boat.", at=MONDAY)
    await somebody.dream()
    async with somebody.resources.database.reading() as work:
        browsing = browsing_service(somebody.resources, work)
        ((told,), total) = await browsing.timeline(
            somebody.id, zone="Europe/Lisbon", page=1, per_page=10
        )
        assert (total, told.day.traces) == (1, 2), "a summary is not something that was said"
        assert told.summary is not None
        assert "painted" in told.summary.content
        sources, count = await browsing.episodes(
            somebody.id, Shelf(sources_of=told.summary.id), page=1, per_page=10
        )
        assert ([trace.id for trace in sources], count) == (said[::-1], 2)


def test_shelves_hold_what_is_pinned_and_what_is_not(person: Person) -> None:
    pinned, _ = person.remember_many([{"content": "Pin me."}, {"content": "Do not."}])
    person.patch(f"/memory/traces/{pinned}", json={"pinned": True})
    shelf = person.get("/memory/episodes", params={"pinned": True}).json()
    assert ([item["trace_id"] for item in shelf["episodes"]], shelf["total"]) == ([pinned], 1)
    assert person.get("/memory/episodes", params={"faded": True}).json()["total"] == 0
    assert person.get("/memory/episodes", params={"faded": False}).json()["total"] == 2
    assert person.get("/memory/timeline").json()["days"][0]["pinned"] == 1


def test_traces_are_read_by_id_in_the_order_asked_for(
    person: Person, new_person: NewPerson
) -> None:
    ids = person.remember_many([{"content": "One."}, {"content": "Two."}])
    theirs = new_person().remember("Theirs.")
    asked = [ids[1], theirs, ids[0], ids[1]]
    found = person.get("/memory/traces", params={"ids": asked}).json()["traces"]
    assert [trace["content"] for trace in found] == ["Two.", "One."]
    assert person.get("/memory/traces").status_code == 422


def test_a_day_that_no_calendar_has_is_refused(person: Person) -> None:
    for day in ("2026-02-30", "yesterday", "0001-01-01", "9999-12-31"):
        answer = person.get("/memory/episodes", params={"day": day})
        assert (answer.status_code, bool(answer.json()["detail"])) == (422, True)


def test_storage_counts_ones_own_traces_and_everybodys_bytes(
    person: Person, new_person: NewPerson
) -> None:
    person.remember("Ana likes tea.", salience=0.9)
    person.until_embedded()
    told = person.get("/memory/storage").json()
    assert [(tier["name"], tier["traces"]) for tier in told["tiers"]] == [("hot", 1)]
    assert told["tiers"][0]["vectors"] >= 2
    assert told["table_bytes"] > 0 < told["index_bytes"]
    assert new_person().get("/memory/storage").json()["tiers"] == []


def test_the_settings_of_the_memory_are_told(person: Person, settings: Settings) -> None:
    told = person.get("/memory/settings").json()
    assert told["results"] == settings.memory_k
    assert told["salience_threshold"] == settings.memory_salience_write_threshold
    assert told["working_memory_hours"] == 48
