"""What kind of entity a question asks for, and which traces mention one."""

import unicodedata

import pytest
from support.facts import fact

from app.language.answer_types import answer_types
from app.recall.answering import answer_shares
from app.storage.candidates import TraceFact
from app.storage.edges import Mentioned

ONE, TWO, THREE = (fact(number) for number in (1, 2, 3))


def mentioned(*facts: TraceFact, names: tuple[str, ...] = ("Lisbon",)) -> Mentioned:
    return Mentioned(names, [fact.trace_id for fact in facts])


def shares(*entities: Mentioned, question: str = "Where?") -> dict[int, float]:
    found = answer_shares(entities, [ONE, TWO, THREE], question=question)
    return {trace_id.int: share for trace_id, share in found.items()}


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("Who came along?", {"person"}),
        ("Whom did we meet?", {"person"}),
        ("Whose coat is this?", {"person"}),
        ("What are the names of Ana's children?", {"person", "thing"}),
        ("WHERE did we stay?", {"place"}),
        ("Which  two cities have I been to?", {"place"}),
        ("Which two famous old cities are there?", {"place"}),
        ("Name some of the towns.", {"place"}),
        ("What kind of venue was it?", {"place"}),
        ("Which company hired her?", {"organisation"}),
        ("What is one of Tim's favourite crime novels?", {"thing"}),
        ("What’s her dog’s name?", {"person", "thing"}),
        ("What is my sister's dog called?", {"thing"}),
        ("How many games did we win?", {"thing"}),
        ("When did Ana open her shop?", set()),
        ("What colour is her car?", set()),
        ("What time does the shop open?", set()),
        ("What did my friends say?", set()),
        ("Which of all these many games?", set()),
        ("Which gamesmanship?", set()),
        ("Why did the museum close?", set()),
        ("Tell me about the whole of nowhere.", set()),
        ("", set()),
    ],
)
def test_a_question_asks_for_a_kind(question: str, kinds: set[str]) -> None:
    assert answer_types(question) == kinds


def test_what_few_mention_says_more() -> None:
    rare, common = mentioned(ONE, names=("Porto",)), mentioned(ONE, TWO, THREE)
    assert shares(common) == {1: 0.5, 2: 0.5, 3: 0.5}
    assert shares(rare, common) == shares(common, rare) == {1: 1.0, 2: 0.5, 3: 0.5}


def test_copies_are_one_text() -> None:
    copy = TWO._replace(wording=ONE.wording)
    found = answer_shares([mentioned(ONE, TWO)], [ONE, copy], question="Where?")
    assert set(found.values()) == {1.0}


@pytest.mark.parametrize(
    ("names", "question", "is_named"),
    [
        (("Ana",), "Who is Ana's brother?", True),
        (("Ana Sousa", "Aninha"), "Who calls her aninha?", True),
        (("José",), unicodedata.normalize("NFD", "Who met José?"), True),
        (("José",), "Who met Jose?", False),
        (("Ana Sousa",), "Who met Ana?", False),
        (("Al",), "Who also came?", False),
    ],
)
def test_what_the_question_names_is_not_its_answer(
    names: tuple[str, ...], question: str, is_named: bool
) -> None:
    assert shares(mentioned(ONE, names=names), question=question) == ({} if is_named else {1: 1.0})
