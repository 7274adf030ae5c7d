"""The memory as it stood at a moment: what came later is taken out of what was found.

The scope keeps later traces out of the results. This is about what they would tell through others:
as neighbours, as steps on the way along edges, and as uses.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from app.recall.question import Edge
from app.storage.candidates import TraceFact


def edges_then(
    edges: Sequence[Edge], seeds: Collection[UUID], *, later: Collection[UUID], hops: int
) -> list[Edge]:
    """The edges that lead from the seeds, ``hops`` far, without a step on a ``later`` trace."""
    there = [edge for edge in edges if edge.src not in later and edge.dst not in later]
    reached = set(seeds).difference(later)
    for _ in range(hops):
        reached |= {
            end
            for edge in there
            if edge.src in reached or edge.dst in reached
            for end in (edge.src, edge.dst)
        }
    return [edge for edge in there if edge.src in reached and edge.dst in reached]


def fact_then(fact: TraceFact, moment: datetime, *, later: Collection[UUID]) -> TraceFact:
    """A trace without the neighbour that followed after the moment, whose words are in its situation,
    and without its uses when the last of them came after: how many came before is not known."""
    if fact.after in later:
        fact = fact._replace(after=None, situation=None)
    if fact.last_accessed_at is not None and fact.last_accessed_at > moment:
        fact = fact._replace(access_count=0, last_accessed_at=None)
    return fact
