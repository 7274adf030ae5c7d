"""Held sketches: the nearest are those that counting the bits of each would give."""

import struct
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from pgvector import Bit

from app.language.time_window import BEGINNING
from app.storage.held_sketches import EPOCH, MOST_PARTS, HeldSketches, NearSketches
from app.storage.scope import Scope
from app.storage.sketches import SKETCH_BITS

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ASKED = Bit(bytes(SKETCH_BITS // 8))  # of which every bit differs that is set
IDS = [UUID(int=number << 64 | number) for number in range(1, 200)]


def record(
    trace_id: UUID, bits: int, *, then: datetime = NOW, chunk: int = 0, is_note: bool = False
) -> bytes:
    """A sketch with so many bits set, as ``held_sketches.sql`` gives it."""
    moment = (then - EPOCH) // timedelta(microseconds=1)
    sketch = ((1 << bits) - 1).to_bytes(SKETCH_BITS // 8, "big")
    return trace_id.bytes + struct.pack(">qh?i", moment, chunk, is_note, SKETCH_BITS) + sketch


def held(*parts: list[bytes]) -> HeldSketches:
    """Sketches that were read one part after the other."""
    found = HeldSketches(1, NOW)
    for part in parts:
        found = found.with_records(b"".join(part), NOW)
    return found


def nearest(
    sketches: HeldSketches, most: int, *, scope: Scope | None = None, of_notes: bool = False
) -> NearSketches:
    scope = scope or Scope()
    return sketches.nearest(
        ASKED, since=scope.since, until=scope.until, of_notes=of_notes, most=most
    )


def ids(found: NearSketches) -> list[UUID]:
    return [UUID(each) for each in found.trace_ids]


def test_the_nearest_are_those_with_the_fewest_differing_bits() -> None:
    bits = np.random.default_rng(1).permutation(len(IDS)).tolist()
    sketches = held([record(*each) for each in zip(IDS, bits, strict=True)])
    best = sorted(range(len(IDS)), key=lambda at: bits[at])[:20]
    found = nearest(sketches, 20)
    assert ids(found) == [IDS[at] for at in best]
    assert found.furthest == 19


def test_every_bit_of_every_byte_counts() -> None:
    bits = range(0, SKETCH_BITS + 1, 8)
    sketches = held([record(*each) for each in zip(IDS, bits, strict=False)])
    assert [nearest(sketches, most).furthest for most in range(1, len(bits) + 1)] == list(bits)


def test_of_equals_those_with_the_least_ids_come_first_wherever_they_are() -> None:
    parts = [[record(trace_id, 7)] for trace_id in reversed(IDS[:6])]
    assert ids(nearest(held(*parts), 3)) == IDS[:3]


def test_a_part_brings_no_less_than_it_has() -> None:
    sketches = held(
        [record(IDS[0], 5), record(IDS[1], 900)], [record(IDS[2], 1), record(IDS[3], 6)]
    )
    assert ids(nearest(sketches, 10)) == [IDS[2], IDS[0], IDS[3], IDS[1]]


def test_a_span_of_time_begins_with_its_first_moment_and_ends_before_its_last() -> None:
    tick = timedelta(microseconds=1)
    then = [NOW - tick, NOW, NOW + tick, BEGINNING]
    sketches = held([record(each, 1, then=moment) for each, moment in zip(IDS, then, strict=False)])
    assert ids(nearest(sketches, 9, scope=Scope(since=NOW, until=NOW + tick))) == [IDS[1]]
    assert len(ids(nearest(sketches, 9))) == 4


def test_a_moment_is_given_to_the_microsecond() -> None:
    then = datetime(1969, 7, 20, 20, 17, 40, 123_457, tzinfo=UTC)
    (moment,) = nearest(held([record(IDS[0], 1, then=then, chunk=3)]), 1).moments
    assert EPOCH + timedelta(microseconds=moment) == then


def test_among_notes_there_are_notes() -> None:
    sketches = held(
        [record(IDS[0], 1), record(IDS[1], 2, is_note=True), record(IDS[2], 3, is_note=True)]
    )
    assert ids(nearest(sketches, 9, of_notes=True)) == [IDS[1], IDS[2]]


def test_what_was_written_again_counts_as_it_is_now() -> None:
    sketches = held(
        [record(IDS[0], 1, chunk=0), record(IDS[0], 2, chunk=1), record(IDS[1], 3)],
        [record(IDS[0], 500)],
    )
    found = nearest(sketches, 9)
    assert ids(found) == [IDS[1], IDS[0]]
    assert found.furthest == 500


def test_ids_that_end_alike_are_not_the_same() -> None:
    alike = UUID(int=9 << 64 | IDS[0].int & (1 << 64) - 1)
    assert ids(nearest(held([record(IDS[0], 1)], [record(alike, 2)]), 9)) == [IDS[0], alike]


@pytest.mark.parametrize("parts", [1, MOST_PARTS, MOST_PARTS + 1, 3 * MOST_PARTS])
def test_many_writes_stay_a_few_parts(parts: int) -> None:
    sketches = held(*([record(IDS[number], number)] for number in range(parts)))
    assert len(sketches.parts) <= MOST_PARTS
    assert ids(nearest(sketches, 99)) == IDS[:parts]


def test_of_nothing_nothing_is_nearest() -> None:
    found = nearest(held(), 5)
    assert (ids(found), found.furthest) == ([], 0)
    assert held().size == 0
