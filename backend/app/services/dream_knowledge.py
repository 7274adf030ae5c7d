"""Entities, mentions and facts of a day, as nodes and edges with ids of their own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.dream.calendar import derived_id
from app.dream.entities import Entity, Extraction, Fact
from app.dream.extract import FUNCTIONAL, PERSON_SPEAKING
from app.services.dream_author import SELF
from app.services.dream_reader import Material
from app.storage.entities import EntityNode, EntityStore, NewEdge
from app.storage.facts import FactStore, NewFact


@dataclass(frozen=True, slots=True)
class Known:
    """How much a day says about whom: entities, mentions, facts, and the edges that are new."""

    entities: int
    mentions: int
    facts: int
    edges_created: int


class DreamKnowledge:
    """Writes what was extracted from a day, and takes back what an earlier dream of it had found."""

    def __init__(self, session: AsyncSession) -> None:
        self._entities = EntityStore(session)
        self._facts = FactStore(session)

    async def put(self, user_id: UUID, material: Material, extraction: Extraction) -> Known:
        """Nodes first, then the edges to them, then the facts between them; who is not mentioned any
        more goes."""
        said_at = {trace.trace_id: trace.said_at for trace in material.traces}
        facts = _facts(user_id, extraction.facts)
        mentions = _mentions(user_id, extraction, facts, said_at)
        nodes = _nodes(user_id, extraction.entities, mentions, material.known)
        await self._entities.put(user_id, nodes)
        created = await self._entities.reconcile(user_id, "mentions", mentions, of=said_at)
        created += await self._facts.reconcile(user_id, facts, of=said_at)
        await self._entities.drop_orphans(user_id)
        return Known(len(nodes), len(mentions), len(facts), created)


def _key(name: str) -> str:
    """A name as names are compared."""
    return " ".join(name.casefold().split())


def _entity_id(user_id: UUID, name: str) -> UUID:
    return derived_id(user_id, f"entity:{_key(name)}")


def _facts(user_id: UUID, facts: Iterable[Fact]) -> list[NewFact]:
    """Each fact once a trace; nothing is related to itself."""
    found: dict[tuple[UUID, str, UUID, UUID], NewFact] = {}
    for fact in facts:
        subject, thing = _entity_id(user_id, fact.subject), _entity_id(user_id, fact.object)
        if subject != thing:
            found[subject, fact.predicate, thing, fact.trace_id] = NewFact(
                subject=subject,
                predicate=fact.predicate,
                object=thing,
                trace_id=fact.trace_id,
                weight=fact.weight,
                is_functional=fact.predicate in FUNCTIONAL,
                since=fact.since,
            )
    return list(found.values())


def _mentions(
    user_id: UUID,
    extraction: Extraction,
    facts: Iterable[NewFact],
    said_at: dict[UUID, datetime],
) -> list[NewEdge]:
    """One edge from a trace to each entity; the two ends of a fact are mentioned where it is said."""
    weights: dict[tuple[UUID, UUID], float] = {}
    for mention in extraction.mentions:
        key = mention.trace_id, _entity_id(user_id, mention.entity)
        weights[key] = max(mention.weight, weights.get(key, 0.0))
    for fact in facts:
        for end in (fact.subject, fact.object):
            weights.setdefault((fact.trace_id, end), fact.weight)
    return [
        NewEdge(trace_id, entity_id, weight, said_at[trace_id])
        for (trace_id, entity_id), weight in weights.items()
    ]


def _nodes(
    user_id: UUID,
    entities: Iterable[Entity],
    mentions: Iterable[NewEdge],
    known: Iterable[EntityNode],
) -> list[EntityNode]:
    """The nodes that are mentioned. A new one dates from its first mention, an old one stays as old."""
    first: dict[UUID, datetime] = {}
    for mention in mentions:
        first[mention.dst] = min(mention.ts, first.get(mention.dst, mention.ts))
    born = first | {node.id: node.created_at for node in known if node.id in first}
    named = {_entity_id(user_id, entity.name): entity for entity in entities}
    named.setdefault(_entity_id(user_id, PERSON_SPEAKING), Entity(PERSON_SPEAKING, SELF))
    return [
        EntityNode(
            id=entity_id,
            name=entity.name,
            key=_key(entity.name),
            kind=entity.kind,
            aliases=tuple(sorted(entity.aliases)),
            created_at=born[entity_id],
        )
        for entity_id, entity in named.items()
        if entity_id in born
    ]
