"""The story of remembering: what was said comes back, the right thing first, before one notices."""

from collections.abc import Iterator
from contextlib import closing
from statistics import median
from time import perf_counter

import pytest
from support.people import Person

LIFE = [
    ("breakfast", "My sister Ana is coming on May 5 and she is allergic to peanuts."),
    ("breakfast", "I will pick her up at the airport in Lisbon around noon."),
    ("breakfast", "She asked for the guest room with the blue curtains."),
    ("office", "The launch of the billing service moved to the second week of June."),
    ("office", "Marco owns the migration of the invoices to the new database."),
    ("office", "We agreed to keep the old invoices readable for seven years."),
    ("running", "My knee hurts after ten kilometres, so I bought shoes with more cushioning."),
    ("running", "The half marathon in Porto is on September 14."),
    ("cooking", "The sourdough needs twelve hours in the fridge before baking."),
    ("cooking", "Grandmother's fish soup has saffron and a little orange peel in it."),
    ("garden", "The tomatoes on the balcony get blight when they are watered from above."),
    ("music", "I am learning the second movement of the Pathétique on the piano."),
]

QUESTIONS = {
    "Who must not eat nuts?": "My sister Ana is coming on May 5 and she is allergic to peanuts.",
    "When is the billing launch?": "The launch of the billing service moved to the second week of June.",
    "When do I run the half marathon?": "The half marathon in Porto is on September 14.",
    "What is in the fish soup?": "Grandmother's fish soup has saffron and a little orange peel in it.",
    "Which piano piece do I play?": "I am learning the second movement of the Pathétique on the piano.",
}


@pytest.fixture(scope="module")
def somebody(real_service: str) -> Iterator[Person]:
    """Somebody whose life has been remembered, every head of it."""
    with closing(Person(real_service)) as person:
        person.remember_many(
            [
                {"content": text, "source": {"type": "chat", "conversation_id": conversation}}
                for conversation, text in LIFE
            ]
        )
        person.until_embedded()
        yield person


def test_the_right_memory_comes_first(somebody: Person) -> None:
    firsts = {question: somebody.contents(question)[0] for question in QUESTIONS}
    assert firsts == QUESTIONS


def test_a_memory_repeated_word_for_word_comes_first(somebody: Person) -> None:
    for _, text in LIFE:
        assert somebody.contents(text, k=1) == [text]


def test_recall_fuses_meaning_words_situation_and_edges(somebody: Person) -> None:
    answer = somebody.recall("When does Ana arrive at the airport?", k=3)
    best = answer["results"][0]
    assert best["score"] == pytest.approx(sum(best["scores"].values()))
    assert {"semantic", "situation", "entity", "lexical", "neighbours"} <= {
        name for name, value in best["scores"].items() if value > 0
    }
    assert {edge["type"] for edge in best["edges"]} == {"next"}
    assert set(answer["took_ms"]) == {
        "embed", "working_memory", "vectors", "words", "edges", "rerank", "total",
    }  # fmt: skip
    assert answer["degraded"] == []


def test_a_write_can_be_recalled_as_soon_as_it_is_answered(somebody: Person) -> None:
    for number in range(5):
        secret = f"The locker with number {number} opens with the word saxophone{number}."
        somebody.remember(secret)
        assert (
            somebody.contents(f"which word opens locker {number}: saxophone{number}?")[0] == secret
        )


def test_hot_recall_takes_under_100_ms(somebody: Person) -> None:
    """End to end, over HTTP, embedding of a question never asked before included."""
    took = []
    for number in range(41):
        began = perf_counter()
        answer = somebody.recall(f"What do I know about plan number {number}?")
        took.append(perf_counter() - began)
        assert answer["results"]
    assert median(took) < 0.1
