"""Exactness and milliseconds of recall for people with much to remember, among many others.

    python bench/scale.py [--sizes 10,1000,10000,100000] [--others 1000] [--other-traces 90]
        [--turns FILE] [--data FOLDER] [--json]

Writes made-up lives through the service's own code, then asks each person questions and compares what
the vector stage finds with brute force over the stored vectors, with and without time windows. With
``--turns`` somebody has had all the conversations of a recall set, embedded by the packaged model, and is
asked the set's questions. ``--data`` keeps the store for the next run.

The milliseconds are the server's: ``added`` is what a recall takes on top of embedding its question,
``server`` is the same with the question's vector known, so that the embedding hides nothing. Before and
after each person an exact scan is timed, which tells how fast the machine is.
"""

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid5

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from tqdm import tqdm

from app.dependencies import Resources, recall_pipeline
from app.embedders.local import PACKAGED_MODEL, LocalEmbedder
from app.recall.pipeline import PARTS
from app.recall.question import HEADS, Question, most_per_channel
from app.storage.scope import Scope
from app.storage.traces import TraceStore
from app.storage.vector_index import VectorIndex
from in_process import new_person, remember, service, until_embedded
from metrics import Percentiles, json_line, percentiles
from recall_set import load
from synthetic import Life, WordVectorEmbedder
from telling import tell
from yardstick import yardstick

DIM = 768
NOBODY = UUID("00000000-0000-0000-0000-00000000ba5e")
WINDOWS = {"none": 0, "a year": 365, "30 days": 30}
SAME = 1e-5

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the store: how many traces they were to have, and what to ask them."""

    user_id: UUID
    traces: int
    questions: Sequence[str]


@dataclass(frozen=True, slots=True)
class Stored:
    """One head of one person as the database has it: ids, seconds since 1970, vectors of length 1."""

    ids: Sequence[UUID]
    times: NDArray[np.float64]
    vectors: Floats


@dataclass(frozen=True, slots=True)
class PersonReport:
    """``exactness`` is the share of the true nearest that the vector stage found, worst head, by time
    window; ``ms`` the server's milliseconds by part, and ``scan_ms`` those of an exact scan."""

    traces: int
    exactness: Mapping[str, float | None]
    ms: Mapping[str, Percentiles]
    scan_ms: float


def main() -> int:
    arguments = _arguments()
    try:
        asyncio.run(_measure(arguments))
    except KeyboardInterrupt:
        return 130
    return 0


async def _measure(arguments: argparse.Namespace) -> None:
    with ExitStack() as stack:
        folder = arguments.data or Path(stack.enter_context(TemporaryDirectory()))
        async with service(embedder=WordVectorEmbedder(dim=DIM), folder=folder) as shared:
            people = await _settle(shared, arguments)
            reports = [await _report(shared, person) for person in people]
        if arguments.turns is not None:
            async with service(embedder=_packaged_model(), folder=folder) as shared:
                person = await _real_person(shared, arguments.turns)
                reports.append(await _report(shared, person))
    _print(arguments, reports)


def _packaged_model() -> LocalEmbedder:
    """Under the name of the others' embedder: a store has vectors of one model."""
    embedder = LocalEmbedder(PACKAGED_MODEL, dim=DIM, precision="fp16")
    embedder.model = WordVectorEmbedder.model
    return embedder


async def _real_person(shared: Resources, file: Path) -> Person:
    """All conversations of a set as one person's."""
    recall_set = load(file)
    user_id = await tell(shared, recall_set.name, recall_set.conversations)
    await until_embedded(shared)
    questions = [q.text for each in recall_set.conversations for q in each.questions]
    return Person(user_id, recall_set.turns, questions)


async def _settle(shared: Resources, arguments: argparse.Namespace) -> list[Person]:
    """Everybody's life is remembered, unless the store has it from an earlier run."""
    now = datetime.now(UTC)
    sizes = [(size, True) for size in arguments.sizes]
    others = [(arguments.other_traces, False)] * arguments.others
    people: list[Person] = []
    for number, (size, is_asked) in enumerate(tqdm([*others, *sizes], desc="remember")):
        user_id = uuid5(NOBODY, f"{number} {size} {is_asked}")
        life = Life(seed=number, until=now - timedelta(days=1))
        turns = life.turns(size)
        if is_asked:
            asked = np.random.default_rng(number).integers(len(turns), size=arguments.questions)
            people.append(Person(user_id, size, [life.question(turns[at]) for at in asked]))
        async with shared.database.reading() as work:
            known = await TraceStore(work.session).usage(user_id)
        if known.traces == 0:
            await new_person(shared, user_id)
            await remember(shared, user_id, turns)
    await until_embedded(shared)
    return people


async def _report(shared: Resources, person: Person) -> PersonReport:
    truth = {head: await _stored(shared, person.user_id, head) for head in HEADS}
    exactness = {
        name: await _exactness(shared, person, truth, days=days) for name, days in WINDOWS.items()
    }
    async with yardstick(shared) as machine:
        await machine.look()
        ms = await _timed(shared, person)
        await machine.look()
    return PersonReport(person.traces, exactness, ms, machine.ms)


