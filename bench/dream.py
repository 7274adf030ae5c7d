"""How well the night does its work.

``python bench/dream.py --night`` times one night for a thousand people. ``--summaries FILE`` compares
summaries with those that people wrote, and with the
textbook extracts at the same length. ``--extraction FILE`` counts the entities that are spoken of in
the words they are given, and ``--list`` prints them for reading by hand.
"""

import argparse
import asyncio
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from dream_night import Night, night
from dream_quality import (
    ExtractionQuality,
    SummaryQuality,
    days_of,
    extraction_quality,
    summary_quality,
)
from metrics import json_line
from recall_set import RecallSetError, load

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "backend"))

from app.embedders.local import PACKAGED_MODEL, LocalEmbedder
from app.language.words import Words

DIM = 768
LANGUAGE = "english"


def main() -> int:
    arguments = _arguments()
    try:
        if arguments.night:
            _print_night(asyncio.run(night(people=arguments.night)), as_json=arguments.json)
        else:
            asyncio.run(_quality(arguments))
    except RecallSetError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


async def _quality(arguments: argparse.Namespace) -> None:
    words = Words(LANGUAGE)
    path: Path = arguments.summaries or arguments.extraction
    recall_set = load(path, conversations=arguments.conversations)
    embedder = LocalEmbedder(PACKAGED_MODEL, dim=DIM, precision="fp32")
    try:
        days = await days_of(recall_set, embedder, words)
    finally:
        await embedder.close()
    if arguments.summaries:
        _print_summaries(summary_quality(days, words), as_json=arguments.json)
    else:
        quality = extraction_quality(days, words)
        _print_extraction(quality, as_json=arguments.json, listed=arguments.list)


def _print_night(result: Night, *, as_json: bool) -> None:
    if as_json:
        print(json_line({"bench": "dream", "mode": "night", **asdict(result)}), flush=True)
        return
    print(
        f"{result.people} people, {result.traces} traces, {result.runs} runs of which {result.failed} "
        f"failed, in {result.seconds:.1f} s: {1000 * result.seconds / result.people:.0f} ms a person"
    )


def _print_summaries(systems: Mapping[str, SummaryQuality], *, as_json: bool) -> None:
    if as_json:
        rows = {name: asdict(quality) for name, quality in systems.items()}
        print(json_line({"bench": "dream", "mode": "summaries", "systems": rows}), flush=True)
        return
    width = max(map(len, systems)) + 2
    print(f"{'':<{width}}{'days':>6}{'ROUGE-1':>10}{'ROUGE-2':>10}{'share':>8}")
    for name, row in systems.items():
        numbers = f"{row.rouge_1:>10.3f}{row.rouge_2:>10.3f}{row.share:>8.3f}"
        print(f"{name:<{width}}{row.days:>6}{numbers}")


def _print_extraction(quality: ExtractionQuality, *, as_json: bool, listed: bool) -> None:
    numbers = {
        "entities": quality.named,
        "occurring": quality.occurring,
        "share": quality.occurring / max(1, quality.named),
        "facts": quality.facts,
    }
    if as_json:
        print(json_line({"bench": "dream", "mode": "extraction", **numbers}), flush=True)
    else:
        print(", ".join(f"{name} {value:.4g}" for name, value in numbers.items()))
    if listed:
        for day, entity in quality.entities:
            print(f"{day}\t{entity.kind}\t{entity.name}\t{', '.join(entity.aliases)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument(
        "--night", type=int, nargs="?", const=1_000, metavar="PEOPLE", help="time one night"
    )
    mode.add_argument("--summaries", type=Path, metavar="FILE", help="a recall set with summaries")
    mode.add_argument("--extraction", type=Path, metavar="FILE", help="a recall set")
    parser.add_argument("--conversations", type=int, metavar="N", help="only the first N")
    parser.add_argument("--list", action="store_true", help="print every entity that was found")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
