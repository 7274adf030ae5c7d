"""What each stage, head and feature of recall is worth: the same questions with each of them left out.

    python bench/ablation.py FILE... [--dream] [--data FOLDER] [--conversations N] [--json]

Remembers every conversation through the service's own code, once, and asks every question once for each
variant. Weights stay as they are stored: what is left out is not made up for. With ``--dream`` all nights
are dreamt before. ``--data`` keeps the store for the next run.
"""

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from tqdm import tqdm

from app.dependencies import Resources
from app.language.time_window import mentioned_time
from app.recall.pipeline import RecallPipeline, weights
from app.recall.question import HEADS, Question
from app.recall.stopwatch import Stopwatch
from app.storage.candidates import CandidateStore
from app.storage.edges import EdgeRow, EdgeStore
from app.storage.embeddings import EmbeddingStore
from app.storage.traces import TraceStore
from app.storage.vector_index import Similarity, VectorIndex
from app.storage.words import WordIndex
from app.storage.working_memory import Recent, WorkingMemory, WorkingMemoryDownError
from in_process import service, until_embedded
from metrics import DEPTH, Quality, QualityReport, json_line, quality_report, quality_table, score
from recall_set import Question as Asked
from recall_set import RecallSet, load
from telling import dream_of, moment, tell, turns_of

TIMEZONE = "America/New_York"  # a new account's

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Variant:
    """What is left out: a head, a stage's part of the candidates, or a feature of the ranking."""

    name: str
    head: str | None = None
    stage: str | None = None
    feature: str | None = None


NOTHING_LEFT_OUT = Variant("all of it")
WITHOUT_WORKING_MEMORY = Variant("no stage 1, working memory", stage="working_memory")
VARIANTS = (
    NOTHING_LEFT_OUT,
    *(Variant(f"no head {head}", head=head) for head in HEADS),
    WITHOUT_WORKING_MEMORY,
    Variant("no stage 2, vectors", stage="vectors"),
    Variant("no stage 2, words", stage="words"),
    Variant("no stage 3, edges", stage="edges"),
    *(Variant(f"no feature {name}", feature=name) for name in weights()),
)


def main() -> int:
    arguments = _arguments()
    try:
        asyncio.run(_measure(arguments))
    except KeyboardInterrupt:
        return 130
    return 0


async def _measure(arguments: argparse.Namespace) -> None:
    async with service(folder=arguments.data) as shared:
        for path in arguments.files:
            recall_set = load(path, conversations=arguments.conversations)
            told = [
                await tell(shared, recall_set.name, [conversation])
                for conversation in tqdm(recall_set.conversations, desc=f"{recall_set.name} told")
            ]
            await until_embedded(shared)
            if arguments.dream:
                await dream_of(shared, told)
            reports = {
                variant.name: await _report(shared, recall_set, told, variant)
                for variant in tqdm(VARIANTS, desc=f"{recall_set.name} asked")
                if arguments.only is None or arguments.only in variant.name
            }
            _print(recall_set, reports, as_json=arguments.json)


async def _report(
    shared: Resources, recall_set: RecallSet, told: Sequence[UUID], variant: Variant
) -> QualityReport:
    scored: list[tuple[str, Quality]] = []
    for conversation, user_id in zip(recall_set.conversations, told, strict=True):
        turn_of = await turns_of(shared, user_id)
        for asked in conversation.questions:
            ranking = await ranking_of(shared, user_id, asked, variant)
            found = [{turn_of.get(i, "") for i in ids} for ids in ranking]
            scored.append((asked.category, score(found, asked.gold)))
    return quality_report(scored)


async def ranking_of(
    shared: Resources, user_id: UUID, asked: Asked, variant: Variant
) -> list[tuple[UUID, ...]]:
    """The first results, each with its copies."""
    heads = tuple(head for head in HEADS if head != variant.head)
    now = moment(asked.at) or datetime.now(UTC)
    about = mentioned_time(asked.text, now=now, timezone=TIMEZONE)
    question = Question(asked.text, DEPTH, now, heads=heads, about=about)
    async with shared.database.reading() as work:
        recall = _without(variant.stage, shared, work.session)
        pool = await recall.gather(user_id, question, watch=Stopwatch())
        results = await recall.best(user_id, pool, question, weights=_weights(variant))
    return [(result.best.candidate.fact.trace_id, *result.copies) for result in results]


class _NothingInMind(WorkingMemory):
    """A working memory that does not answer."""

    def __init__(self) -> None:
        """There is no Redis behind it."""

    async def recent(self, user_id: UUID) -> Recent | None:
        raise WorkingMemoryDownError


class _NothingNear(VectorIndex):
    """No vectors to search; those of candidates are compared all the same."""

    async def nearest(self, *_: object, **__: object) -> list[Similarity]:
        return []


class _NothingSaid(WordIndex):
    """No word index to search; the words of candidates are compared all the same."""

    async def best(self, *_: object, **__: object) -> list[UUID]:
        return []


class _NothingTied(EdgeStore):
    """No edge leads anywhere."""

    async def walk(self, *_: object, **__: object) -> list[EdgeRow]:
        return []


def _without(stage: str | None, shared: Resources, session: AsyncSession) -> RecallPipeline:
    """The pipeline, one of its stages finding nothing."""

    def part(name: str, own: type[Part], nothing: type[Part]) -> type[Part]:
        return nothing if stage == name else own

    vector_index = part("vectors", VectorIndex, _NothingNear)
    in_mind = _NothingInMind() if stage == "working_memory" else shared.working_memory
    return RecallPipeline(
        embed=shared.embedding.question,
        words=shared.words,
        working_memory=in_mind,
        traces=TraceStore(session),
        embeddings=EmbeddingStore(session, shared.column),
        vector_index=vector_index(session, shared.column, shared.sketches),
        word_index=part("words", WordIndex, _NothingSaid)(session),
        edges=part("edges", EdgeStore, _NothingTied)(session),
        candidates=CandidateStore(session, shared.column),
        release=session.commit,
    )


def _weights(variant: Variant) -> Mapping[str, float]:
    return {name: 0.0 if name == variant.feature else value for name, value in weights().items()}


def _print(recall_set: RecallSet, reports: Mapping[str, QualityReport], *, as_json: bool) -> None:
    facts = {
        "bench": "ablation",
        "set": recall_set.name,
        "conversations": len(recall_set.conversations),
        "questions": recall_set.questions,
    }
    if as_json:
        variants = {name: asdict(report) for name, report in reports.items()}
        print(json_line(facts | {"variants": variants}), flush=True)
        return
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    print(quality_table({name: report.headline for name, report in reports.items()}))
    print(flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a recall set")
    parser.add_argument("--conversations", type=int, metavar="N", help="only the first N")
    parser.add_argument("--dream", action="store_true", help="dream all nights before asking")
    parser.add_argument("--only", help="only the variants with this in their name")
    parser.add_argument("--data", type=Path, help="a folder to keep the store in")
    parser.add_argument("--json", action="store_true", help="print one line of JSON per file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
