"""Who and what a day speaks of: rather too little than wrong."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dream.extract import FUNCTIONAL, Entity, Extraction, extract
from app.dream.material import DayTrace
from app.language.words import Words

ENGLISH = Words("english")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LABELLED = json.loads((Path(__file__).parent / "data" / "extraction.json").read_text())


def said(at: int, content: str, *, role: str = "user") -> DayTrace:
    moment = NOON + timedelta(minutes=at)
    return DayTrace(UUID(int=at + 1), role, content, moment, 0.5, None, None)


def extracted(*texts: str, role: str = "user", known: Sequence[Entity] = ()) -> Extraction:
    traces = [said(at, text, role=role) for at, text in enumerate(texts)]
    return extract(traces, words=ENGLISH, known=known)


def kinds(extraction: Extraction) -> dict[str, str]:
    return {entity.name: entity.kind for entity in extraction.entities}


def facts(extraction: Extraction) -> list[list[str]]:
    return [[fact.subject, fact.predicate, fact.object] for fact in extraction.facts]


class TestLabelledSentences:
    def test_entities_are_right_and_most_are_found(self) -> None:
        named = [(kinds(extracted(item["text"])), item["entities"]) for item in LABELLED]
        right = sum(len(found.items() & wanted.items()) for found, wanted in named)
        assert right / sum(len(found) for found, _ in named) >= 0.95
        assert right / sum(len(wanted) for _, wanted in named) >= 0.8

    def test_facts_are_right_and_most_are_found(self) -> None:
        stated = [(facts(extracted(item["text"])), item["facts"]) for item in LABELLED]
        right = sum(fact in wanted for found, wanted in stated for fact in found)
        assert right / sum(len(found) for found, _ in stated) >= 0.95
        assert right / sum(len(wanted) for _, wanted in stated) >= 0.8


class TestNames:
    def test_a_word_that_only_opens_a_sentence_is_no_name(self) -> None:
        assert kinds(extracted("Kestrels nest in the tower.")) == {}

    def test_it_is_one_when_it_is_written_so_inside_a_sentence_too(self) -> None:
        found = extracted("Halvard fixed it.", "The roof was done by Halvard.")
        assert [mention.trace_id.int for mention in found.mentions] == [1, 2]

    @pytest.mark.parametrize("quoted", ["The Silent Orchard", "A Year of Small Bridges"])
    def test_a_title_in_quotation_marks_is_one_thing(self, quoted: str) -> None:
        assert kinds(extracted(f"I am reading “{quoted}” again.")) == {quoted: "thing"}

    def test_a_phrase_that_comes_again_is_a_thing(self) -> None:
        found = extracted(
            "We painted the guest room.", "My guest room is blue.", "A room is a room."
        )
        assert kinds(found) == {"guest room": "thing"}
        assert [mention.trace_id.int for mention in found.mentions] == [1, 2]

    def test_what_could_be_said_of_anything_is_no_thing(self) -> None:
        assert kinds(extracted("It was a great time.", "We had a great time.")) == {}


class TestAliases:
    def test_a_first_name_stands_for_the_only_full_name(self) -> None:
        found = extracted("I met Ana Sousa today.", "I told Ana about the roof.")
        assert found.entities == (Entity("Ana Sousa", "person", ("Ana",)),)
        assert {mention.entity for mention in found.mentions} == {"Ana Sousa"}

    def test_it_stands_for_itself_when_two_could_be_meant(self) -> None:
        found = extracted("I met Ana Sousa and Ana Prado.", "I told Ana about the roof.")
        assert set(kinds(found)) == {"Ana Sousa", "Ana Prado", "Ana"}

    def test_a_person_is_not_a_place_of_the_same_first_word(self) -> None:
        found = extracted("We met Victoria at noon.", "We walked around Victoria Park.")
        assert kinds(found) == {"Victoria": "person", "Victoria Park": "place"}

    def test_a_name_known_from_earlier_days_stays_the_name(self) -> None:
        known = [Entity("Ana", "person")]
        found = extracted("I met Ana Sousa today.", known=known)
        assert found.entities == (Entity("Ana", "person", ("Ana Sousa",)),)


class TestKnown:
    def test_a_known_thing_is_found_in_a_single_mention(self) -> None:
        known = [Entity("guest room", "thing"), Entity("Halvard", "person", ("Hal",))]
        found = extracted("Hal saw the guest rooms.", known=known)
        assert kinds(found) == {"guest room": "thing", "Halvard": "person"}

    def test_a_known_name_needs_its_capital(self) -> None:
        assert kinds(extracted("I may bill you.", known=[Entity("Bill", "person")])) == {}

    def test_a_known_entity_that_nobody_mentions_is_not_named(self) -> None:
        assert extracted("It rained.", known=[Entity("Halvard", "person")]).entities == ()


class TestFacts:
    def test_a_fact_names_its_source_and_when_it_was_said(self) -> None:
        (fact,) = extracted("Hello.", "I live in Aarhus now.").facts
        assert (fact.trace_id, fact.since) == (UUID(int=2), NOON + timedelta(minutes=1))
        assert fact.predicate in FUNCTIONAL

    def test_an_assistant_states_no_facts(self) -> None:
        assert extracted("I live in Aarhus now.", role="assistant").facts == ()

    def test_likes_and_kin_do_not_close_each_other(self) -> None:
        assert not FUNCTIONAL & {"likes", "owns", "is_sister_of", "is_allergic_to"}


@pytest.mark.parametrize("made", ["*a ", "a. ", "`` ", "“A, b & ", "I live in "])
def test_a_text_made_to_be_slow_is_read_to_its_end(made: str) -> None:
    """100,000 characters: a pattern that looks back or ahead without a limit would take minutes."""
    known = extracted(made * (99_000 // len(made)) + "\nI told Halvard.")
    assert kinds(known)["Halvard"] == "person"


@given(st.lists(st.text(max_size=120), max_size=6))
def test_what_is_extracted_hangs_together(texts: list[str]) -> None:
    found = extracted(*texts)
    names = {entity.name for entity in found.entities}
    assert len(names) == len(found.entities)
    assert all(mention.entity in names and 0 < mention.weight <= 1 for mention in found.mentions)
    assert {end for fact in facts(found) for end in (fact[0], fact[2])} <= names | {"user"}


@given(st.lists(st.sampled_from([item["text"] for item in LABELLED]), max_size=8))
def test_the_same_day_gives_the_same_extraction_and_knows_itself(texts: list[str]) -> None:
    once = extracted(*texts)
    assert extracted(*texts) == once
    again = extracted(*texts, known=once.entities)
    assert kinds(again).keys() == kinds(once).keys()
