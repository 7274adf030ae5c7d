"""What the working memory is worth for what was said lately, in quality and in milliseconds.

    python bench/working_memory.py FILE... [--conversations N] [--json]

Remembers the latest 200 turns of each conversation and asks the questions that they answer, with the
working memory and without it: first when the writes have just been answered and only the semantic heads
are there, then when every head is. Small talk never has any.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import UUID

from sqlalchemy import TextClause, text
from tqdm import tqdm

from ablation import NOTHING_LEFT_OUT, WITHOUT_WORKING_MEMORY, ranking_of
from app.dependencies import Resources
from app.storage.working_memory import CAPACITY
from in_process import service, until_embedded
from metrics import Quality, json_line, mean, percentiles, score
from recall_set import Conversation, load
from telling import tell, turns_of

MOMENTS = ("just written", "all heads embedded")
VARIANTS = {"with": NOTHING_LEFT_OUT, "without": WITHOUT_WORKING_MEMORY}

_EVERYBODY = "the queue is held for everybody"
_HOLD = text("UPDATE pending_embedding SET due_at = 'infinity'").execution_options(
    across_people=_EVERYBODY
)
_RELEASE = text("UPDATE pending_embedding SET due_at = now()").execution_options(
    across_people=_EVERYBODY
)


@dataclass(frozen=True, slots=True)
class Row:
    """One moment, with the working memory or without it: ``ms`` are medians without the embedding."""

    moment: str
    variant: str
    quality: Quality
    ms: float


async def _measure(arguments: argparse.Namespace) -> None:
    async with service() as shared:
        for path in arguments.files:
            recall_set = load(path, conversations=arguments.conversations)
            recent = [_recent(conversation) for conversation in recall_set.conversations]
            rows = await _rows(shared, recall_set.name, [each for each in recent if each.questions])
            _print(recall_set.name, rows, as_json=arguments.json)


def _recent(conversation: Conversation) -> Conversation:
    """The latest turns, and the questions that they answer."""
    turns = conversation.turns[-CAPACITY:]
    ids = {turn.id for turn in turns}
    questions = tuple(each for each in conversation.questions if ids.issuperset(each.gold))
    return replace(conversation, turns=turns, questions=questions)


async def _rows(shared: Resources, name: str, recent: Sequence[Conversation]) -> list[Row]:
    told: list[UUID] = []
    for conversation in tqdm(recent, desc="remember", disable=None):
        told.append(await tell(shared, f"{name}, latest", [conversation]))
        await _run(shared, _HOLD)
    rows = [await _row(shared, recent, told, MOMENTS[0], variant) for variant in VARIANTS]
    await _run(shared, _RELEASE)
    await until_embedded(shared)
    rows += [await _row(shared, recent, told, MOMENTS[1], variant) for variant in VARIANTS]
    return rows


async def _row(
    shared: Resources,
    recent: Sequence[Conversation],
    told: Sequence[UUID],
    moment: str,
    variant: str,
) -> Row:
    qualities: list[Quality] = []
    laps: list[float] = []
    for conversation, user_id in zip(recent, told, strict=True):
        turn_of = await turns_of(shared, user_id)
        for asked in conversation.questions:
            await shared.embedding.question(asked.text)
            began = time.perf_counter()
            ranking = await ranking_of(shared, user_id, asked, VARIANTS[variant])
            laps.append((time.perf_counter() - began) * 1_000)
            found = [{turn_of[i] for i in ids} for ids in ranking]
            qualities.append(score(found, asked.gold))
    return Row(moment, variant, mean(qualities), percentiles(laps).p50)


async def _run(shared: Resources, sql: TextClause) -> None:
    async with shared.database.autocommit() as connection:
        await connection.execute(sql)


def _print(name: str, rows: Sequence[Row], *, as_json: bool) -> None:
    if as_json:
        print(
            json_line(
                {"bench": "working_memory", "set": name, "rows": [asdict(row) for row in rows]}
            )
        )
        return
    print(f"{name}, {rows[0].quality.questions} questions")
    for row in rows:
        print(
            f"  {row.moment:20} {row.variant:8} recall@5 {row.quality.recall_at_5:.3f}"
            f"  @10 {row.quality.recall_at_10:.3f}  p50 {row.ms:6.1f} ms"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a recall set")
    parser.add_argument("--conversations", type=int, metavar="N", help="only the first N")
    parser.add_argument("--json", action="store_true", help="print one line of JSON per file")
    asyncio.run(_measure(parser.parse_args()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
