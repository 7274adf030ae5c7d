"""What came after a moment is taken out of what was found."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from test_rank import fact

from app.recall.as_of import edges_then, fact_then
from app.recall.question import Edge

THEN = datetime(2026, 3, 1, tzinfo=UTC)
A, B, C, D, LATER = (UUID(int=number) for number in range(1, 6))


def edge(src: UUID, dst: UUID) -> Edge:
    return Edge(src, dst, "next", 1.0)


def test_edges_that_only_a_later_trace_led_to_are_gone() -> None:
    edges = [edge(A, B), edge(B, LATER), edge(LATER, C), edge(C, D)]
    assert edges_then(edges, [A], later={LATER}, hops=2) == [edge(A, B)]
    assert edges_then(edges, [A, D], later={LATER}, hops=1) == [edge(A, B), edge(C, D)]
    assert edges_then(edges, [A], later=set(), hops=9) == edges


def test_a_later_neighbour_takes_its_situation_with_it() -> None:
    known = fact(1, before=A, after=LATER, situation=0.9)
    then = fact_then(known, THEN, later={LATER})
    assert (then.after, then.situation, then.before) == (None, None, A)
    assert fact_then(known, THEN, later=set()) == known


def test_uses_count_when_the_last_of_them_came_before() -> None:
    earlier = fact(1, access_count=3, last_accessed_at=THEN - timedelta(days=1))
    later = fact(1, access_count=3, last_accessed_at=THEN + timedelta(days=1))
    assert fact_then(earlier, THEN, later=set()) == earlier
    assert fact_then(later, THEN, later=set()).access_count == 0
