"""Search over HTTP: one list over notes, memories and summaries, forgiving of how it is typed."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from support.databases import looking_into
from support.dreamers import MONDAY, Clock, Dreamer, dreaming
from support.embedders import HashingEmbedder
from support.graphs import put_node
from support.notes import written
from support.people import Person

from app.embedders.protocol import Urgency, Vectors
from app.errors import EmbedderUnavailableError
from app.exploring import search_service
from app.recall.search_pipeline import MOST_BY_MEANING, MOST_MATCHES, Search
from app.settings import Settings

SUMMARY = {"type": "dream", "id": "day:2026-06-01"}


def told_of_ferries(person: Person) -> Person:
    """Two notes, four memories and a summary."""
    for title, content in (
        ("Lisbon", "The hotel is near the river, and so is the ferry."),
        ("Packing", "Two jackets. The tickets for the ferry lie in the drawer."),
    ):
        assert person.post("/notes", json={"title": title, "content": content}).status_code == 201
    person.remember_many(
        [
            {"content": "We took the ferry to Cacilhas.", "created_at": "2026-05-02T12:00:00Z"},
            {
                "content": "The ferry was late again.",
                "created_at": "2026-06-03T12:00:00Z",
                "role": "assistant",
            },
            {"content": "Ana lives in Lisbon now.", "created_at": "2026-06-04T12:00:00Z"},
            {
                "content": "My passport is in the safe.",
                "created_at": "2026-06-30T23:30:00-04:00",
                "source": {"type": "diary"},
            },
            {
                "content": "A day of ferries and rain.",
                "created_at": "2026-06-01T12:00:00Z",
                "role": "summary",
                "source": SUMMARY,
            },
        ]
    )
    person.until_embedded()
    return person


@pytest.fixture(scope="module")
def reader(service: str) -> Iterator[Person]:
    """Somebody who has been told of ferries and looks at it."""
    with closing(Person(service)) as person:
        yield told_of_ferries(person)


def search(person: Person, q: str, **parameters: Any) -> dict[str, Any]:
    answer = person.get("/search", params={"q": q, **parameters})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def texts(found: dict[str, Any]) -> list[str]:
    return [hit["snippet"] for hit in found["results"]]


def highlighted(hit: dict[str, Any]) -> list[str]:
    return [hit["snippet"][at["start"] : at["end"]] for at in hit["highlights"]]


def test_notes_memories_and_summaries_are_one_list(reader: Person) -> None:
    found = search(reader, "ferry")
    assert {hit["kind"] for hit in found["results"]} == {"notes", "memory", "summaries"}
    assert found["total"] == 5
    assert found["is_total"] is True
    scores = [hit["score"] for hit in found["results"]]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert {word for hit in found["results"] for word in highlighted(hit)} == {"ferry", "ferries"}


def test_a_note_is_found_by_its_title_before_what_mentions_it(reader: Person) -> None:
    first, second, *_ = search(reader, "Lisbon")["results"]
    assert (first["kind"], first["title"]) == ("notes", "Lisbon")
    assert first["title_highlights"] == [{"start": 0, "end": 6}]
    assert not first["snippet"].startswith("Lisbon"), "the title is not shown twice"
    assert second["snippet"] == "Ana lives in Lisbon now."
    assert (second["kind"], second["title"]) == ("memory", None)
    assert reader.get(f"/notes/{first['id']}").json()["title"] == "Lisbon"
    assert reader.get(f"/memory/traces/{second['id']}").status_code == 200


def test_what_is_misspelt_is_put_right_and_told(reader: Person) -> None:
    for typo in ("lisbno ", "lsbon ", "lisbbon ", "Lizbon ", "ilsbon "):
        found = search(reader, typo)
        assert found["corrected"] == {typo.strip(): "lisbon"}
        assert found["results"][0]["title"] == "Lisbon"
    assert search(reader, "Lisbon")["corrected"] == {}
    assert search(reader, "zzyzx ")["corrected"] == {}


def test_a_word_is_told_as_it_is_written_and_not_as_its_stem(reader: Person) -> None:
    assert search(reader, "pasport")["corrected"] == {"pasport": "passport"}
    assert search(reader, "jackest ")["corrected"] == {"jackest": "jackets"}


def test_the_last_word_may_be_unfinished(reader: Person) -> None:
    assert texts(search(reader, "the pass"))[0] == "My passport is in the safe."
    assert highlighted(search(reader, "pass")["results"][0]) == ["passport"]
    assert search(reader, "fer")["total"] == 5
    assert search(reader, "fer ")["total"] == 0, "a space ends the word"
    assert search(reader, "fer the")["total"] == 0, "and so does another word"


def test_kinds_narrow_the_list(reader: Person) -> None:
    for kinds, count in (("notes", 2), ("memory", 2), ("summaries", 1), ("notes, summaries", 3)):
        found = search(reader, "ferry", kinds=kinds)
        assert found["total"] == count
        assert {hit["kind"] for hit in found["results"]} == {k.strip() for k in kinds.split(",")}


def test_time_role_and_source_narrow_the_list(reader: Person) -> None:
    june = search(reader, "ferry", **{"from": "2026-06-01", "to": "2026-07-01", "kinds": "memory"})
    assert texts(june) == ["The ferry was late again."]
    assert texts(search(reader, "ferry", role="assistant")) == ["The ferry was late again."]
    assert texts(search(reader, "safe passport", source="diary")) == ["My passport is in the safe."]
    assert search(reader, "ferry", source="diary")["total"] == 0


def test_days_are_those_of_ones_own_time_zone(person: Person) -> None:
    person.patch("/auth/me", json={"timezone": "America/New_York"})
    person.remember("The opera was long.", created_at="2026-06-02T01:00:00Z")
    person.remember("The opera was short.", created_at="2026-06-03T01:00:00Z")
    found = search(person, "opera", **{"from": "2026-06-02", "to": "2026-06-03"})
    assert texts(found) == ["The opera was short."]
    found = search(person, "opera", **{"from": "2026-06-02T00:00Z", "to": "2026-06-03T00:00Z"})
    assert texts(found) == ["The opera was long."]


def test_facets_count_all_that_was_found_by_kind_and_month(reader: Person) -> None:
    found = search(reader, "ferry", k=1)
    assert found["facets"]["kinds"] == {"notes": 2, "memory": 2, "summaries": 1}
    months = found["facets"]["months"]
    assert sum(months.values()) == 5
    assert (months["2026-05"], months["2026-06"]) == (1, 2)
    assert list(months) == sorted(months, reverse=True)
    passport = search(reader, "passport", kinds="memory")
    assert passport["facets"]["months"] == {"2026-06": 1}, "by the person's own calendar"


def test_pages_follow_each_other_and_leave_nothing_out(reader: Person) -> None:
    whole = [hit["trace_id"] for hit in search(reader, "ferry")["results"]]
    pages = [search(reader, "ferry", k=2, page=page)["results"] for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert [hit["trace_id"] for page in pages for hit in page] == whole


def test_what_says_both_words_side_by_side_comes_first(person: Person) -> None:
    person.remember_many(
        [
            {"content": "The house has a white door, and a green roof.", "salience": 0.5},
            {"content": "The green door is the one to knock at.", "salience": 0.5},
            {"content": "The door is closed.", "salience": 0.5},
        ]
    )
    assert texts(search(person, "green door"))[0] == "The green door is the one to knock at."


def test_what_means_it_is_found_without_its_words_the_nearest_first(real_service: str) -> None:
    with closing(Person(real_service)) as person:
        person.remember("My cousin sneezes when there are cats.", created_at="2026-05-02T12:00:00Z")
        person.remember("My sister must not eat peanuts.", created_at="2026-05-03T12:00:00Z")
        person.remember("The printer is out of toner.", created_at="2026-05-04T12:00:00Z")
        person.until_embedded()
        found = search(person, "allergies of relatives")
    assert texts(found) == [
        "My cousin sneezes when there are cats.",
        "My sister must not eat peanuts.",
    ], "the newer one is less near, and the newest is about something else"


def test_a_note_is_found_among_more_memories_than_a_search_looks_at(person: Person) -> None:
    person.remember_many([{"content": f"The ferry to pier {n}."} for n in range(MOST_MATCHES)])
    note = written(person, "Timetables", "Trains, buses, trams and, at the end of it all, a ferry.")
    found = search(person, "ferry", kinds="notes")
    assert [hit["id"] for hit in found["results"]] == [note]
    assert (found["total"], found["is_total"]) == (1, True)


def test_a_note_is_found_by_its_meaning_among_memories_that_are_nearer(real_service: str) -> None:
    with closing(Person(real_service)) as person:
        person.remember_many(
            [{"content": f"An allergy of my {n}th relative."} for n in range(MOST_BY_MEANING + 10)]
        )
        note = written(person, "Family doctor", "Hay fever and asthma run in the family.")
        person.until_embedded()
        found = search(person, "allergies of relatives", kinds="notes")
    assert [hit["id"] for hit in found["results"]] == [note]


def test_what_nothing_says_is_not_found(reader: Person) -> None:
    found = search(reader, "quantum chromodynamics ")
    assert (found["results"], found["total"]) == ([], 0)
    assert search(reader, "the ")["results"] == [], "words that say nothing find nothing"


def test_entities_and_what_has_faded_are_no_results(person: Person, settings: Settings) -> None:
    reader = told_of_ferries(person)
    me = UUID(reader.get("/auth/me").json()["id"])
    late = search(reader, "late again")["results"][0]["trace_id"]
    with looking_into(settings) as connection:
        put_node(connection, me, "Ferry")
        fade = "UPDATE memory_trace SET faded_at = now() WHERE user_id = :me AND id = :id"
        connection.execute(text(fade), {"me": me, "id": late})
    found = search(reader, "ferry")
    assert found["total"] == 4
    assert "Ferry" not in texts(found)


def test_what_is_forgotten_is_neither_found_nor_suggested(person: Person) -> None:
    trace = person.remember("The word is axolotlite.")
    assert search(person, "axolotl")["total"] == 1
    person.post("/memory/forget", json={"trace_id": trace})
    for typed in ("axolotl", "axolotlite", "axolotilte "):
        found = search(person, typed)
        assert (found["total"], found["corrected"]) == (0, {})


def test_a_note_that_the_memory_does_not_hold_is_found(person: Person) -> None:
    """Saved while recording is paused, or forgotten by the memory: it is still among the notes."""
    told_of_ferries(person)
    note = person.post("/notes", json={"title": "Wharf", "content": "It smells of tar."}).json()
    person.post("/memory/forget", json={"trace_id": note["trace_id"]}).raise_for_status()
    person.patch("/auth/me", json={"recording_paused": True}).raise_for_status()
    paused = written(person, "Zeppelins", "Lighter than a ferry, and slower.")
    for typed in ("zeppelin", "Zeppelins", "zepp", "lighter slower"):
        (hit,) = search(person, typed)["results"]
        assert (hit["kind"], hit["id"], hit["trace_id"]) == ("notes", paused, None)
        assert (hit["role"], hit["source"]) == ("note", {"type": "note", "id": paused})
    assert highlighted(search(person, "lighter slower")["results"][0]) == ["Lighter", "slower"]
    assert search(person, "zepp ")["results"] == [], "a space ends the word"
    assert [hit["id"] for hit in search(person, "tar")["results"]] == [note["id"]]
    ferries = search(person, "ferry", k=2)
    assert (ferries["total"], ferries["facets"]["kinds"]["notes"]) == (6, 3)
    pages = [search(person, "ferry", k=2, page=page)["results"] for page in (1, 2, 3)]
    scores = [hit["score"] for page in pages for hit in page]
    assert (len(scores), scores) == (6, sorted(scores, reverse=True))
    found = person.get("/notes/search", params={"q": "zeppelin ferry"}).json()
    assert found[0]["title"] == "Zeppelins"


def test_such_a_note_is_narrowed_down_as_the_others_are(person: Person) -> None:
    person.patch("/auth/me", json={"recording_paused": True}).raise_for_status()
    written(person, "Zeppelins", "Lighter than air.")
    for found in ({}, {"kinds": "notes"}, {"role": "note"}, {"source": "note"}):
        assert search(person, "zeppelin", **found)["total"] == 1
    for other in (
        {"kinds": "memory,summaries"},
        {"role": "user"},
        {"source": "diary"},
        {"to": "2020-01-01"},
    ):
        assert search(person, "zeppelin", **other)["total"] == 0
    assert person.get("/memory/search", params={"q": "zeppelin"}).json()["episodes"] == []


def test_a_trace_that_calls_itself_a_note_is_a_memory(person: Person) -> None:
    trace = person.remember("Zeppelins are lighter than air.", role="note")
    for kinds in ("notes,memory,summaries", "memory"):
        found = search(person, "zeppelin", kinds=kinds)
        (hit,) = found["results"]
        assert (hit["kind"], hit["id"], hit["trace_id"]) == ("memory", trace, trace)
        assert found["facets"]["kinds"] == {"notes": 0, "memory": 1, "summaries": 0}
    assert search(person, "zeppelin", kinds="notes")["results"] == []


def test_markup_in_a_memory_stays_text(person: Person) -> None:
    person.remember("<img src=x onerror=alert(1)> in the harbour")
    (hit,) = search(person, "harbour")["results"]
    assert hit["snippet"] == "<img src=x onerror=alert(1)> in the harbour"
    assert highlighted(hit) == ["harbour"]


class SpeechlessEmbedder(HashingEmbedder):
    """Reads what is written, and is down when something is asked."""

    async def embed(self, texts: Sequence[str], *, urgency: Urgency) -> list[Vectors]:
        if urgency is Urgency.QUESTION:
            raise EmbedderUnavailableError
        return await super().embed(texts, urgency=urgency)


@pytest.mark.anyio
async def test_without_the_embedder_words_are_found_all_the_same(settings: Settings) -> None:
    embedder = SpeechlessEmbedder()
    async with dreaming(settings, clock=Clock(MONDAY), embedder=embedder) as resources:
        somebody = await Dreamer.sign_up(resources)
        await somebody.say("The ferry was late.", at=MONDAY)
        async with resources.database.reading() as work:
            found = await search_service(resources, work).search(
                somebody.id, Search("ferry", now=MONDAY)
            )
    assert [hit.trace.content for hit in found.hits] == ["The ferry was late."]
    assert found.degraded == ("embedder",)


def test_older_forms_give_the_same_in_older_shapes(reader: Person) -> None:
    notes = reader.get("/notes/search", params={"q": "ferry lisbon"}).json()
    assert [note["title"] for note in notes] == ["Lisbon", "Packing"]
    memory = reader.get("/memory/search", params={"q": "ferry", "k": 2}).json()
    assert (memory["total"], memory["page"], memory["per_page"]) == (3, 1, 2)
    listed = search(reader, "ferry", kinds="memory,summaries", k=2)
    assert [item["trace_id"] for item in memory["episodes"]] == [
        hit["trace_id"] for hit in listed["results"]
    ]


def test_what_cannot_be_asked_says_why(person: Person) -> None:
    unknown = person.get("/search", params={"q": "a", "kinds": "notes,dreams"})
    assert unknown.status_code == 422
    assert "one or more of notes, memory, summaries" in unknown.json()["detail"]
    for wrong in (
        {"q": " "},
        {"q": "a", "k": 0},
        {"q": "a", "page": 0},
        {"q": "a", "from": "soon"},
    ):
        assert person.get("/search", params=wrong).status_code == 422
    assert person.get("/search").status_code == 422
