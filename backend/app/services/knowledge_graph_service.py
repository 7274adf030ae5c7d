"""The knowledge graph as people look at it: around something, a question, or the whole of it."""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import structlog

from app.errors import InvalidInputError, NotFoundError
from app.graph import walk
from app.graph.protocol import Graph, GraphUnavailableError
from app.graph.walk import Shown, Subgraph
from app.models import MemoryTrace
from app.recall.pipeline import RecallPipeline
from app.recall.question import Question
from app.storage.graph import Evidence, GraphEdge, GraphStore

HUB_SHARE = 3  # of the whole, a third are hubs; the others are what they lead to
HUB_FAN_OUT = 100
CENTRES_OF_A_QUESTION = 5
MOST_EVIDENCE = 20

Found = TypeVar("Found")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class View:
    """What part of the graph to show: around ``centre``, around what ``question`` is about, or, with
    neither, the whole. At most ``limit`` nodes, ``depth`` steps away, as it stood ``as_of``."""

    depth: int
    limit: int
    centre: UUID | None = None
    question: Question | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class GraphPicture:
    """Nodes, the most important first, the edges among them, the titles of the notes among them, and
    the parts that did not answer."""

    nodes: Sequence[MemoryTrace]
    edges: Sequence[GraphEdge]
    titles: Mapping[UUID, str]
    degraded: Sequence[str]


@dataclass(frozen=True, slots=True)
class Connection:
    """What two nodes have to do with each other: the edges between them, what these rest on, and what
    mentions both. ``nodes`` are the two, in the order asked."""

    nodes: tuple[MemoryTrace, MemoryTrace]
    edges: Sequence[GraphEdge]
    evidence: Sequence[Evidence]
    shared: Sequence[MemoryTrace]
    titles: Mapping[UUID, str]


