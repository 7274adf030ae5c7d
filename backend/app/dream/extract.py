"""People, places, organisations and things of a day, where they are spoken of, and how they relate."""

from collections import Counter
from collections.abc import Iterator, Sequence
from uuid import UUID

from app.dream.common_things import common_things
from app.dream.entities import Entity, Extraction, Fact, Mention
from app.dream.known import KnownEntities
from app.dream.material import DayTrace
from app.dream.names import names_of
from app.dream.registry import Registry
from app.dream.relations import FUNCTIONAL, PERSON_SPEAKING, Relation, relations_in
from app.dream.sentences import split
from app.language.words import Words, word_list

__all__ = ["FUNCTIONAL", "PERSON_SPEAKING", "Entity", "Extraction", "Fact", "Mention", "extract"]

_NO_NAMES = word_list("no_names", "english")
SURE = 0.9
ROLES_THAT_STATE_FACTS = frozenset({"user", "note"})


def extract(
    traces: Sequence[DayTrace], *, words: Words, known: Sequence[Entity] = ()
) -> Extraction:
    """What the day speaks of; rather too little than wrong.

    ``known`` are the entities of earlier days: they are found again in a single mention, keep their
    names, and lend their kinds. Only what the person says or notes states facts.
    """
    registry = Registry(known)
    mentioned: Counter[tuple[UUID, str]] = Counter()

    def mention(trace_id: UUID, name: str, *votes: str) -> None:
        registry.add(name, votes)
        mentioned[trace_id, name] += 1

    for name in names_of(traces, words):
        mention(name.trace_id, name.text, *name.votes)
    for thing in common_things(traces, words):
        for trace_id in thing.traces:
            mention(trace_id, thing.text)
    earlier = KnownEntities(known, words)
    for trace in traces:
        for entity in earlier.named_in(trace.content):
            if not mentioned[trace.trace_id, entity]:
                mention(trace.trace_id, entity)
    stated = list(_stated(traces, words))
    for trace, relation in stated:
        for end, kind in (
            (relation.subject, relation.subject_kind),
            (relation.object, relation.object_kind),
        ):
            if end != PERSON_SPEAKING:
                mention(trace.trace_id, end, *([kind] * 2 if kind else []))
    registry.settle()
    return Extraction(
        registry.entities(), tuple(_mentions(mentioned, registry)), tuple(_facts(stated, registry))
    )


def _stated(traces: Sequence[DayTrace], words: Words) -> Iterator[tuple[DayTrace, Relation]]:
    for trace in traces:
        if trace.role in ROLES_THAT_STATE_FACTS:
            for sentence in split(trace.content):
                for relation in relations_in(sentence):
                    if _names_something(relation, words):
                        yield trace, relation


def _names_something(relation: Relation, words: Words) -> bool:
    """Whether both ends are the person or can be named: "she" and "Tuesdays" cannot."""
    ends = (end for end in (relation.subject, relation.object) if end != PERSON_SPEAKING)
    return all(
        len(end) > 1
        and not words.is_stop_word(first := end.split(maxsplit=1)[0])
        and first.casefold() not in _NO_NAMES
        for end in ends
    )


def _mentions(mentioned: Counter[tuple[UUID, str]], registry: Registry) -> Iterator[Mention]:
    counts: Counter[tuple[UUID, str]] = Counter()
    for (trace_id, name), times in mentioned.items():
        counts[trace_id, registry.name_of(name)] += times
    for (trace_id, name), times in counts.items():
        if times:
            yield Mention(trace_id, name, 1 - 0.5**times)


def _facts(stated: Sequence[tuple[DayTrace, Relation]], registry: Registry) -> Iterator[Fact]:
    for trace, relation in stated:
        yield Fact(
            _end(relation.subject, registry),
            relation.predicate,
            _end(relation.object, registry),
            trace.trace_id,
            SURE,
            trace.said_at,
        )


def _end(name: str, registry: Registry) -> str:
    return name if name == PERSON_SPEAKING else registry.name_of(name)
