"""What is shown of a result: a piece of its text as it is, and where the words stand in it."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from app.language.words import Words
from app.recall.highlight import ELLIPSIS, SNIPPET, joined, marked, snippet

WORDS = Words("english")
LONG = "The boats lie in the harbour. " * 40

# Text with words that are looked for, words that are not, and whatever else there may be.
PIECES = st.lists(
    st.one_of(
        st.sampled_from(["harbour", "Harbours", "boat", "boats'", "東京都", "3.5", "the", "<b>"]),
        st.text(max_size=12),
    ),
    max_size=120,
)
TEXTS = st.builds(lambda pieces, gap: gap.join(pieces), PIECES, st.sampled_from([" ", "\n", ", "]))
WEIGHTS = st.dictionaries(
    st.sampled_from(["harbour", "boat", "東京", "3.5", "nowhere"]), st.floats(0.1, 10)
)


def shown(text: str, *terms: str) -> list[str]:
    found = snippet(text, dict.fromkeys(terms, 1.0), words=WORDS)
    return [found.text[begin:end] for begin, end in found.highlights]


@given(TEXTS, WEIGHTS)
def test_a_snippet_is_a_piece_of_the_text_and_not_longer_than_it_may_be(
    text: str, weights: dict[str, float]
) -> None:
    found = snippet(text, weights, words=WORDS)
    inside = found.text
    if inside not in text:
        inside = inside.removeprefix(ELLIPSIS)
        inside = inside if inside in text else inside.removesuffix(ELLIPSIS)
    assert inside in text
    assert len(inside) == min(len(text), SNIPPET)


@given(TEXTS, WEIGHTS)
def test_highlights_are_in_order_apart_and_on_words_that_were_looked_for(
    text: str, weights: dict[str, float]
) -> None:
    for found in (snippet(text, weights, words=WORDS), marked(text, weights, words=WORDS)):
        last = -1
        for begin, end in found.highlights:
            assert last < begin < end <= len(found.text)
            last = end
            terms = {term for _, _, term in WORDS.spans(found.text[begin:end])}
            assert terms.intersection(weights)


@given(TEXTS, WEIGHTS)
def test_where_a_word_stands_something_is_highlighted(text: str, weights: dict[str, float]) -> None:
    stands = any(term in weights for _, _, term in WORDS.spans(text))
    assert bool(marked(text, weights, words=WORDS).highlights) == stands
    if stands:
        assert snippet(text, weights, words=WORDS).highlights


@given(TEXTS)
def test_the_places_of_terms_are_those_of_the_index(text: str) -> None:
    ascii_text = text.encode("ascii", "ignore").decode()
    assert [term for _, _, term in WORDS.spans(ascii_text)] == WORDS.terms(ascii_text)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted).map(tuple)))
def test_joined_places_cover_the_same_and_do_not_touch(spans: list[tuple[int, int]]) -> None:
    found = joined(spans)
    assert {at for a, b in spans for at in range(a, b)} == {
        at for a, b in found for at in range(a, b)
    }
    assert all(one[1] < other[0] for one, other in itertools.pairwise(found))


def test_inflected_words_are_highlighted_whole() -> None:
    assert shown("She was running to the Harbours' edge.", "run", "harbour") == [
        "running",
        "Harbours",
    ]


def test_markup_is_text() -> None:
    found = snippet("<script>alert('harbour')</script>", {"harbour": 1.0}, words=WORDS)
    assert found.text == "<script>alert('harbour')</script>"
    assert shown("<b>harbour</b>", "harbour") == ["harbour"]


def test_of_a_long_text_the_place_where_the_words_stand_together_is_shown() -> None:
    text = f"{LONG}A fisherman mends nets in the harbour by night. {LONG}"
    found = snippet(text, {"fisherman": 3.0, "net": 2.0, "harbour": 0.5}, words=WORDS)
    assert "fisherman mends nets" in found.text
    assert found.text.startswith(ELLIPSIS)
    assert found.text.endswith(ELLIPSIS)


def test_what_was_found_by_its_meaning_alone_is_shown_from_its_beginning() -> None:
    assert snippet(LONG, {}, words=WORDS).text == LONG[:SNIPPET] + ELLIPSIS
