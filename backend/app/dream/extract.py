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
    names, and lend their kinds. What only the assistant speaks of is nothing of the person's life yet.
    Only what the person says or notes states facts.
    """
    spoken = _Spoken(known)
    _hear_names(traces, words, spoken)
    _hear_known(traces, KnownEntities(known, words), spoken)
    stated = list(_stated(traces, words))
    for trace, relation in stated:
        spoken.hear(trace.trace_id, relation.subject, relation.subject_kind)
        spoken.hear(trace.trace_id, relation.object, relation.object_kind)
    spoken.registry.settle()
    return Extraction(
        entities=spoken.registry.entities(),
        mentions=tuple(spoken.mentions()),
        facts=tuple(_facts(stated, spoken.registry)),
    )


class _Spoken:
    """Which names each trace speaks of, and how often."""

    def __init__(self, known: Sequence[Entity]) -> None:
        self.registry = Registry(known)
        self.times: Counter[tuple[UUID, str]] = Counter()

    def hear(self, trace_id: UUID, name: str, kind: str | None = None) -> None:
        """A name in a trace; ``kind`` is what a relation says it is, which is as good as two cues."""
        if name != PERSON_SPEAKING:
            self.registry.add(name)
            self.registry.vote(name, [kind] * 2 if kind else [])
            self.times[trace_id, name] += 1

    def mentions(self) -> Iterator[Mention]:
        """By the names that were settled on; each further time in a trace adds half of what is left."""
        counts: Counter[tuple[UUID, str]] = Counter()
        for (trace_id, name), times in self.times.items():
            counts[trace_id, self.registry.name_of(name)] += times
        for (trace_id, name), times in counts.items():
            yield Mention(trace_id, name, 1 - 0.5**times)


def _hear_names(traces: Sequence[DayTrace], words: Words, spoken: _Spoken) -> None:
    own = {trace.trace_id for trace in traces if trace.role != "assistant"}
    names = names_of(traces, words)
    own_names = {name.text.casefold() for name in names if name.trace_id in own}
    for name in names:
        if name.text.casefold() in own_names:
            spoken.hear(name.trace_id, name.text)
            spoken.registry.vote(name.text, name.votes)
    for thing in common_things(traces, words):
        if own.intersection(thing.traces):
            for trace_id in thing.traces:
                spoken.hear(trace_id, thing.text)


def _hear_known(traces: Sequence[DayTrace], earlier: KnownEntities, spoken: _Spoken) -> None:
    for trace in traces:
        for name in earlier.named_in(trace.content):
            if not spoken.times[trace.trace_id, name]:
                spoken.hear(trace.trace_id, name)


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
