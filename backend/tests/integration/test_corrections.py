"""A wrong memory is put right: its old words are nowhere, and what was made of them is made anew."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from conftest import NewPerson
from prove_forgotten import Hunt, look_everywhere
from support.dreamers import MONDAY, Clock, Dreamer, contents, dreaming
from support.people import Person

from app.settings import Settings

DAY = timedelta(days=1)


@pytest.fixture
async def somebody(settings: Settings) -> AsyncIterator[Dreamer]:
    async with dreaming(settings, clock=Clock(MONDAY + 80 * DAY)) as resources:
        yield await Dreamer.sign_up(resources)


def test_a_corrected_memory_says_the_new_and_is_found_by_it(person: Person) -> None:
    trace_id = person.remember("Ana is allergic to peanuts.", salience=0.8, meta={"tag": 1})
    person.until_embedded()
    answer = person.patch(
        f"/memory/traces/{trace_id}", json={"content": "Ana is allergic to hazelnuts."}
    )
    assert (answer.status_code, answer.json()["content"]) == (200, "Ana is allergic to hazelnuts.")
    assert (answer.json()["salience"], answer.json()["meta"]) == (pytest.approx(0.8), {"tag": 1})
    assert person.contents("hazelnuts") == ["Ana is allergic to hazelnuts."]
    assert person.recall("peanuts")["results"][0]["scores"]["lexical"] == 0
    assert person.get("/memory/stats").json()["traces"] == 1


def test_the_old_words_are_in_no_table_and_no_redis_key(person: Person, settings: Settings) -> None:
    word = f"zanzibarite{uuid4().hex}".translate(str.maketrans("0123456789", "ghijklmnop"))
    chat = {"type": "chat", "conversation_id": "c"}
    headers = {"Idempotency-Key": "k"}
    body = {"content": f"The word for the safe is {word}.", "salience": 0.9, "source": chat}
    trace_id = person.post("/memory/trace", json=body, headers=headers).json()["trace_id"]
    person.remember("Then we went home.", salience=0.9, source=chat)
    person.until_embedded()
    hunt = Hunt.of(word, "english")
    assert look_everywhere(settings, hunt).found != []
    person.patch(f"/memory/traces/{trace_id}", json={"content": "The safe has no word."})
    person.until_embedded()
    assert look_everywhere(settings, hunt).found == []


@pytest.mark.anyio
async def test_summaries_of_the_old_words_go_and_come_back_with_the_new(somebody: Dreamer) -> None:
    wrong, _ = await somebody.say(
        "The safe in the cellar opens with the word axolotlite, said Ana Quxenhall.",
        "We went to see the boats in the harbour.",
        at=MONDAY,
    )
    await somebody.dream()
    assert "axolotlite" in somebody.summaries()[0]
    await somebody.correct(wrong, content="The safe in the cellar opens with the word quokkaite.")
    assert somebody.summaries() == somebody.summaries("weekly") == []
    left = str(contents(somebody.resources.settings)).casefold()
    assert "axolotl" not in left
    assert "quxenhall" not in left, "a person whom nothing mentions any more"
    assert await somebody.dream() == [
        "daily 2026-06-01",
        "weekly 2026-06-07",
        "monthly 2026-06-28",
    ]
    assert "quokkaite" in somebody.summaries()[0]
    assert "axolotl" not in str(contents(somebody.resources.settings)).casefold()


@pytest.mark.anyio
async def test_a_corrected_fact_lets_the_one_before_hold_again(somebody: Dreamer) -> None:
    await somebody.say("I live in Porto near the river Douro.", at=MONDAY)
    (moved,) = await somebody.say("I live in Lisbon now.", at=MONDAY + 10 * DAY)
    await somebody.dream()
    await somebody.correct(moved, content="I dream of the river now.")
    homes = somebody.looking(
        "SELECT t.content, e.valid_to FROM memory_edge AS e"
        " JOIN memory_trace AS t ON t.user_id = e.user_id AND t.id = e.dst"
        " WHERE e.user_id = :me AND e.type = 'lives_in'"
    )
    assert [(row.content, row.valid_to) for row in homes] == [("Porto", None)]


@pytest.mark.anyio
async def test_the_situations_of_the_neighbours_follow(somebody: Dreamer) -> None:
    first, middle, last = await somebody.say(
        "We met at the pier.", "Ana wore a green coat.", "Then it rained.", at=MONDAY, salience=0.9
    )
    await somebody.embedded()

    def situations() -> dict[UUID, str]:
        rows = somebody.looking(
            "SELECT trace_id, CAST(vec AS text) AS vec FROM memory_embedding"
            " WHERE user_id = :me AND head = 'situation' AND chunk = 0"
        )
        return {row.trace_id: row.vec for row in rows}

    before = situations()
    await somebody.correct(middle, content="Ana wore a purple scarf.")
    await somebody.embedded()
    after = situations()
    assert {i for i in before if before[i] != after[i]} == {first, middle, last}


@pytest.mark.parametrize("sent", ["The safe has a word.", "The safe has two words."])
def test_what_was_put_right_is_known_whatever_its_source_sends_again(
    person: Person, new_person: NewPerson, sent: str
) -> None:
    """Also in the account that it was taken to."""
    source = {"type": "chat", "id": "m1"}
    trace_id = person.remember("The safe has a word.", source=source)
    person.patch(f"/memory/traces/{trace_id}", json={"content": "The safe has none."})
    other = new_person()
    other.post("/memory/import", content=person.get("/memory/export").content)
    for account in (person, other):
        again = account.post("/memory/trace", json={"content": sent, "source": source})
        assert (again.status_code, again.json()["stored"]) == (201, False)
        kept = account.get(f"/memory/traces/{again.json()['trace_id']}").json()
        assert kept["content"] == "The safe has none."
        assert account.get("/memory/stats").json()["traces"] == 1


@pytest.mark.anyio
@pytest.mark.parametrize("by", ["forgetting", "correcting"])
async def test_a_neighbour_that_matters_less_keeps_no_vector_of_old_words(
    somebody: Dreamer, by: str
) -> None:
    wrong, neighbour = await somebody.say(
        "The word is axolotlite.", "Then it rained.", at=MONDAY, salience=0.9
    )
    await somebody.embedded()
    heads = "SELECT head FROM memory_embedding WHERE user_id = :me AND trace_id"
    before = {row.head for row in somebody.looking(f"{heads} = '{neighbour}'")}
    await somebody.correct(neighbour, salience=0.1)
    if by == "forgetting":
        await somebody.forget(wrong)
    else:
        await somebody.correct(wrong, content="There is no word.")
    await somebody.embedded()
    after = {row.head for row in somebody.looking(f"{heads} = '{neighbour}'")}
    assert before - after == {"situation"}


def test_what_becomes_salient_is_embedded(person: Person) -> None:
    trace_id = person.remember("some chatter about umbrellas", salience=0.1)
    answer = person.patch(f"/memory/traces/{trace_id}", json={"salience": 0.7, "pinned": True})
    assert (answer.json()["salience"], answer.json()["pinned"]) == (pytest.approx(0.7), True)
    assert person.get("/memory/stats").json()["pending_embeddings"] in {0, 1, 2, 3}
    person.until_embedded()
    (tier,) = person.get("/memory/storage").json()["tiers"]
    assert tier["traces"] == 1
    assert tier["vectors"] >= 2


def test_the_same_content_changes_nothing(person: Person) -> None:
    trace_id = person.remember("Ana likes tea.", salience=0.8)
    person.until_embedded()
    stored = person.get(f"/memory/traces/{trace_id}").json()
    answer = person.patch(f"/memory/traces/{trace_id}", json={"content": "Ana likes tea."})
    assert answer.json() == stored
    assert person.get("/memory/stats").json()["pending_embeddings"] == 0


@pytest.mark.parametrize("role", ["summary", "entity"])
def test_a_summary_that_somebody_wrote_is_theirs_to_correct(person: Person, role: str) -> None:
    trace_id = person.remember("The router has a password.", role=role)
    answer = person.patch(f"/memory/traces/{trace_id}", json={"content": "It has none."})
    assert (answer.status_code, answer.json()["content"]) == (200, "It has none.")


@pytest.mark.parametrize(
    "source", [{"type": "note", "id": "n1"}, {"type": "dream", "id": "day:2026-01-01"}]
)
def test_what_is_made_of_something_else_is_corrected_there(
    person: Person, source: dict[str, str]
) -> None:
    role = "note" if source["type"] == "note" else "summary"
    trace_id = person.remember("The router has a password.", role=role, source=source)
    answer = person.patch(f"/memory/traces/{trace_id}", json={"content": "It has none."})
    assert (answer.status_code, answer.json()["error"]) == (409, "ConflictError")
    assert person.patch(f"/memory/traces/{trace_id}", json={"pinned": True}).is_success


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"pinned": None}, 422),
        ({"salience": 1.5}, 422),
        ({"content": " "}, 422),
        ({"content": "x" * 100_001}, 413),
        ({"role": "system"}, 422),
    ],
)
def test_a_bad_correction_changes_nothing(
    person: Person, body: dict[str, object], status: int
) -> None:
    trace_id = person.remember("Ana likes tea.")
    answer = person.patch(f"/memory/traces/{trace_id}", json=body)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert person.get(f"/memory/traces/{trace_id}").json()["content"] == "Ana likes tea."


def test_somebody_elses_memory_is_not_corrected(person: Person, new_person: NewPerson) -> None:
    trace_id = person.remember("Ana likes tea.")
    answer = new_person().patch(f"/memory/traces/{trace_id}", json={"content": "Ana likes mud."})
    assert answer.status_code == 404
    assert person.get(f"/memory/traces/{trace_id}").json()["content"] == "Ana likes tea."
