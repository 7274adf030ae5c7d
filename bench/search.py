"""Milliseconds of a search for somebody with many notes and memories.

    python bench/search.py [--notes 20000] [--memories 100000] [--searches 200] [--data FOLDER] [--json]

Writes a made-up life and made-up notes through the service's own code, then searches in five ways: by
several words, by one word, by the beginning of one as it is typed, by a misspelt one, and among notes
alone, after a few other searches. ``--data`` keeps the store for the next run. The milliseconds are the
server's, without embedding; in turn with them an exact scan is timed, which tells how fast the machine
is.
"""

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

import numpy as np
from sqlalchemy import text
from tqdm import tqdm

from app.dependencies import Resources
from app.exploring import search_service
from app.recall.search_pipeline import Search
from app.services.search_service import PARTS
from app.services.trace_draft import NewTrace
from app.storage.traces import TraceStore
from in_process import new_person, remember, service, until_embedded
from metrics import Percentiles, json_line, percentiles
from synthetic import Life, WordVectorEmbedder
from yardstick import yardstick

DIM = 768
READER = UUID("00000000-0000-0000-0000-0000005ea2c4")
TURNS_A_NOTE = 6
WARM_UP = 20  # searches in each way, of which no time is taken
WAYS = ("words", "one word", "as it is typed", "misspelt", "notes alone")

NOTES = """
INSERT INTO note (user_id, id, title, title_key, content, trace_id, created_at, updated_at)
SELECT user_id, CAST(source ->> 'id' AS uuid), split_part(content, E'\\n', 1),
    split_part(content, E'\\n', 1), split_part(content, E'\\n\\n', 2), id, created_at, created_at
FROM memory_trace WHERE user_id = :user_id AND role = 'note'
"""

# A search looks into one head, which is there when a trace is; the others would take as long again.
OTHER_HEADS = "DELETE FROM pending_embedding WHERE user_id = :user_id"


def main() -> int:
    arguments = _arguments()
    try:
        asyncio.run(_measure(arguments))
    except KeyboardInterrupt:
        return 130
    return 0


async def _measure(arguments: argparse.Namespace) -> None:
    async with service(embedder=WordVectorEmbedder(dim=DIM), folder=arguments.data) as shared:
        turns = Life(seed=3, until=datetime.now(UTC) - timedelta(days=1)).turns(arguments.memories)
        await _settle(shared, turns, notes=arguments.notes)
        for way in WAYS:
            await _timed(shared, _searches(way, turns, count=WARM_UP))
        report: dict[str, dict[str, Percentiles]] = {}
        async with yardstick(shared) as machine:
            for way in tqdm(WAYS, desc="search"):
                await machine.look()
                report[way] = await _timed(shared, _searches(way, turns, count=arguments.searches))
            await machine.look()
    _print(arguments, report, scan_ms=machine.ms)


async def _settle(shared: Resources, turns: Sequence[NewTrace], *, notes: int) -> None:
    """The life is remembered and the notes are written, unless the store has them from before."""
    async with shared.database.reading() as work:
        known = await TraceStore(work.session).usage(READER)
    if known.traces == 0:
        await new_person(shared, READER)
        for batch in tqdm([*_in_batches(turns), *_in_batches(_notes(notes))], desc="remember"):
            await remember(shared, READER, batch)
            async with shared.database.unit_of_work() as work:
                await work.session.execute(text(OTHER_HEADS), {"user_id": READER})
        async with shared.database.unit_of_work() as work:
            await work.session.execute(text(NOTES), {"user_id": READER})
        async with shared.database.autocommit() as connection:
            await connection.execute(text("ANALYZE"))
    await until_embedded(shared)


def _in_batches(new: Sequence[NewTrace], size: int = 2_000) -> list[Sequence[NewTrace]]:
    return [new[at : at + size] for at in range(0, len(new), size)]


def _notes(count: int) -> list[NewTrace]:
    """As the service remembers notes: a title, an empty line, and several turns' worth of text."""
    turns = Life(seed=4, until=datetime.now(UTC) - timedelta(days=1)).turns(count * TURNS_A_NOTE)
    found: list[NewTrace] = []
    for number in range(count):
        told = turns[number * TURNS_A_NOTE : (number + 1) * TURNS_A_NOTE]
        title = " ".join(told[0].content.split()[:3])
        body = " ".join(turn.content for turn in told)
        found.append(
            NewTrace(
                content=f"{title}\n\n{body}",
                role="note",
                created_at=told[0].created_at,
                salience=0.6,
                source={"type": "note", "id": str(uuid5(READER, str(number)))},
                meta={},
            )
        )
    return found


def _searches(way: str, turns: Sequence[NewTrace], *, count: int) -> list[Search]:
    """What one might look for, the same in every run: words out of what was said."""
    rng = np.random.default_rng(WAYS.index(way))
    chosen = [turns[at] for at in rng.integers(len(turns), size=count)]
    return [_search(way, turn, rng) for turn in chosen]


def _search(way: str, turn: NewTrace, rng: np.random.Generator) -> Search:
    said = turn.content.strip(".").split()
    word = str(rng.choice([word for word in said if len(word) > 4] or said))
    at = int(rng.integers(1, max(2, len(word) - 2)))
    asked = {
        "words": " ".join(map(str, rng.choice(said, min(4, len(said)), replace=False))) + " ",
        "one word": f"{word} ",
        "as it is typed": word[:3],
        "misspelt": f"{word[:at]}{word[at + 1 : at + 2]}{word[at]}{word[at + 2 :]} ",
        "notes alone": f"{word} ",
    }
    kinds = frozenset({"notes"}) if way == "notes alone" else Search("", datetime.now(UTC)).kinds
    return Search(asked[way], datetime.now(UTC), kinds=kinds)


async def _timed(shared: Resources, searches: Sequence[Search]) -> dict[str, Percentiles]:
    laps: dict[str, list[float]] = {part: [] for part in (*PARTS, "server")}
    for wanted in searches:
        async with shared.database.reading() as work:
            found = await search_service(shared, work).search(READER, wanted)
        for part in PARTS:
            laps[part].append(found.took_ms[part])
        laps["server"].append(found.took_ms["total"] - found.took_ms["embed"])
    return {part: percentiles(values) for part, values in laps.items()}


def _print(
    arguments: argparse.Namespace,
    report: Mapping[str, Mapping[str, Percentiles]],
    *,
    scan_ms: float,
) -> None:
    facts = {
        "bench": "search",
        "notes": arguments.notes,
        "memories": arguments.memories,
        "scan_ms": round(scan_ms, 2),
    }
    if arguments.json:
        ways = {way: {p: asdict(v) for p, v in parts.items()} for way, parts in report.items()}
        print(json_line(facts | {"ways": ways}))
        return
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    for way, parts in report.items():
        print(f"\n{way}")
        for part, value in parts.items():
            print(f"  {part:10} p50 {value.p50:7.2f} ms   p95 {value.p95:7.2f} ms")
        server = parts["server"]
        in_scans = f"p50 {server.p50 / scan_ms:7.2f}      p95 {server.p95 / scan_ms:7.2f}"
        print(f"  {'in scans':10} {in_scans}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--notes", type=int, default=20_000, help="how many notes there are")
    parser.add_argument("--memories", type=int, default=100_000, help="and how many memories")
    parser.add_argument("--searches", type=int, default=200, help="how many in each way")
    parser.add_argument("--data", type=Path, help="a folder to keep the store in")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
