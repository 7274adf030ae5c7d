"""What came of a migration, counted and compared, for people and as JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

MOST_EXAMPLES = 100


@dataclass(slots=True)
class TableReport:
    """One table: its rows in the old database, what they should have become, what is here of that.

    ``skipped`` counts by reason, ``examples`` name some of those by their old ids. ``collapsed`` rows say
    what another one says. ``written`` is what this run has added.
    """

    source: int = 0
    collapsed: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    expected: int = 0
    found: int = 0
    written: int = 0
    different: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def skip(self, reason: str, old_id: str) -> None:
        """One row that does not come over."""
        self.skipped[reason] = self.skipped.get(reason, 0) + 1
        named = self.examples.setdefault(reason, [])
        if len(named) < MOST_EXAMPLES:
            named.append(old_id)

    def compare(self, old_id: str, *, is_there: bool, is_same: bool = True) -> None:
        """One row that should be here."""
        self.expected += 1
        if is_there:
            self.found += 1
        elif len(self.missing) < MOST_EXAMPLES:
            self.missing.append(old_id)
        if is_there and not is_same and len(self.different) < MOST_EXAMPLES:
            self.different.append(old_id)

    @property
    def stays_away(self) -> int:
        """How many rows do not come over."""
        return sum(self.skipped.values())

    @property
    def agrees(self) -> bool:
        """Whether all is here as it should be."""
        return self.found == self.expected and not self.different


@dataclass(slots=True)
class Day:
    """How many traces of one day there should be, and how many there are."""

    expected: int = 0
    found: int = 0


@dataclass(slots=True)
class Report:
    """A whole migration. ``left`` are tables that are not read, with their rows; ``split`` counts the
    traces beyond the first of texts that were too long for one; ``doubled`` are old ids of which there is
    more than one trace here, and must be empty."""

    lineage: str
    is_verified: bool = False
    tables: dict[str, TableReport] = field(default_factory=dict)
    days: dict[str, Day] = field(default_factory=dict)
    sampled: int = 0
    split: int = 0
    guessed_times: int = 0
    edges: int = 0
    doubled: list[str] = field(default_factory=list)
    merged_accounts: list[str] = field(default_factory=list)
    passwords_to_reset: list[str] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)

    def table(self, name: str) -> TableReport:
        """The report of one table."""
        return self.tables.setdefault(name, TableReport())

    @property
    def is_balanced(self) -> bool:
        """Whether every row of the old database is accounted for."""
        return all(
            table.source
            == table.expected
            - (self.split if name == "episode" else 0)
            + table.collapsed
            + table.stays_away
            for name, table in self.tables.items()
        )

    @property
    def is_right(self) -> bool:
        """Whether all that should be here is here, once, and as it was."""
        days = all(day.expected == day.found for day in self.days.values())
        tables = all(table.agrees for table in self.tables.values())
        return self.is_balanced and (not self.is_verified or (days and tables and not self.doubled))

    def to_json(self) -> str:
        """One JSON object."""
        told = {"right": self.is_right, "balanced": self.is_balanced, **asdict(self)}
        return json.dumps(told, indent=2)

    def lines(self) -> Iterator[str]:
        """For reading, without a word of anybody's memories."""
        yield f"Lineage {self.lineage}"
        yield f"{'table':<16} {'old rows':>9} {'same':>8} {'skipped':>8} {'expected':>9} {'here':>8}"
        for name, table in self.tables.items():
            here = f"{table.found:>8,}" if self.is_verified else f"{'-':>8}"
            yield (
                f"{name:<16} {table.source:>9,} {table.collapsed:>8,} {table.stays_away:>8,}"
                f" {table.expected:>9,} {here}"
            )
        for name, table in self.tables.items():
            yield from _told(name, table)
        yield from self._remarks()

    def _remarks(self) -> Iterator[str]:
        if self.is_verified:
            wrong = [day for day, n in self.days.items() if n.expected != n.found]
            yield f"{len(self.days):,} days compared, {len(wrong)} differ: {_some(wrong)}"
            yield f"{self.sampled:,} traces compared word for word"
        if self.doubled:
            yield f"more than one trace of {len(self.doubled)} old ids: {_some(self.doubled)}"
        if self.split:
            yield f"{self.split:,} more traces, of texts that were too long for one"
        if self.guessed_times:
            yield f"{self.guessed_times:,} episodes had no time and got that of the person's first"
        if self.edges:
            yield f"{self.edges:,} edges by topic, participant and day"
        for name, rows in self.left.items():
            yield f"{name} is not read ({rows:,} rows): it is made anew"
        if self.merged_accounts:
            yield f"{len(self.merged_accounts)} old accounts have the account here of their address"
        if self.passwords_to_reset:
            reset = ", ".join(self.passwords_to_reset)
            yield f"need a new password (POST /auth/password-reset): {reset}"


def _told(name: str, table: TableReport) -> Iterator[str]:
    for reason, number in table.skipped.items():
        yield f"{name}: {number:,} skipped, {_words(reason)}: {_some(table.examples.get(reason, []))}"
    if table.missing:
        yield f"{name}: not here: {_some(table.missing)}"
    if table.different:
        yield f"{name}: not as it was: {_some(table.different)}"


def _some(ids: list[str]) -> str:
    return ", ".join(ids[:5]) + (" ..." if len(ids) > 5 else "") if ids else "-"


_REASONS: Mapping[str, str] = {
    "empty": "nothing in it",
    "unknown_user": "nobody's account",
    "no_email": "no e-mail address",
    "before_since": "before --since",
    "orphan": "a note is not there",
    "two_people": "notes of two people",
    "loop": "a note with itself",
    "tied_already": "connected already",
    "forgotten": "forgotten here",
    "pruned": "faded here for good",
}


def _words(reason: str) -> str:
    return _REASONS.get(reason, reason)
