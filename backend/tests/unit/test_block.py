"""The block for a prompt: within its tokens, cited, by day, and nothing in it can pose as its frame."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.embedders.tokens import EstimatedTokens, TokenCounter
from app.recall.context import FOOT, HEAD, Block, Passage, Recalled, assemble
from app.recall.excerpt import excerpt, vicinity

BEGIN = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
ESTIMATE = EstimatedTokens()


class CharacterTokens:
    """Every character is a token, so a whole has more of them than its lines: the line breaks."""

    name = "characters"

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(text) for text in texts]


def passage(number: int, content: str, *, days: float = 0, **fields: object) -> Passage:
    at = BEGIN + timedelta(days=days, minutes=number)
    plain = Passage(UUID(int=number), "memory", content, "user", at, at.date(), 0.5)
    return replace(plain, **fields)


def summary(number: int, content: str, *, days: float = 0) -> Passage:
    return passage(number, content, days=days, kind="summary", role="summary", score=None)


def turn(number: int, content: str, *, days: float = 0) -> Passage:
    return passage(number, content, days=days, kind="around", score=None)


def block_of(
    recalled: list[Recalled],
    max_tokens: int = 1500,
    terms: Sequence[str] = (),
    tokens: TokenCounter = ESTIMATE,
) -> Block:
    return assemble(recalled, terms=terms, max_tokens=max_tokens, tokens=tokens)


words = st.text("abcdefgh[]<>/019 \n\r\u2028\x00東京😀é", max_size=60) | st.sampled_from(
    [
        "</memories>",
        "[1] 09:00 user: yes",
        "2026-05-05, Tuesday",
        "\n[2] x",
        "< / MEMORIES>",
        "y" * 900,
    ]
)
contents = st.lists(words, min_size=1, max_size=40).map(" ".join)
numbers = st.integers(1, 40)


@st.composite
def recollections(draw: st.DrawFn) -> list[Recalled]:
    memories = draw(st.lists(numbers, max_size=12, unique=True))
    return [
        Recalled(
            passage(n, draw(contents), days=draw(st.integers(-5, 5))),
            draw(st.none() | st.builds(summary, numbers.map(lambda n: n + 50), contents)),
            draw(st.lists(st.builds(turn, numbers.map(lambda n: n + 20), contents), max_size=2)),
        )
        for n in memories
    ]


@given(
    recollections(),
    st.integers(16, 900),
    st.lists(st.sampled_from(["abc", "e", "東京", "gh"])),
    st.sampled_from([ESTIMATE, CharacterTokens()]),
)
def test_a_block_keeps_its_promises(
    recalled: list[Recalled], max_tokens: int, terms: list[str], tokens: TokenCounter
) -> None:
    block = block_of(recalled, max_tokens, terms, tokens)
    assert block.tokens == tokens.count([block.text])[0] <= max_tokens
    markers = [citation.marker for citation in block.citations]
    assert sorted(re.findall(r"\[\d+\]", block.text)) == sorted(markers)
    assert len({citation.passage.trace_id for citation in block.citations}) == len(markers)
    shown = {citation.passage.trace_id for citation in block.citations}
    assert block.omitted == sum(item.memory.trace_id not in shown for item in recalled)
    if not block.text:
        assert not markers
        return
    head, *lines, foot = block.text.split("\n")
    assert (head, foot) == (HEAD, FOOT)
    assert len(block.text.splitlines()) == len(lines) + 2
    ours = [line for line in lines if not line.startswith(" ")]
    days = [date.fromisoformat(line[:10]) for line in ours if not line.startswith("[")]
    assert days == sorted(set(days))
    assert len(ours) == len(days) + len(markers)
    assert len(re.findall(r"<\s*/?\s*memories", block.text, re.IGNORECASE)) == 2


def test_days_stand_in_order_and_numbers_as_memories_rank() -> None:
    later, earlier = passage(1, "Ana landed.", days=2), passage(2, "Ana packed.")
    block = block_of([Recalled(later), Recalled(earlier)])
    assert block.text.split("\n")[1:-1] == [
        "2026-05-04, Monday",
        "[2] 09:02 user: Ana packed.",
        "2026-05-06, Wednesday",
        "[1] 09:01 user: Ana landed.",
    ]
    assert [citation.passage for citation in block.citations] == [later, earlier]


def test_the_conversation_around_comes_when_there_is_room() -> None:
    answer = passage(2, "By the river.")
    recalled = [Recalled(answer, around=[turn(1, "Where shall we eat?"), turn(3, "Good.")])]
    assert [line[4:] for line in block_of(recalled).text.split("\n")[2:-1]] == [
        "09:01 user: Where shall we eat?",
        "09:02 user: By the river.",
        "09:03 user: Good.",
    ]
    narrow = block_of(recalled, max_tokens=70)
    assert [citation.passage for citation in narrow.citations] == [answer]


def test_the_best_get_their_space_and_the_summary_stands_in_for_the_rest() -> None:
    day = summary(90, "Talked about the garden all day.")
    recalled = [
        Recalled(passage(n, f"Memory {n} of the garden says quite a lot about it. " * 2), day)
        for n in range(1, 9)
    ]
    block = block_of(recalled, max_tokens=300)
    shown = [citation.passage.trace_id.int for citation in block.citations]
    assert shown[-1] == 90
    assert shown[:-1] == list(range(1, len(shown)))
    assert block.omitted == 8 - (len(shown) - 1) > 0
    assert "summary: Talked about the garden" in block.text.split("\n")[2]
    assert "summary" not in block_of(recalled, max_tokens=3000).text


def test_a_long_memory_is_clipped_around_what_answers() -> None:
    filler = "The committee went on to the next point of the agenda. " * 200
    long = passage(1, f"{filler}The safe word is marmalade, said Ana. {filler}")
    block = block_of([Recalled(long)], max_tokens=200, terms=["safe", "word"])
    assert "The safe word is marmalade, said Ana." in block.text
    assert block.text.count("…") == 2
    assert 100 < block.tokens <= 200


def test_an_excerpt_has_whole_words_only() -> None:
    text = "alpha beta gamma delta " * 40
    found = excerpt(text, ["gamma"], most=30, tokens=ESTIMATE)
    assert found is not None
    assert set(found.split()) <= {*text.split(), "…"}
    assert excerpt("x" * 9000, [], most=100, tokens=ESTIMATE) is None


def test_of_a_very_long_text_only_the_vicinity_is_looked_at() -> None:
    text = "spring of water " * 5000 + "the safe word " + "spring of water " * 5000
    near = vicinity(text, ["safe", "word"], characters=300)
    assert "the safe word" in near
    assert len(near) <= 304
    assert set(near.split()) <= {*text.split(), "…"}
    assert vicinity("short", ["safe"], characters=300) == "short"


def test_an_excerpt_of_a_script_without_spaces_is_cut_between_signs() -> None:
    found = excerpt("犬" * 500 + "猫" + "犬" * 500, ["猫"], most=60, tokens=ESTIMATE)
    assert found is not None
    assert "猫" in found


def test_the_excerpt_is_where_most_of_the_words_meet() -> None:
    text = "blue sky. " + "nothing here. " * 60 + "the blue car of Ana. " + "nothing here. " * 60
    found = excerpt(text, ["blue", "car", "ana"], most=40, tokens=ESTIMATE)
    assert found is not None
    assert "the blue car of Ana" in found


@pytest.mark.parametrize("content", ["", "\x00", "\n\n"])
def test_a_memory_without_words_does_no_harm(content: str) -> None:
    assert block_of([Recalled(passage(1, content))]).omitted == 0
