"""Recall quality and latency of the whole service, through its public HTTP API.

Run it as ``python bench/recall_quality.py FILE``; it starts a server of its own unless ``--url``
names one. With ``--keep TOLD`` it writes down whom it told what, and with ``--again TOLD`` it asks them
the same questions and tells nothing: does a restored backup answer as well as what was backed up?
"""

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
from tqdm import tqdm

from client import Account, RecallAnswer, ServiceError, batches_of, connect, parts_of
from metrics import (
    DEPTH,
    Call,
    LatencyReport,
    Quality,
    QualityReport,
    json_line,
    latency_report,
    latency_table,
    quality_report,
    quality_rows,
    quality_table,
    score,
)
from recall_set import Conversation, Question, RecallSet, RecallSetError, load
from server import ServerError, running
from told import Memory, keep, told_before


@dataclass(frozen=True, slots=True)
class Telling:
    """How long it took to tell a conversation.

    Attributes:
        acknowledged_s: from the first request to the last answer.
        indexed_s: from the first request to the last head's embedding.
    """

    acknowledged_s: float
    indexed_s: float
    traces: int
    not_stored: int
    without_heads: int


@dataclass(frozen=True, slots=True)
class WriteReport:
    """How fast conversations were taken in, in traces per second."""

    traces: int
    not_stored: int
    without_heads: int
    acknowledged_per_s: float
    indexed_per_s: float


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, answered."""

    category: str
    quality: Quality
    call: Call
    degraded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measurement:
    """Everything one file gave; ``write`` is None where it had been told before."""

    write: WriteReport | None
    quality: QualityReport
    latency: LatencyReport
    degraded: dict[str, int]


def main() -> int:
    arguments = _arguments()
    try:
        for path in arguments.files:
            recall_set = load(path, conversations=arguments.conversations)
            if not recall_set.questions:
                raise RecallSetError(f"{path} has no question with gold")
            with _service(arguments.url) as url:
                measurement = measure(
                    url,
                    recall_set,
                    heads=arguments.heads,
                    kept_in=arguments.keep,
                    told_in=arguments.again,
                )
            _print(recall_set, measurement, heads=arguments.heads, as_json=arguments.json)
    except (RecallSetError, ServerError, ServiceError, httpx.TransportError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def measure(
    url: str,
    recall_set: RecallSet,
    *,
    heads: str | None = None,
    kept_in: Path | None = None,
    told_in: Path | None = None,
) -> Measurement:
    """Write every conversation first, so that all questions meet the full database; nothing is written
    where an earlier measurement has noted in ``told_in`` whom it told.

    Args:
        kept_in: a file to note that in.
    """
    with connect(url) as http:
        if told_in is None:
            memories, write = tell(http, recall_set.conversations)
        else:
            memories, write = told_before(told_in, http, recall_set.conversations), None
        if kept_in is not None:
            keep(memories, kept_in)
        questions = (
            (memory, question) for memory in memories for question in memory.conversation.questions
        )
        asked = [
            ask(memory, question, heads=heads)
            for memory, question in tqdm(
                questions, total=recall_set.questions, desc="recall", disable=None
            )
        ]
    return Measurement(
        write=write,
        quality=quality_report([(one.category, one.quality) for one in asked]),
        latency=latency_report([one.call for one in asked]),
        degraded=dict(Counter(part for one in asked for part in one.degraded)),
    )


def tell(
    http: httpx.Client, conversations: Sequence[Conversation]
) -> tuple[list[Memory], WriteReport]:
    """Write each conversation into an account of its own."""
    told = [
        remember(Account.sign_up(http), conversation)
        for conversation in tqdm(conversations, desc="remember", disable=None)
    ]
    return [memory for memory, _ in told], _write_report([telling for _, telling in told])


def remember(account: Account, conversation: Conversation) -> tuple[Memory, Telling]:
    """Write a conversation in bulk and wait until every head of it is embedded."""
    batches = list(batches_of(parts_of(conversation.turns)))
    started = time.perf_counter()
    answers = [account.remember(batch) for batch in batches]
    acknowledged = time.perf_counter()
    account.wait_for_heads()
    indexed = time.perf_counter()

    turns: defaultdict[str, set[str]] = defaultdict(set)
    for batch, answer in zip(batches, answers, strict=True):
        for part, trace in zip(batch.parts, answer, strict=True):
            turns[trace.trace_id].add(part.turn.id)
    written = [trace for answer in answers for trace in answer]
    telling = Telling(
        acknowledged_s=acknowledged - started,
        indexed_s=indexed - started,
        traces=len(written),
        not_stored=sum(not trace.stored for trace in written),
        without_heads=sum(not trace.heads for trace in written),
    )
    return Memory(account, conversation, dict(turns)), telling


def ask(memory: Memory, question: Question, *, heads: str | None) -> Asked:
    """Ask one question of the account that holds its conversation."""
    answer, ms = memory.account.recall(question, k=DEPTH, heads=heads)
    return Asked(
        category=question.category,
        quality=score(_ranking(answer, memory.turns), question.gold),
        call=Call(ms=ms, took_ms=answer.took_ms),
        degraded=tuple(answer.degraded),
    )


def _ranking(answer: RecallAnswer, turns: dict[str, set[str]]) -> list[set[str]]:
    """The turns that each result stands for, its copies included."""
    return [
        {turn for trace in (result.trace_id, *result.copies) for turn in turns.get(trace, ())}
        for result in answer.results
    ]


def _write_report(tellings: Sequence[Telling]) -> WriteReport:
    traces = sum(telling.traces for telling in tellings)
    return WriteReport(
        traces=traces,
        not_stored=sum(telling.not_stored for telling in tellings),
        without_heads=sum(telling.without_heads for telling in tellings),
        acknowledged_per_s=traces / sum(telling.acknowledged_s for telling in tellings),
        indexed_per_s=traces / sum(telling.indexed_s for telling in tellings),
    )


def _service(url: str | None) -> AbstractContextManager[str]:
    return nullcontext(url.rstrip("/")) if url else running()


def _print(
    recall_set: RecallSet, measurement: Measurement, *, heads: str | None, as_json: bool
) -> None:
    facts = {
        "bench": "recall_quality",
        "set": recall_set.name,
        "conversations": len(recall_set.conversations),
        "turns": recall_set.turns,
        "questions": recall_set.questions,
        "skipped_without_gold": recall_set.skipped,
        "unknown_gold": recall_set.unknown_gold,
        "heads": heads,
    }
    if as_json:
        print(json_line(facts | asdict(measurement)), flush=True)
        return
    write = measurement.write
    print(", ".join(f"{name} {value}" for name, value in facts.items() if value is not None))
    if write is None:
        print("asked again, nothing written")
    else:
        print(
            f"wrote {write.traces} traces: {write.acknowledged_per_s:.1f}/s acknowledged, "
            f"{write.indexed_per_s:.1f}/s with all heads done "
            f"({write.not_stored} not stored, {write.without_heads} without heads)"
        )
    print(quality_table(quality_rows(measurement.quality)))
    print(latency_table(measurement.latency))
    if measurement.degraded:
        print(f"degraded answers: {measurement.degraded}")
    print(flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a recall set")
    parser.add_argument("--url", help="measure this service instead of starting one")
    parser.add_argument("--conversations", type=int, metavar="N", help="only the first N")
    parser.add_argument("--heads", help="restrict recall to these heads, comma-separated")
    parser.add_argument("--json", action="store_true", help="print one line of JSON per file")
    told = parser.add_mutually_exclusive_group()
    told.add_argument("--keep", type=Path, metavar="TOLD", help="write down whom it told what")
    told.add_argument("--again", type=Path, metavar="TOLD", help="ask those again, tell nothing")
    arguments = parser.parse_args()
    if (arguments.keep or arguments.again) and (not arguments.url or len(arguments.files) > 1):
        parser.error("--keep and --again want --url, for a service that goes on, and one FILE")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
