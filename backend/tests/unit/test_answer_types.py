"""What kind of entity a question asks for."""

import pytest

from app.language.answer_types import answer_types, is_named


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("Who came along?", {"person"}),
        ("What are the names of Ana's children?", {"person", "thing"}),
        ("WHERE did we stay?", {"place"}),
        ("Which  two cities have I been to?", {"place"}),
        ("Which company hired her?", {"organisation"}),
        ("What is one of Tim’s favourite crime novels?", {"thing"}),
        ("How many games did we win?", {"thing"}),
        ("When did Ana open her shop?", set()),
        ("Why did the museum close?", set()),
        ("Tell me about the somewhere whole.", set()),
        ("", set()),
    ],
)
def test_a_question_asks_for_a_kind(question: str, kinds: set[str]) -> None:
    assert answer_types(question) == kinds


@pytest.mark.parametrize(
    ("names", "question", "said"),
    [
        (("Ana",), "Who is Ana's brother?", True),
        (("Ana Sousa", "Aninha"), "Who calls her aninha?", True),
        (("Ana Sousa",), "Who met Ana?", False),
        (("Al",), "Who also came?", False),
        ((), "Who came?", False),
    ],
)
def test_what_the_question_names_is_not_its_answer(
    names: tuple[str, ...], question: str, said: bool
) -> None:
    assert is_named(names, question=question) is said