class KnowledgeGraphService:
    """One person's graph within one unit of work. ``behind`` is Postgres, which answers when the graph
    database in front of it does not."""

    def __init__(
        self,
        *,
        graph: Graph,
        behind: Graph,
        store: GraphStore,
        pipeline: RecallPipeline,
        clock: Callable[[], datetime],
    ) -> None:
        self._graph = graph
        self._behind = behind
        self._store = store
        self._pipeline = pipeline
        self._clock = clock

    async def show(self, user_id: UUID, view: View) -> GraphPicture:
        """A part of the graph, the most important first.

        Raises:
            NotFoundError: there is no such centre, or it is somebody else's.
        """
        shown = self._shown(user_id, view.as_of)
        centres, degraded = await self._centres(user_id, view)

        async def walked(graph: Graph) -> Subgraph:
            seeds = centres or await self._hubs(graph, user_id, view)
            return await walk.around(
                graph,
                user_id,
                seeds,
                depth=view.depth,
                limit=view.limit,
                at=view.as_of or self._clock(),
                shown=shown,
            )

        found, missing = await self._asked(walked)
        return await self._picture(user_id, found, as_of=view.as_of, degraded=[*degraded, *missing])

    async def path(
        self, user_id: UUID, start: UUID, end: UUID, *, as_of: datetime | None
    ) -> GraphPicture | None:
        """A shortest way from one node to another; None when there is none.

        Raises:
            NotFoundError: one of the two is not there, or somebody else's.
        """
        await self._require(user_id, (start, end), as_of=as_of)
        shown = self._shown(user_id, as_of)

        async def walked(graph: Graph) -> Subgraph | None:
            at = as_of or self._clock()
            return await walk.path(graph, user_id, start, end, at=at, shown=shown)

        found, degraded = await self._asked(walked)
        if found is None:
            return None
        return await self._picture(user_id, found, as_of=as_of, degraded=degraded)

    async def connection(self, user_id: UUID, one: UUID, other: UUID) -> Connection:
        """What two nodes have to do with each other, at any time.

        Raises:
            NotFoundError: one of the two is not there, or somebody else's.
            InvalidInputError: they are the same.
        """
        if one == other:
            raise InvalidInputError("source and target are the same node: name two.")
        found = await self._require(user_id, (one, other), as_of=None)
        edges = await self._store.between(user_id, one, other)
        return Connection(
            nodes=(found[one], found[other]),
            edges=edges,
            evidence=[
                *(
                    _said_by_its_end(edge, found[edge.src])
                    for edge in edges
                    if _is_of_a_trace(edge)
                ),
                *await self._store.facts_between(user_id, one, other, most=MOST_EVIDENCE),
            ],
            shared=await self._store.mentioning_both(user_id, one, other, most=MOST_EVIDENCE),
            titles=await self._store.titles(user_id, found),
        )

    async def _asked(
        self, question: Callable[[Graph], Awaitable[Found]]
    ) -> tuple[Found, tuple[str, ...]]:
        """The answer of the graph database, or of Postgres while that one is down."""
        try:
            return await question(self._graph), ()
        except GraphUnavailableError as error:
            log.warning("graph.down", reason=error.detail)
            return await question(self._behind), ("graph",)

    async def _centres(self, user_id: UUID, view: View) -> tuple[list[UUID], tuple[str, ...]]:
        if view.centre is not None:
            await self._require(user_id, (view.centre,), as_of=view.as_of)
            return [view.centre], ()
        if view.question is None:
            return [], ()
        named = await self._store.named(
            user_id, _plain(view.question.text), most=CENTRES_OF_A_QUESTION
        )
        asked = replace(view.question, k=CENTRES_OF_A_QUESTION)
        recollection = await self._pipeline.recall(user_id, asked)
        recalled = [memory.trace.id for memory in recollection.memories]
        return list(dict.fromkeys([*named, *recalled])), recollection.degraded

    async def _hubs(self, graph: Graph, user_id: UUID, view: View) -> list[UUID]:
        """The best connected entities; where there are few of them, what matters most beside them."""
        most = max(1, view.limit // HUB_SHARE)
        at = view.as_of or self._clock()
        hubs = await graph.hubs(user_id, most=most, fan_out=HUB_FAN_OUT, at=at)
        there = await self._store.shown(user_id, hubs, as_of=view.as_of)
        hubs = [hub for hub in hubs if hub in there]
        if len(hubs) < most:
            hubs += await self._store.salient(user_id, most=most - len(hubs), as_of=view.as_of)
        return hubs

    def _shown(self, user_id: UUID, as_of: datetime | None) -> Shown:
        async def shown(ids: Collection[UUID]) -> Collection[UUID]:
            return await self._store.shown_ids(user_id, ids, as_of=as_of)

        return shown

    async def _require(
        self, user_id: UUID, ids: Sequence[UUID], *, as_of: datetime | None
    ) -> dict[UUID, MemoryTrace]:
        found = await self._store.shown(user_id, ids, as_of=as_of)
        if len(found) < len(set(ids)):
            raise NotFoundError("There is no such node, or it is not yours.")
        return found

    async def _picture(
        self, user_id: UUID, found: Subgraph, *, as_of: datetime | None, degraded: Sequence[str]
    ) -> GraphPicture:
        there = await self._store.shown(user_id, found.nodes, as_of=as_of)
        return GraphPicture(
            nodes=[there[node] for node in found.nodes if node in there],
            edges=[edge for edge in found.edges if edge.src in there and edge.dst in there],
            titles=await self._store.titles(user_id, there),
            degraded=degraded,
        )


def _is_of_a_trace(edge: GraphEdge) -> bool:
    """Whether an edge rests on the trace that it leaves, and not on facts."""
    return edge.type in {"next", "mentions", "summary_of"}


def _said_by_its_end(edge: GraphEdge, trace: MemoryTrace) -> Evidence:
    return Evidence(trace, edge.type, edge.weight, edge.valid_from, edge.valid_to)


def _plain(text: str) -> str:
    """Lower-cased words with single spaces between them."""
    return " ".join(re.findall(r"\w+(?:['’-]\w+)*", text.lower()))
