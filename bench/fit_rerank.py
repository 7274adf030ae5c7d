"""Fit the weights of the ranking on recall sets, with cross-validation by conversation.

    python bench/fit_rerank.py FILE... [--conversations N] [--dream] [--fit edge] [--data FOLDER]
        [--write]

Remembers every conversation through the service's own code on embedded servers, gathers the candidates
of every question as a recall does, and fits weights that are not negative to a listwise loss: the mean
over the gold traces of ``-log(e^s / (e^s + sum of e^s over the traces that are not gold))``. Each file
counts the same, except that one with fewer than 100 questions counts half. ``--write`` replaces
``recall/weights.json``; without it the result is only printed. With ``--dream`` all nights are dreamt
before the questions are asked, so that the edges of the dream are there. ``--data`` keeps the store.
"""

import argparse
import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from tqdm import tqdm

from app.dependencies import Resources, recall_pipeline
from app.recall.question import Question
from app.recall.stage4_rerank import features
from app.recall.stopwatch import Stopwatch
from in_process import service, until_embedded
from recall_set import Conversation, RecallSet, load
from telling import dream_of, moment, tell, turns_of

WEIGHTS = Path(__file__).parents[1] / "backend" / "app" / "recall" / "weights.json"
BY_HAND = {
    "answer_type": 0.035,
    "time": 0.06,
    "recency": 0.01,
    "activation": 0.01,
    "salience": 0.01,
    "edge": 0.02,
}
FOLDS = 5
FEW_QUESTIONS = 100
L2 = 0.01

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """One question: ``values`` has shape (candidates, features), ``is_gold`` (candidates,), and
    ``golds`` counts the gold traces, found or not."""

    conversation: str
    weight: float
    values: Floats
    is_gold: NDArray[np.bool_]
    golds: int


async def examples_of(
    sets: Sequence[RecallSet], names: Sequence[str], *, folder: Path | None, is_dreamt: bool
) -> list[list[Example]]:
    """Remember everything, ask everything, and keep what stage 4 would rank, set by set."""
    async with service(folder=folder) as shared:
        found: list[list[Example]] = []
        for recall_set in sets:
            told = [
                await tell(shared, recall_set.name, [conversation])
                for conversation in tqdm(recall_set.conversations, desc=f"{recall_set.name} told")
            ]
            await until_embedded(shared)
            if is_dreamt:
                await dream_of(shared, told)
            asked = zip(told, tqdm(recall_set.conversations, desc="asked"), strict=True)
            found.append(
                [
                    example
                    for user_id, conversation in asked
                    for example in await _examples(shared, user_id, conversation, names)
                ]
            )
        return found


async def _examples(
    shared: Resources, user_id: UUID, conversation: Conversation, names: Sequence[str]
) -> list[Example]:
    turn_of = await turns_of(shared, user_id)
    found: list[Example] = []
    for question in conversation.questions:
        asked = Question(question.text, 25, moment(question.at) or datetime.now(UTC))
        async with shared.database.reading() as work:
            pool = await recall_pipeline(shared, work).gather(user_id, asked, watch=Stopwatch())
        if not pool.candidates:
            continue
        values = features(
            pool.candidates,
            asked=pool.asked,
            said=pool.said,
            edges=pool.edges,
            average_length=pool.usage.average_length,
            about=None,
            now=asked.now,
        )
        gold = set(question.gold)
        found.append(
            Example(
                conversation.id,
                1.0,
                np.stack([values[name] for name in names], axis=1),
                np.array([turn_of.get(c.fact.trace_id) in gold for c in pool.candidates]),
                len(gold),
            )
        )
    return found


def fit(examples: Sequence[Example]) -> Floats:
    """Weights, not negative, that minimise the listwise loss with a little L2."""
    usable = [example for example in examples if example.is_gold.any()]
    start = np.ones(usable[0].values.shape[1])
    result = minimize(
        _loss, start, args=(usable,), jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(start)
    )
    fitted: Floats = result.x
    return fitted


