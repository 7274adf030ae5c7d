"""An export as it is read back: its lines, checked as a whole before the first is written."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import BinaryIO
from uuid import UUID

from app.errors import InvalidInputError
from app.services.trace_draft import NewTrace
from app.storage.entities import EntityNode
from app.storage.facts import NewFact
from app.storage.insights import NewInsight
from app.storage.note_transfer import ConnectionOfExport, NoteOfExport, VerdictOfExport
from app.storage.pruned import PrunedOfExport
from app.storage.transfer import EdgeOfExport

MOST_PROBLEMS = 20
LONGEST_LINE = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Header:
    """The first line: from which account it comes."""

    account: UUID


@dataclass(frozen=True, slots=True)
class TraceOfExport:
    """A trace with the id it keeps, and how it was used."""

    id: UUID
    new: NewTrace
    pinned: bool
    access_count: int
    last_accessed_at: datetime | None
    faded_at: datetime | None
    corrected_at: datetime | None


@dataclass(frozen=True, slots=True)
class InsightOfExport:
    """An insight, and what the person said of it."""

    insight: NewInsight
    helpful: bool | None


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A line that tells about the account it came from, and is not imported."""

    kind: str


@dataclass(frozen=True, slots=True)
class End:
    """The last line: how many there are of each kind, so that a torn file is known as one."""

    counts: dict[str, int]


Line = (
    Header
    | TraceOfExport
    | EntityNode
    | EdgeOfExport
    | NewFact
    | InsightOfExport
    | PrunedOfExport
    | NoteOfExport
    | ConnectionOfExport
    | VerdictOfExport
    | PassedOver
    | End
)
_KINDS: dict[type, str] = {
    Header: "header",
    TraceOfExport: "trace",
    EntityNode: "node",
    EdgeOfExport: "edge",
    NewFact: "fact",
    InsightOfExport: "insight",
    PrunedOfExport: "pruned_trace",
    NoteOfExport: "note",
    ConnectionOfExport: "connection",
    VerdictOfExport: "verdict",
}
Parse = Callable[[bytes], Line]


@dataclass(slots=True)
class Derivations:
    """What was made from what: summaries and the dream's nodes from every one of their sources, other
    entities from any trace that mentions them, pruned or not. ``account`` is where the file comes from,
    ``nodes`` are the dream's with their names."""

    account: UUID | None = None
    summaries: set[UUID] = field(default_factory=set)
    nodes: dict[UUID, str] = field(default_factory=dict)
    entities: set[UUID] = field(default_factory=set)
    sources: dict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))

    def note(self, line: Line) -> None:
        """Take in one line."""
        if isinstance(line, Header):
            self.account = line.account
        elif isinstance(line, EntityNode):
            self.nodes[line.id] = line.name
        elif isinstance(line, TraceOfExport) and line.new.role == "summary":
            self.summaries.add(line.id)
        elif isinstance(line, TraceOfExport) and line.new.role == "entity":
            self.entities.add(line.id)
        elif isinstance(line, EdgeOfExport) and line.type == "summary_of":
            self.sources[line.src].add(line.dst)
        elif isinstance(line, EdgeOfExport) and line.type == "mentions":
            self.sources[line.dst].add(line.src)
        elif isinstance(line, PrunedOfExport):
            for made in line.made:
                self.sources[made].add(line.id)

    def mentioning(self) -> set[UUID]:
        """Every trace that mentions anything."""
        return set().union(*(self.sources.get(entity, set()) for entity in self.entities))

    def called_in(self, text: str) -> set[UUID]:
        """The nodes of the dream whose name stands in a text."""
        folded = text.casefold()
        return {node for node, name in self.nodes.items() if name.casefold() in folded}

    def reaching(self, trace_ids: Iterable[UUID]) -> set[UUID]:
        """These traces and all that they were made from."""
        reached: set[UUID] = set()
        waiting = list(trace_ids)
        while waiting:
            trace_id = waiting.pop()
            if trace_id not in reached:
                reached.add(trace_id)
                waiting += self.sources.get(trace_id, ())
        return reached

    def gone(self, reached: Set[UUID], named: Set[UUID]) -> set[UUID]:
        """Those of ``reached`` that a tombstone names, or that were made from what is gone: one such
        source is enough for a summary or a node of the dream, whose names it may hold; another entity
        goes with the last trace that mentions it."""
        products: dict[UUID, list[UUID]] = defaultdict(list)
        for made in reached & self.sources.keys():
            for source in self.sources[made]:
                products[source].append(made)
        gone: set[UUID] = set()
        waiting = list(reached & named)
        while waiting:
            trace_id = waiting.pop()
            if trace_id not in gone:
                gone.add(trace_id)
                waiting += [made for made in products[trace_id] if self._goes(made, gone)]
        return gone

    def _goes(self, made: UUID, gone: Set[UUID]) -> bool:
        is_of_the_gone = made in self.entities and self.sources[made] <= gone
        return made in self.summaries or made in self.nodes or is_of_the_gone


def read_through(file: BinaryIO, parse: Parse) -> Derivations:
    """Check every line of a file, from the first to the last.

    Raises:
        InvalidInputError: names the bad lines, or says that the end is missing.
    """
    derivations = Derivations()
    problems: list[str] = []
    counts: Counter[str] = Counter()
    end: End | None = None
    file.seek(0)
    for number, raw in enumerate(_raw_lines(file), start=1):
        try:
            line = parse(raw)
            if isinstance(line, Header) != (number == 1) or end is not None:
                raise ValueError("the header must be the first line, and the end the last")
        except ValueError as error:
            problems.append(f"line {number}: {error}")
            if len(problems) == MOST_PROBLEMS:
                break
            continue
        if isinstance(line, End):
            end = line
        else:
            counts[_kind(line)] += 1
        derivations.note(line)
    if not problems and (end is None or any(counts[k] != n for k, n in end.counts.items())):
        problems.append("the file is not whole: export it again")
    if problems:
        raise InvalidInputError(f"{'; '.join(problems)}. Nothing was imported.")
    return derivations


def batches(file: BinaryIO, parse: Parse, *, size: int) -> Iterator[list[Line]]:
    """The lines of a checked file, some at a time."""
    file.seek(0)
    lines = map(parse, _raw_lines(file))
    while batch := list(islice(lines, size)):
        yield batch


def _raw_lines(file: BinaryIO) -> Iterator[bytes]:
    while raw := file.readline(LONGEST_LINE):
        if raw.strip():
            yield raw


def _kind(line: Line) -> str:
    return line.kind if isinstance(line, PassedOver) else _KINDS[type(line)]
