"""One entity for each thing, whatever it is called: spellings, aliases, and what earlier days knew."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.dream.entities import Entity
from app.dream.kinds import kind_by
from app.language.entity_kinds import ORGANISATION, PERSON, PLACE, THING


@dataclass(slots=True)
class _Entry:
    spellings: Counter[str] = field(default_factory=Counter)
    votes: list[str] = field(default_factory=list)
    known: Entity | None = None

    @property
    def kind(self) -> str:
        if self.known and self.known.kind != THING:
            return self.known.kind
        return kind_by(self.votes)


class Registry:
    """Collects names, then settles which of them mean the same."""

    def __init__(self, known: Iterable[Entity]) -> None:
        self._entries: dict[str, _Entry] = {}
        self._same: dict[str, str] = {}
        for entity in known:
            key = entity.name.casefold()
            self._entries[key] = _Entry(known=entity)
            for alias in entity.aliases:
                self._same.setdefault(alias.casefold(), key)

    def add(self, name: str) -> None:
        """Note one occurrence of a name."""
        self._entries.setdefault(self._key(name), _Entry()).spellings[name] += 1

    def vote(self, name: str, kinds: Sequence[str]) -> None:
        """Note what a noted name seems to be."""
        self._entries[self._key(name)].votes.extend(kinds)

    def settle(self) -> None:
        """Let a first or last name stand for the only full name that has it.

        Two people of the same name keep it apart; so do a person and a place. A name that earlier
        days knew stays the name.
        """
        full_names: defaultdict[str, set[str]] = defaultdict(set)
        for key in self._entries:
            first, *others = key.split()
            if others:
                full_names[first].add(key)
                full_names[others[-1]].add(key)
        for key in [key for key in self._entries if key in full_names]:
            full, *others = {self._same.get(name, name) for name in full_names[key]}
            if not others and full != key and self._can_be_one(key, full):
                self._merge(key, full)

    def name_of(self, name: str) -> str:
        """What the entity of this name is called."""
        return self._called(self._key(name))

    def entities(self) -> tuple[Entity, ...]:
        """All entities that this day speaks of, in the order of their first mention."""
        spoken = (key for key, entry in self._entries.items() if entry.spellings)
        return tuple(
            Entity(self._called(key), self._entries[key].kind, self._aliases(key)) for key in spoken
        )

    def _key(self, name: str) -> str:
        return self._same.get(name.casefold(), name.casefold())

    def _called(self, key: str) -> str:
        entry = self._entries[key]
        return entry.known.name if entry.known else entry.spellings.most_common(1)[0][0]

    def _aliases(self, key: str) -> tuple[str, ...]:
        known = self._entries[key].known
        called = self._called(key).casefold()
        names = [*(known.aliases if known else ()), *self._entries[key].spellings]
        return tuple(
            {name.casefold(): name for name in names if name.casefold() != called}.values()
        )

    def _can_be_one(self, short: str, full: str) -> bool:
        one, other = self._entries[short], self._entries[full]
        if one.known and other.known:
            return False
        kinds = {one.kind, other.kind}
        return PERSON in kinds and not kinds & {PLACE, ORGANISATION}

    def _merge(self, short: str, full: str) -> None:
        """The full name is kept, unless only the short one was known before."""
        kept, gone = (short, full) if self._entries[short].known else (full, short)
        entry = self._entries.pop(gone)
        self._entries[kept].spellings.update(entry.spellings)
        if not self._entries[kept].known:
            longest = max(self._entries[kept].spellings, key=len)
            self._entries[kept].spellings[longest] += sum(entry.spellings.values())
        self._entries[kept].votes.extend(entry.votes)
        self._same |= {alias: kept for alias, key in self._same.items() if key == gone}
        self._same[gone] = kept
