"""The knowledge graph: a part of it, the way between two nodes, and what ties them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.dependencies import UserIdDep
from app.exploring import KnowledgeGraphServiceDep, ReaderIdDep, ViewDep
from app.schemas.knowledge_graph import (
    ConnectionDetailsIn,
    ConnectionDetailsOut,
    KnowledgeGraphOut,
    PathOut,
)
from app.schemas.memory import Moment

router = APIRouter(prefix="/knowledge-graph", tags=["graph"])

AsOf = Annotated[Moment | None, Query(description="The graph as it stood then")]


@router.get("")
async def show(
    user_id: UserIdDep, view: ViewDep, graph: KnowledgeGraphServiceDep
) -> KnowledgeGraphOut:
    """The graph around a node, around what a question is about, or the whole of it: at most `limit`
    nodes, the most important first."""
    return KnowledgeGraphOut.of(await graph.show(user_id, view))


@router.get("/path")
async def path(
    user_id: UserIdDep,
    graph: KnowledgeGraphServiceDep,
    start: Annotated[UUID, Query(alias="from", description="The id of a node")],
    end: Annotated[UUID, Query(alias="to", description="The id of another")],
    as_of: AsOf = None,
) -> PathOut:
    """A shortest way from one node to another, of at most six edges."""
    return PathOut.of_path(await graph.path(user_id, start, end, as_of=as_of))


@router.post("/connection-details")
async def connection_details(
    user_id: ReaderIdDep, what: ConnectionDetailsIn, graph: KnowledgeGraphServiceDep
) -> ConnectionDetailsOut:
    """What two nodes have to do with each other, and which memories say so."""
    return ConnectionDetailsOut.of(await graph.connection(user_id, what.source, what.target))
