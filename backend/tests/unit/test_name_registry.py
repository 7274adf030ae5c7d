"""Which names mean the same, whatever the days before knew and in whatever order they come."""

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dream.entities import Entity
from app.dream.registry import Registry
from app.language.entity_kinds import ORGANISATION, PERSON, PLACE, THING

WORDS = ("Ana", "Silva", "Reis")
NAMES = [" ".join(words) for n in (1, 2, 3) for words in product(WORDS, repeat=n)]
names = st.sampled_from(NAMES)
kinds = st.sampled_from((PERSON, PLACE, ORGANISATION, THING))
entities = st.builds(Entity, names, kinds, st.lists(names, max_size=2).map(tuple))
spoken = st.lists(st.tuples(names, st.lists(kinds, max_size=2)), max_size=6)


def settled(known: Sequence[Entity], said: Sequence[tuple[str, Sequence[str]]]) -> Registry:
    registry = Registry(known)
    for name, votes in said:
        registry.add(name)
        registry.vote(name, votes)
    registry.settle()
    return registry


@pytest.mark.parametrize("last_name_first", [False, True])
def test_a_last_name_follows_the_full_name_to_the_short_one_that_was_known(
    last_name_first: bool,
) -> None:
    said = [(name, [PERSON]) for name in ("Ana Silva", "Silva")]
    registry = settled([Entity("Ana", PERSON, ())], said[::-1] if last_name_first else said)
    assert {registry.name_of(name) for name in ("Ana", "Ana Silva", "Silva")} == {"Ana"}
    assert [entity.name for entity in registry.entities()] == ["Ana"]


@given(st.lists(entities, max_size=4, unique_by=lambda entity: entity.name), spoken)
def test_every_name_that_is_spoken_has_one_entity(
    known: list[Entity], said: list[tuple[str, list[str]]]
) -> None:
    registry = settled(known, said)
    called = [entity.name for entity in registry.entities()]
    assert len(called) == len(set(called))
    assert {registry.name_of(name) for name, _ in said} == set(called)
