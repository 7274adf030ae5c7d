"""Walks over a graph: what lies around some nodes, and the way from one to another.

A walk goes level by level. Of each node it takes the heaviest few edges, of each level the strongest few
nodes: a hub with thousands of mentions neither slows it nor floods it. A path is as strong as the product
of its weights, halved at every step.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.graph.protocol import Graph
from app.storage.graph import GraphEdge

FAN_OUT = 25
FAN_OUT_OF_PATHS = 100
MOST_ON_A_LEVEL = 500
EDGES_A_NODE = 4
LONGEST_PATH = 6

# Which of these nodes may be shown. What a lagging store still has of a forgotten one ends there.
Shown = Callable[[Collection[UUID]], Awaitable[Collection[UUID]]]


@dataclass(frozen=True, slots=True)
class Subgraph:
    """Nodes, the most important first, and the edges among them, the heaviest first."""

    nodes: Sequence[UUID]
    edges: Sequence[GraphEdge]


async def around(
    graph: Graph,
    user_id: UUID,
    centres: Sequence[UUID],
    *,
    depth: int,
    limit: int,
    at: datetime,
    shown: Shown,
) -> Subgraph:
    """The ``limit`` nodes that the centres, which are the first of them, lead to most strongly within
    ``depth`` steps."""
    strength = dict.fromkeys(centres[:limit], 1.0)
    frontier: Collection[UUID] = list(strength)
    for _ in range(depth):
        if not frontier:
            break
        edges = await graph.strongest(user_id, frontier, fan_out=FAN_OUT, at=at)
        reached = _strongest_of(_steps(edges, strength), most=limit)
        there = set(await shown(reached))
        frontier = [node for node in reached if node in there]
        strength |= {node: reached[node] for node in frontier}
    nodes = list(_strongest_of(strength, most=limit))
    edges = await graph.among(user_id, nodes, most=EDGES_A_NODE * limit, at=at)
    return Subgraph(nodes, edges)


def _steps(edges: Iterable[GraphEdge], strength: Mapping[UUID, float]) -> dict[UUID, float]:
    """How strongly nodes that were not reached before are reached over these edges."""
    found: dict[UUID, float] = {}
    for edge in edges:
        for near, far in ((edge.src, edge.dst), (edge.dst, edge.src)):
            if near in strength and far not in strength:
                found[far] = max(found.get(far, 0.0), strength[near] * edge.weight / 2)
    return found


def _strongest_of(strength: Mapping[UUID, float], *, most: int) -> dict[UUID, float]:
    """The first ``most``; of equals those that came first."""
    order = sorted(strength, key=lambda node: -strength[node])
    return {node: strength[node] for node in order[:most]}


@dataclass(slots=True)
class _Side:
    """What is reached from one end: over which edge, and how strongly."""

    frontier: Collection[UUID]
    strength: dict[UUID, float]
    came_by: dict[UUID, GraphEdge] = field(default_factory=dict)

    def way(self, node: UUID) -> list[tuple[UUID, GraphEdge]]:
        """From a node back to the end: each step is the edge and the node that it leads to."""
        steps: list[tuple[UUID, GraphEdge]] = []
        while node in self.came_by:
            edge = self.came_by[node]
            node = edge.src if edge.dst == node else edge.dst
            steps.append((node, edge))
        return steps


async def path(
    graph: Graph, user_id: UUID, start: UUID, end: UUID, *, at: datetime, shown: Shown
) -> Subgraph | None:
    """A shortest way, of those the strongest that was seen; None when there is none of at most
    ``LONGEST_PATH`` steps. It is looked for from both ends in turn."""
    if start == end:
        return Subgraph([start], [])
    one = _Side([start], {start: 1.0})
    other = _Side([end], {end: 1.0})
    for _ in range(LONGEST_PATH):
        near, far = (one, other) if len(one.frontier) <= len(other.frontier) else (other, one)
        if not near.frontier:
            return None
        await _go_on(graph, user_id, near, at=at, shown=shown)
        meeting = near.strength.keys() & far.strength.keys()
        if meeting:
            middle = min(meeting, key=lambda n: (-near.strength[n] * far.strength[n], n))
            return _joined(one, other, middle)
    return None


async def _go_on(graph: Graph, user_id: UUID, side: _Side, *, at: datetime, shown: Shown) -> None:
    edges = await graph.strongest(user_id, side.frontier, fan_out=FAN_OUT_OF_PATHS, at=at)
    reached = _strongest_of(_steps(edges, side.strength), most=MOST_ON_A_LEVEL)
    there = set(await shown(reached))
    side.frontier = [node for node in reached if node in there]
    arrivals = set(side.frontier)
    for edge in sorted(edges, key=lambda e: (e.weight, e.ts)):
        for near, far in ((edge.src, edge.dst), (edge.dst, edge.src)):
            by = side.strength.get(near)
            if far in arrivals and by is not None and by * edge.weight / 2 == reached[far]:
                side.came_by[far] = edge
    side.strength |= {node: reached[node] for node in side.frontier}


def _joined(one: _Side, other: _Side, middle: UUID) -> Subgraph:
    back, on = one.way(middle), other.way(middle)
    nodes = [*(node for node, _ in reversed(back)), middle, *(node for node, _ in on)]
    edges = [*(edge for _, edge in reversed(back)), *(edge for _, edge in on)]
    return Subgraph(nodes, edges)
