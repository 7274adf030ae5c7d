"""What the benches count: worked examples for metrics, fusion, loading and batching."""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parents[3] / "bench"))

from client import (
    MAX_BATCH_BYTES,
    MAX_CONTENT_CHARACTERS,
    Account,
    Credentials,
    batches_of,
    connect,
    parts_of,
)
from extracts import EXTRACTS, Extract
from fusion import ranked, reciprocal_ranks, z_sum
from metrics import (
    Call,
    Quality,
    json_line,
    latency_report,
    latency_table,
    mean,
    quality_report,
    quality_rows,
    quality_table,
    score,
)
from recall_set import Conversation, Question, RecallSet, RecallSetError, Turn, WrittenFact, load
from rouge import rouge_recall
from told import Memory, keep, told_before

PERFECT = Quality(1, 1, 1, 1, 1, 1)
NOTHING = Quality(1, 0, 0, 0, 0, 0)


def one_each(*turns: str) -> list[tuple[str]]:
    return [(turn,) for turn in turns]


def fillers(count: int) -> list[tuple[str]]:
    return one_each(*(f"other-{number}" for number in range(count)))


def turn(identifier: str, text: str = "hello", at: str | None = "2024-01-01T00:00:00Z") -> Turn:
    return Turn(identifier, "s1", "user", text, at)


# ── one question ──────────────────────────────────────────────────────────────


def test_recall_counts_the_share_of_gold_within_each_depth() -> None:
    ranking = [*one_each("a"), *fillers(5), *one_each("b"), *fillers(10), *one_each("c")]
    quality = score(ranking, ["a", "b", "c", "never said"])
    assert quality == Quality(
        questions=1, recall_at_5=0.25, recall_at_10=0.5, recall_at_25=0.75, hit_at_10=1, mrr=1
    )


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        (5, Quality(1, 1, 1, 1, 1, 1 / 5)),
        (6, Quality(1, 0, 1, 1, 1, 1 / 6)),
        (10, Quality(1, 0, 1, 1, 1, 1 / 10)),
        (11, Quality(1, 0, 0, 1, 0, 1 / 11)),
        (25, Quality(1, 0, 0, 1, 0, 1 / 25)),
        (26, NOTHING),
    ],
)
def test_depths_include_their_last_rank(rank: int, expected: Quality) -> None:
    assert score([*fillers(rank - 1), *one_each("a")], ["a"]) == expected


def test_nothing_found_scores_zero() -> None:
    assert score(fillers(25), ["a"]) == NOTHING
    assert score([], ["a"]) == NOTHING


def test_copies_count_at_the_rank_of_their_result() -> None:
    quality = score([("other",), ("a", "b"), ()], ["a", "b"])
    assert (quality.recall_at_5, quality.mrr) == (1, 0.5)


def test_a_turn_found_twice_counts_once_at_its_first_rank() -> None:
    quality = score([("a",), ("a",)], ["a", "b"])
    assert (quality.recall_at_5, quality.mrr) == (0.5, 1)


def test_gold_named_twice_counts_once() -> None:
    assert score(one_each("a"), ["a", "a"]) == PERFECT


@given(
    ranking=st.lists(st.frozensets(st.sampled_from("abcdef"), max_size=2), max_size=40),
    gold=st.sets(st.sampled_from("abcdefgh"), min_size=1),
)
def test_measures_are_bounded_and_grow_with_depth(
    ranking: list[frozenset[str]], gold: set[str]
) -> None:
    quality = score(ranking, gold)
    assert 0 <= quality.recall_at_5 <= quality.recall_at_10 <= quality.recall_at_25 <= 1
    assert quality.hit_at_10 == (quality.recall_at_10 > 0)
    assert 0 <= quality.mrr <= 1


# ── averages ──────────────────────────────────────────────────────────────────


def test_micro_weighs_questions_and_macro_weighs_categories() -> None:
    report = quality_report([("x", PERFECT), ("x", PERFECT), ("x", NOTHING), ("y", NOTHING)])
    assert report.micro == mean([PERFECT, PERFECT, NOTHING, NOTHING])
    assert report.micro.recall_at_10 == 0.5
    assert report.macro.recall_at_10 == pytest.approx(1 / 3)
    assert (report.micro.questions, report.macro.questions) == (4, 4)
    assert report.categories["x"].mrr == pytest.approx(2 / 3)
    assert list(report.categories) == ["x", "y"]


def test_locomo_has_a_micro_average_without_its_fifth_category() -> None:
    answered = [(category, PERFECT) for category in "1123"]
    report = quality_report([*answered, ("4", NOTHING), ("5", NOTHING)])
    assert report.micro_1_to_4 is not None
    assert report.micro_1_to_4.recall_at_10 == pytest.approx(4 / 5)
    assert report.headline == report.micro_1_to_4


