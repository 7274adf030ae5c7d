"""Recall: filters, exactness, strengthening."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from conftest import NewPerson
from sqlalchemy import text
from support.databases import looking_into, scalar
from support.embedders import embed_one
from support.people import Person, until

from app.embedders.protocol import fit
from app.language.words import Words
from app.settings import Settings


def test_scopes_narrow_what_is_found(person: Person) -> None:
    now = datetime.now(UTC)
    person.remember("The wren nests in the ivy.", created_at=(now - timedelta(days=40)).isoformat())
    person.remember("The wren sings in the ivy.", role="assistant")
    person.remember("The wren flew from the ivy.", source={"type": "diary"})
    assert len(person.contents("wren ivy")) == 3
    assert person.contents("wren ivy", role="assistant") == ["The wren sings in the ivy."]
    assert person.contents("wren ivy", source="diary") == ["The wren flew from the ivy."]
    assert len(person.contents("wren ivy", time_window="7d")) == 2
    past = (now - timedelta(days=10)).isoformat()
    assert person.contents("wren ivy", as_of=past) == ["The wren nests in the ivy."]
    assert person.contents("wren ivy", now=past, time_window="5d") == []


def test_heads_can_be_chosen(person: Person) -> None:
    person.remember("Marco keeps the ledger in Braga.")
    person.until_embedded()
    answer = person.recall("ledger", heads="semantic")
    assert answer["heads"] == ["semantic"]
    assert answer["results"][0]["scores"]["entity"] == 0


def test_the_answer_repeats_the_question(person: Person) -> None:
    answer = person.recall("anything", k=3, time_window="2026-01-01/2026-02-01")
    assert (answer["query"], answer["k"], answer["results"]) == ("anything", 3, [])
    assert answer["time_window"]["since"] == "2026-01-01T05:00:00Z"


def test_a_conversation_lends_its_words_to_its_turns(person: Person) -> None:
    chat = {"source": {"type": "chat", "conversation_id": "c"}}
    person.remember("Where should the anniversary dinner be?", **chat)
    answer = person.remember("Let us take the small place by the river.", **chat)
    found = person.recall("anniversary dinner")["results"]
    (reply,) = [result for result in found if result["trace_id"] == answer]
    assert reply["scores"]["neighbours"] > 0
    assert reply["edges"][0]["type"] == "next"


def test_a_turn_that_may_not_be_a_result_lends_its_words_all_the_same(person: Person) -> None:
    chat = {"source": {"type": "chat", "conversation_id": "c"}}
    person.remember("Where should the anniversary dinner be?", **chat)
    person.remember("Let us take the small place by the river.", role="assistant", **chat)
    person.until_embedded()
    (reply,) = person.recall("anniversary dinner", role="assistant")["results"]
    assert reply["scores"]["neighbours"] > 0


def test_a_time_in_the_question_brings_that_day_forward(person: Person) -> None:
    now = datetime.now(UTC)
    for days in (1, 8, 15):
        then = (now - timedelta(days=days)).isoformat()
        person.remember(f"Walked {days} miles along the canal.", created_at=then)
    best = person.recall("How far did I walk along the canal yesterday?")["results"][0]
    assert best["content"] == "Walked 1 miles along the canal."
    assert best["scores"]["time"] > 0


def test_the_same_said_again_is_one_result(person: Person) -> None:
    first = person.remember("Feed the neighbour's cat on Saturday.")
    again = person.remember("Feed the neighbour's cat on Saturday!")
    (found,) = person.recall("neighbour's cat")["results"]
    assert {found["trace_id"], *found["copies"]} == {first, again}


def test_what_is_recalled_is_strengthened(person: Person) -> None:
    trace_id = person.remember("The lighthouse keeper has a parrot.")
    person.recall("lighthouse parrot")
    person.recall("lighthouse parrot", strengthen=True)
    person.recall("lighthouse parrot", strengthen=True)
    until(lambda: person.get(f"/memory/traces/{trace_id}").json()["access_count"] == 2)
    assert person.get(f"/memory/traces/{trace_id}").json()["last_accessed_at"] is not None


@pytest.mark.parametrize("size", [10, 1000])
def test_the_vector_stage_is_exact_among_others(
    new_person: NewPerson, settings: Settings, size: int
) -> None:
    """The nearest traces by brute force are the ones that recall finds by meaning."""
    words, rng = Words("english"), np.random.default_rng(size)
    vocabulary = [f"word{n}" for n in range(300)]
    me, other = new_person(), new_person()
    for somebody in (me, other):
        texts = [" ".join(rng.choice(vocabulary, 6)) for _ in range(size)]
        items = [{"content": text, "salience": 0.9} for text in texts]
        ids = somebody.remember_many(items)
        if somebody is me:
            mine = dict(zip(ids, texts, strict=True))
    question = " ".join(rng.choice(vocabulary, 6))
    vectors = fit(np.array([embed_one(text, words) for text in mine.values()]), 768)
    cosines = vectors @ fit(embed_one(question, words)[None, :], 768)[0]
    nearest = {list(mine)[at] for at in np.argsort(-cosines)[:10] if cosines[at] > 0.1}
    found = me.recall(question, heads="semantic", k=100)["results"]
    assert nearest <= {result["trace_id"] for result in found}
    assert {result["trace_id"] for result in found} <= set(mine)


def test_partitions_are_made_ahead_and_indexed(person: Person, settings: Settings) -> None:
    month = datetime.now(UTC).strftime("%Y_%m")
    with looking_into(settings) as connection:
        names = set(
            connection.execute(
                text(
                    "SELECT inhrelid::regclass::text FROM pg_inherits"
                    " WHERE inhparent = 'memory_embedding'::regclass"
                )
            ).scalars()
        )
        definition = connection.scalar(
            text("SELECT indexdef FROM pg_indexes WHERE indexname = :name"),
            {"name": f"ix_mem_semantic_hnsw_{month}"},
        )
    assert {f"memory_embedding_{month}", "memory_embedding_default"} <= names
    assert len(names) >= 5
    assert "halfvec_cosine_ops" in definition


def test_no_row_is_refused_for_want_of_a_partition(person: Person, settings: Settings) -> None:
    trace_id = person.remember("The old mill burned down.", created_at="1931-05-05T00:00:00Z")
    where = "SELECT tableoid::regclass::text FROM memory_embedding WHERE trace_id = :id LIMIT 1"
    assert scalar(settings, where, id=trace_id) == "memory_embedding_default"
    assert person.contents("old mill fire") == ["The old mill burned down."]


def test_an_open_window_has_no_other_end(person: Person) -> None:
    for day in ("04", "05", "06"):
        person.remember(f"Otter seen on the {day}th.", created_at=f"2026-05-{day}T15:00:00Z")
    noon = {"now": "2026-11-23T17:00:00Z"}
    before = person.recall("otter", time_window="before my trip on May 5", **noon)
    assert [result["content"] for result in before["results"]] == ["Otter seen on the 04th."]
    assert before["time_window"] == {"since": None, "until": "2026-05-05T04:00:00Z"}
    assert person.contents("otter", time_window="after May 5", **noon) == [
        "Otter seen on the 06th."
    ]
    assert len(person.contents("otter", time_window="since May 5", **noon)) == 2


def test_a_time_before_a_day_in_the_question_is_a_boost_and_no_filter(person: Person) -> None:
    for day in ("04", "06"):
        person.remember(f"Otter seen on the {day}th.", created_at=f"2026-05-{day}T15:00:00Z")
    found = person.recall("Was an otter seen before May 5?", now="2026-11-23T17:00:00Z")["results"]
    assert [result["scores"]["time"] > 0 for result in found] == [True, False]