def _loss(weights: Floats, examples: Sequence[Example]) -> tuple[float, Floats]:
    total, gradient, mass = 0.0, np.zeros_like(weights), 0.0
    for example in examples:
        scores = example.values @ weights
        others = scores[~example.is_gold]
        top = max(scores.max(), 0.0)
        exponentials = np.exp(others - top)
        for at in np.flatnonzero(example.is_gold):
            own = np.exp(scores[at] - top)
            everything = own + exponentials.sum()
            share = example.weight / example.is_gold.sum()
            total += share * (np.log(everything) + top - scores[at])
            expected = own * example.values[at] + exponentials @ example.values[~example.is_gold]
            gradient += share * (expected / everything - example.values[at])
        mass += example.weight
    loss = total / mass + L2 * float(weights @ weights) / 100
    return loss, gradient / mass + 2 * L2 * weights / 100


def recall_at(k: int, weights: Floats, examples: Sequence[Example]) -> float:
    """The mean share of the gold traces among the first ``k``."""
    shares = [
        example.is_gold[np.argsort(-(example.values @ weights), kind="stable")[:k]].sum()
        / example.golds
        for example in examples
    ]
    return float(np.mean(shares))


def weighted(sets: Sequence[list[Example]]) -> list[Example]:
    """Each set counts the same, one with few questions half."""
    return [
        Example(
            example.conversation,
            (1.0 if len(examples) >= FEW_QUESTIONS else 0.5) / len(examples),
            example.values,
            example.is_gold,
            example.golds,
        )
        for examples in sets
        for example in examples
    ]


def cross_validated(sets: Sequence[list[Example]]) -> list[tuple[float, float]]:
    """Recall@5 and @10 of each set, every conversation judged by weights it had no part in."""
    flat = weighted(sets)
    conversations = sorted({example.conversation for example in flat})
    fold_of = {name: at % FOLDS for at, name in enumerate(conversations)}
    fitted = [
        fit([example for example in flat if fold_of[example.conversation] != fold])
        for fold in range(FOLDS)
    ]

    def judged(k: int, examples: Sequence[Example]) -> float:
        return float(
            np.mean([recall_at(k, fitted[fold_of[e.conversation]], [e]) for e in examples])
        )

    return [(judged(5, examples), judged(10, examples)) for examples in sets]


def main() -> None:
    """Gather, cross-validate, fit, print, and write if told to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--conversations", type=int, help="only the first N of each file")
    parser.add_argument("--dream", action="store_true", help="dream all nights before asking")
    parser.add_argument(
        "--fit",
        action="append",
        default=[],
        choices=BY_HAND,
        help="a weight set by hand to fit as well",
    )
    parser.add_argument("--data", type=Path, help="a folder to keep the store in")
    parser.add_argument("--write", action="store_true", help="replace recall/weights.json")
    arguments = parser.parse_args()
    stored = json.loads(WEIGHTS.read_text())
    by_hand = {name: value for name, value in BY_HAND.items() if name not in arguments.fit}
    names = [name for name in stored["weights"] if name not in by_hand]
    sets = [load(file, conversations=arguments.conversations) for file in arguments.files]
    gathered = asyncio.run(
        examples_of(sets, names, folder=arguments.data, is_dreamt=arguments.dream)
    )
    current = np.array([stored["weights"][name] for name in names])
    fitted = fit(weighted(gathered))
    for recall_set, examples, (at5, at10) in zip(
        sets, gathered, cross_validated(gathered), strict=True
    ):
        ceiling = np.mean([example.is_gold.sum() / example.golds for example in examples])
        print(
            f"{recall_set.name:16} {len(examples):5} questions  pool ceiling {ceiling:.3f}  "
            f"recall@5 {at5:.3f}  @10 {at10:.3f} out of fold  "
            f"(stored weights {recall_at(5, current, examples):.3f}"
            f" {recall_at(10, current, examples):.3f})"
        )
    scale = (1 - sum(by_hand.values())) / fitted.sum()
    weights = {
        name: round(float(value * scale), 4) for name, value in zip(names, fitted, strict=True)
    }
    weights |= by_hand
    weights[names[0]] = round(weights[names[0]] + 1 - sum(weights.values()), 4)
    print(json.dumps(weights, indent=2))
    if arguments.write:
        stored["weights"] = weights
        stored["version"] += 1
        WEIGHTS.write_text(json.dumps(stored, indent=2) + "\n")


if __name__ == "__main__":
    main()