@pytest.mark.parametrize("categories", ["1234", "123456", "abcde"])
def test_other_sets_have_no_micro_average_over_categories_1_to_4(categories: str) -> None:
    report = quality_report([(category, PERFECT) for category in categories])
    assert report.micro_1_to_4 is None
    assert report.headline == report.micro
    assert "micro 1-4" not in quality_rows(report)


def test_the_table_has_a_line_for_each_average() -> None:
    report = quality_report([(category, PERFECT) for category in "12345"])
    lines = quality_table(quality_rows(report)).splitlines()
    names = [line.split()[0] for line in lines[1:]]
    assert names == ["1", "2", "3", "4", "5", "micro", "macro", "micro"]
    assert {len(line) for line in lines} == {len(lines[0])}


# ── latency ───────────────────────────────────────────────────────────────────


def test_latency_is_read_per_stage_and_without_the_embedder() -> None:
    calls = [
        Call(ms=12, took_ms={"embed": 4, "words": 1, "total": 10}),
        Call(ms=20, took_ms={"embed": 8, "words": 2, "total": 11}),
        Call(ms=16, took_ms={"embed": 6, "words": 3, "total": 12}),
    ]
    report = latency_report(calls)
    assert report.call.p50 == 16
    assert report.call.p95 == pytest.approx(19.6)
    assert {stage: value.p50 for stage, value in report.stages.items()} == {
        "embed": 6,
        "words": 2,
        "total": 11,
    }
    assert report.total_without_embed_p50 == 6  # of 6, 3 and 6; the medians differ by 5
    assert report.call_to_embed == pytest.approx(16 / 6)


@pytest.mark.parametrize("took_ms", [{}, {"total": 3.0}, {"embed": 0.0}])
def test_a_stage_that_is_not_reported_gives_no_figure(took_ms: dict[str, float]) -> None:
    report = latency_report([Call(ms=4, took_ms=took_ms)])
    assert report.total_without_embed_p50 is None
    assert report.call_to_embed is None
    assert "whole call" in latency_table(report)


def test_json_is_one_line_of_rounded_numbers() -> None:
    line = json_line({"name": "é\n", "share": 1 / 3, "stages": {"embed": [2 / 3, 1]}, "no": None})
    assert "\n" not in line
    assert json.loads(line) == {
        "name": "é\n",
        "share": 0.3333,
        "stages": {"embed": [0.6667, 1]},
        "no": None,
    }


# ── fusion ────────────────────────────────────────────────────────────────────


def test_equal_scores_keep_their_order() -> None:
    assert ranked(np.array([1.0, 2.0, 1.0, 2.0])) == [1, 3, 0, 2]


def test_reciprocal_ranks_add_up() -> None:
    fused = reciprocal_ranks([np.array([0.9, 0.5, 0.1]), np.array([1.0, 0.0, 7.0])], k=60)
    assert fused == pytest.approx([1 / 61 + 1 / 62, 1 / 62 + 1 / 63, 1 / 63 + 1 / 61])


def test_z_sum_makes_channels_of_different_scale_equal() -> None:
    fused = z_sum([np.array([0.0, 1.0]), np.array([100.0, 0.0])])
    assert fused == pytest.approx([0, 0])


def test_a_flat_channel_adds_nothing() -> None:
    fused = z_sum([np.array([3.0, 3.0]), np.array([0.0, 2.0])])
    assert fused == pytest.approx([-1, 1])


# ── summaries ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("summary", "n", "recall"),
    [
        (
            "The cats sat.",
            1,
            3 / 6,
        ),  # "cats" and "cat" are one word, "the" counts as often as it is said
        ("The cat sat on the mat", 2, 1),
        ("mat the on sat cat the", 2, 0),
        ("", 1, 0),
    ],
)
def test_rouge_is_the_share_of_the_references_ngrams(summary: str, n: int, recall: float) -> None:
    assert rouge_recall(summary, "The cats sat on the mat.", n=n) == pytest.approx(recall)


def test_an_empty_reference_is_never_recalled() -> None:
    assert rouge_recall("anything", "", n=2) == 0


@pytest.mark.parametrize("extract", EXTRACTS.values(), ids=EXTRACTS.keys())
def test_an_extract_keeps_whole_sentences_in_order_within_its_budget(extract: Extract) -> None:
    sentences = [
        "The roof leaks over the kitchen.",
        "A roofer looked at the roof of the kitchen.",
        "The choir sang a requiem in the brewery.",
    ]
    chosen = [sentence for sentence in sentences if sentence in extract(sentences, 15)]
    assert extract(sentences, 15) == " ".join(chosen)
    assert 1 <= len(chosen) < 3


# ── loading ───────────────────────────────────────────────────────────────────


