"""The textbook rankings on the same questions: dense, BM25, and two fusions of them.

Run it as ``python bench/compare.py FILE``.
"""

import argparse
import asyncio
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from rank_bm25 import BM25Okapi
from tqdm import tqdm

from fusion import Scores, ranked, reciprocal_ranks, z_sum
from metrics import (
    DEPTH,
    Quality,
    QualityReport,
    json_line,
    quality_report,
    quality_rows,
    quality_table,
    score,
)
from recall_set import Conversation, RecallSet, RecallSetError, load

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "backend"))

from app.embedders.local import PACKAGED_MODEL, LocalEmbedder
from app.embedders.protocol import Urgency, Vectors
from app.language.words import Words

DIM = 768
LANGUAGE = "english"


def main() -> int:
    arguments = _arguments()
    try:
        asyncio.run(_compare(arguments))
    except RecallSetError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


async def _compare(arguments: argparse.Namespace) -> None:
    embedder = LocalEmbedder(PACKAGED_MODEL, dim=DIM, precision="fp32")
    words = Words(LANGUAGE)
    try:
        for path in arguments.files:
            recall_set = load(path, conversations=arguments.conversations)
            if not recall_set.questions:
                raise RecallSetError(f"{path} has no question with gold")
            reports = await measure(recall_set, embedder, words)
            _print(recall_set, reports, as_json=arguments.json)
    finally:
        await embedder.close()


async def measure(
    recall_set: RecallSet, embedder: LocalEmbedder, words: Words
) -> dict[str, QualityReport]:
    """Rank every conversation's turns for its questions, by each system."""
    scored: defaultdict[str, list[tuple[str, Quality]]] = defaultdict(list)
    for conversation in tqdm(recall_set.conversations, desc=recall_set.name, disable=None):
        if not conversation.questions:
            continue
        dense = await _dense(conversation, embedder)
        lexical = _bm25(conversation, words)
        for position, question in enumerate(conversation.questions):
            for system, scores in _systems(dense[position], lexical[position]).items():
                quality = score(_ranking(conversation, scores), question.gold)
                scored[system].append((question.category, quality))
    return {system: quality_report(qualities) for system, qualities in scored.items()}


def _systems(dense: Scores, lexical: Scores) -> dict[str, Scores]:
    return {
        "dense": dense,
        "bm25": lexical,
        "rrf": reciprocal_ranks([dense, lexical]),
        "z-sum": z_sum([dense, lexical]),
    }


def _ranking(conversation: Conversation, scores: Scores) -> list[tuple[str]]:
    return [(conversation.turns[position].id,) for position in ranked(scores)[:DEPTH]]


async def _dense(conversation: Conversation, embedder: LocalEmbedder) -> list[Scores]:
    """For each question the cosine of every turn, its best chunk's."""
    texts = [turn.text for turn in conversation.turns]
    questions = [question.text for question in conversation.questions]
    embedded = await embedder.embed([*texts, *questions], urgency=Urgency.BACKGROUND)
    turns, asked = embedded[: len(texts)], embedded[len(texts) :]
    return [_best_chunk(turns, question[0]) for question in asked]


def _best_chunk(turns: Sequence[Vectors], question: Vectors) -> Scores:
    starts = np.cumsum([0, *(len(chunks) for chunks in turns[:-1])])
    cosines = np.concatenate(turns) @ question
    return np.maximum.reduceat(cosines, starts).astype(np.float64)


def _bm25(conversation: Conversation, words: Words) -> list[Scores]:
    """For each question the Okapi BM25 score of every turn, over the service's own terms."""
    index = BM25Okapi([words.terms(turn.text) for turn in conversation.turns])
    return [
        np.asarray(index.get_scores(words.terms(question.text)), dtype=np.float64)
        for question in conversation.questions
    ]


def _print(recall_set: RecallSet, reports: Mapping[str, QualityReport], *, as_json: bool) -> None:
    facts = {
        "bench": "compare",
        "set": recall_set.name,
        "conversations": len(recall_set.conversations),
        "turns": recall_set.turns,
        "questions": recall_set.questions,
        "skipped_without_gold": recall_set.skipped,
        "unknown_gold": recall_set.unknown_gold,
    }
    if as_json:
        systems = {system: asdict(report) for system, report in reports.items()}
        print(json_line(facts | {"systems": systems}), flush=True)
        return
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    for system, report in reports.items():
        print(f"\n{system}\n{quality_table(quality_rows(report))}")
    headline = "micro 1-4" if next(iter(reports.values())).micro_1_to_4 else "micro"
    rows = {system: report.headline for system, report in reports.items()}
    print(f"\nall, {headline}\n{quality_table(rows)}\n", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a recall set")
    parser.add_argument("--conversations", type=int, metavar="N", help="only the first N")
    parser.add_argument("--json", action="store_true", help="print one line of JSON per file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
