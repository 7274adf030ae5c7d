"""What an extraction is made of."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Entity:
    """A person, place, organisation or thing, and the other names it goes by."""

    name: str
    kind: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """A trace speaks of an entity, by its ``name``; ``weight`` from 0 to 1 grows with how often."""

    trace_id: UUID
    entity: str
    weight: float


@dataclass(frozen=True, slots=True)
class Fact:
    """A relation between two entities by their names, or of the person, who is ``user``.

    Attributes:
        predicate: a verb in snake case, ``lives_in`` for example.
        weight: how sure it is, 0 to 1.
        since: when it was said.
    """

    subject: str
    predicate: str
    object: str
    trace_id: UUID
    weight: float
    since: datetime


@dataclass(frozen=True, slots=True)
class Extraction:
    """Facts and mentions name their entities as ``entities`` does, or as those known before do."""

    entities: tuple[Entity, ...]
    mentions: tuple[Mention, ...]
    facts: tuple[Fact, ...]