def raw_set() -> bytes:
    turns = [
        {"id": str(number), "session": "s", "role": "user", "text": "hi", "at": None}
        for number in range(2)
    ]
    questions = [
        {"id": "q1", "text": "?", "category": 1, "gold": ["0", "0", "1"]},
        {"id": "q2", "text": "?", "category": "2", "gold": []},
        {"id": "q3", "text": "?", "category": "2", "gold": ["9"], "at": "2024-01-01T00:00:00Z"},
    ]
    facts = [{"session": "s", "subject": "Ana", "text": "Ana says hi.", "turns": ["0"]}]
    conversation = {"id": "c", "turns": turns, "questions": questions, "persona": []}
    conversation |= {"summaries": {"s": "Two say hi."}, "facts": facts}
    whole = {"name": "tiny", "licence": "-", "conversations": [conversation, conversation]}
    return json.dumps(whole).encode()


def test_loading_drops_and_counts_questions_without_gold(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_bytes(raw_set())
    recall_set = load(path)
    assert (recall_set.name, recall_set.turns, recall_set.questions) == ("tiny", 4, 4)
    assert (recall_set.skipped, recall_set.unknown_gold) == (2, 2)
    first = recall_set.conversations[0].questions[0]
    assert (first.category, first.gold, first.at) == ("1", ("0", "1"), None)
    assert recall_set.conversations[0].summaries == {"s": "Two say hi."}
    assert recall_set.conversations[0].facts == (WrittenFact("s", "Ana says hi.", ("0",)),)


def test_loading_takes_the_first_conversations_of_a_compressed_set(tmp_path: Path) -> None:
    path = tmp_path / "set.json.gz"
    path.write_bytes(gzip.compress(raw_set()))
    recall_set = load(path, conversations=1)
    assert (len(recall_set.conversations), recall_set.questions, recall_set.skipped) == (1, 2, 1)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{}", b"\x1f\x8bbroken", gzip.compress(b"x" * 99)[:-9]],
    ids=["empty", "no set", "no gzip", "cut"],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "set.json"
    path.write_bytes(raw)
    with pytest.raises(RecallSetError, match=r"set\.json"):
        load(path)


def test_gold_that_names_no_turn_is_counted() -> None:
    asked = Question("q", "?", "1", ("a", "b"))
    recall_set = RecallSet("x", (Conversation("c", (turn("a"),), (asked,)),))
    assert recall_set.unknown_gold == 1


# ── asking again ──────────────────────────────────────────────────────────────


def test_who_was_told_is_for_the_owner_alone_and_nobody_else_is_asked(tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    with connect("http://localhost") as http:
        account = Account(http, Credentials("a@example.com", "a long one"), token="")
        keep([Memory(account, Conversation("c", (), ()), {"t": {"1", "2"}})], told)
        assert told.stat().st_mode & 0o077 == 0
        with pytest.raises(RecallSetError, match="nobody who was told d"):
            told_before(told, http, [Conversation("d", (), ())])
        told.write_text("{")
        with pytest.raises(RecallSetError, match="cannot be read"):
            told_before(told, http, [])


# ── what is sent ──────────────────────────────────────────────────────────────


def test_a_long_turn_is_sent_in_parts_that_all_count_as_the_turn() -> None:
    text = "x" * MAX_CONTENT_CHARACTERS + "y"
    parts = list(parts_of([turn("a", text), turn("b"), turn("blank", "  \n")]))
    assert [(part.turn.id, part.source_id) for part in parts] == [
        ("a", "a"),
        ("a", "a~2"),
        ("b", "b"),
    ]
    assert "".join(part.content for part in parts[:2]) == text


def test_turns_that_share_an_id_get_sources_of_their_own() -> None:
    parts = parts_of([turn("a", "one"), turn("a", "two")])
    assert [part.source_id for part in parts] == ["a", "a~2"]


def test_an_item_names_its_source_and_time() -> None:
    (batch,) = batches_of(parts_of([turn("a", "héllo"), turn("b", at=None)]))
    first, second = json.loads(batch.body)
    assert first == {
        "content": "héllo",
        "role": "user",
        "created_at": "2024-01-01T00:00:00Z",
        "source": {"type": "chat", "id": "a", "conversation_id": "s1"},
        "meta": {},
    }
    assert "created_at" not in second


@pytest.mark.parametrize(("turns", "characters"), [(2_001, 1), (90, 99_000), (60, 50_000)])
def test_batches_keep_order_and_limits(turns: int, characters: int) -> None:
    said = [turn(str(number), "é" * characters) for number in range(turns)]
    batches = list(batches_of(parts_of(said)))
    assert [part.source_id for batch in batches for part in batch.parts] == [
        str(number) for number in range(turns)
    ]
    for batch in batches:
        items = json.loads(batch.body)
        assert len(items) == len(batch.parts) <= 1_000
        assert len(batch.body) <= MAX_BATCH_BYTES