async def _stored(shared: Resources, user_id: UUID, head: str) -> Stored:
    async with shared.database.autocommit() as connection:
        rows = await connection.execute(
            text(
                "SELECT trace_id, extract(epoch FROM created_at), CAST(vec AS real[])"
                " FROM memory_embedding WHERE user_id = :user_id AND head = :head"
            ),
            {"user_id": user_id, "head": head},
        )
        found = rows.all()
    return Stored(
        [row[0] for row in found],
        np.array([float(row[1]) for row in found]),
        np.array([row[2] for row in found], np.float32),
    )


async def _exactness(
    shared: Resources,
    person: Person,
    truth: Mapping[str, Stored],
    *,
    days: int,
) -> float | None:
    """The worst head's share of the true nearest traces that the vector stage finds; None where the
    window is empty."""
    since = datetime.now(UTC) - timedelta(days=days) if days else Scope().since
    shares: dict[str, list[float]] = {head: [] for head in HEADS}
    for asked in person.questions:
        vector = await shared.embedding.question(asked)
        question = Question(asked, 10, datetime.now(UTC), scope=Scope(since=since))
        async with shared.database.reading() as work:
            usage = await TraceStore(work.session).usage(person.user_id)
            most = most_per_channel(question, usage)
            found = await VectorIndex(work.session, shared.column, shared.sketches).nearest(
                person.user_id,
                vector,
                heads=HEADS,
                scope=question.scope,
                most=most,
                usage=usage,
            )
        for head, stored in truth.items():
            inside = np.flatnonzero(stored.times >= since.timestamp())
            if not inside.size:
                continue
            cosines = stored.vectors[inside] @ vector.astype(np.float16).astype(np.float32)
            nearest = np.argsort(-cosines)[:most]
            last = cosines[nearest[-1]] + SAME  # which of equals comes last is chance
            mine = {item.trace_id for item in found if item.head == head}
            hits = [cosines[at] <= last or stored.ids[inside[at]] in mine for at in nearest]
            shares[head].append(float(np.mean(hits)))
    means = [float(np.mean(share)) for share in shares.values() if share]
    return min(means, default=None)


async def _timed(shared: Resources, person: Person) -> dict[str, Percentiles]:
    """Every question is asked twice: a word more, which no cache knows, and as it is."""
    laps: dict[str, list[float]] = {part: [] for part in (*PARTS, "added", "server")}
    for asked in person.questions:
        fresh = await _took(shared, person, f"{asked} please")
        laps["embed"].append(fresh["embed"])
        laps["added"].append(fresh["total"] - fresh["embed"])
        known = await _took(shared, person, asked)
        laps["server"].append(known["total"] - known["embed"])
        for part in PARTS[1:]:
            laps[part].append(known[part])
    return {part: percentiles(values) for part, values in laps.items()}


async def _took(shared: Resources, person: Person, asked: str) -> Mapping[str, float]:
    question = Question(asked, 10, datetime.now(UTC))
    async with shared.database.reading() as work:
        found = await recall_pipeline(shared, work).recall(person.user_id, question)
    return found.took_ms


def _print(arguments: argparse.Namespace, reports: Sequence[PersonReport]) -> None:
    facts = {
        "bench": "scale",
        "others": arguments.others,
        "other_traces": arguments.other_traces,
        "store": arguments.others * arguments.other_traces
        + sum(report.traces for report in reports),
    }
    if arguments.json:
        print(json_line(facts | {"people": [asdict(report) for report in reports]}))
        return
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    for report in reports:
        exact = ", ".join(
            f"{name} -" if value is None else f"{name} {value:.4f}"
            for name, value in report.exactness.items()
        )
        print(f"\n{report.traces} traces; exactness by window: {exact}")
        for part, value in report.ms.items():
            print(f"  {part:16} p50 {value.p50:7.2f} ms   p95 {value.p95:7.2f} ms")
        added, scan = report.ms["added"], report.scan_ms
        in_scans = f"p50 {added.p50 / scan:7.2f}      p95 {added.p95 / scan:7.2f}"
        print(f"  {'added, in scans':16} {in_scans}   of {scan:.2f} ms")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=_numbers, default=[10, 1_000, 10_000, 100_000])
    parser.add_argument("--others", type=int, default=1_000, help="how many other people")
    parser.add_argument("--other-traces", type=int, default=90, help="what each of them has")
    parser.add_argument("--questions", type=int, default=100, help="asked of each person")
    parser.add_argument(
        "--turns", type=Path, metavar="FILE", help="a recall set to remember as well"
    )
    parser.add_argument("--data", type=Path, help="a folder to keep the store in")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    return parser.parse_args()


def _numbers(csv: str) -> list[int]:
    return [int(part) for part in csv.split(",")]


if __name__ == "__main__":
    sys.exit(main())
