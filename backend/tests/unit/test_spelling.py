"""What may have been meant by a misspelt word: no slip touches all its pieces."""

import random

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from app.recall.spelling import pieces

LETTERS = "abc"  # few, so that slips meet


def slipped(word: str, slips: int, chance: random.Random) -> str:
    """The word with so many slips: a letter too many, too few, another, or two that changed places."""
    letters = list(word)
    for _ in range(slips):
        at = chance.randrange(len(letters) - 1)
        match chance.randrange(4):
            case 0:
                letters.insert(at, chance.choice(LETTERS))
            case 1:
                letters.pop(at)
            case 2:
                letters[at] = chance.choice(LETTERS)
            case _:
                letters[at : at + 2] = reversed(letters[at : at + 2])
    return "".join(letters)


@given(
    word=st.text(LETTERS, min_size=4, max_size=12),
    slips=st.integers(1, 2),
    chance=st.randoms(use_true_random=False),
)
def test_a_word_with_fewer_slips_than_pieces_has_one_of_them(
    word: str, slips: int, chance: random.Random
) -> None:
    meant = slipped(word, slips, chance)
    if len(word) < 3 * slips or OSA.distance(word, meant) > slips:
        return
    first, *middle, last = pieces(word, slips + 1)
    assert meant.startswith(first) or meant.endswith(last) or any(p in meant for p in middle)


def test_pieces_are_about_as_long_as_each_other() -> None:
    assert pieces("ferry", 2) == ["fe", "ry"]
    assert pieces("passport", 3) == ["pa", "sp", "rt"]
