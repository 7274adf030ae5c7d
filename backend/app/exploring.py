"""What routes ask for when people look around in what is theirs: the knowledge graph and search."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from app.dependencies import (
    MAX_QUESTION_CHARACTERS,
    CallerDep,
    ReadingDep,
    RecallPipelineDep,
    ResourcesDep,
)
from app.errors import InvalidInputError
from app.graph.postgres import PostgresGraph
from app.recall.question import Question
from app.schemas.memory import Moment
from app.schemas.text import FilledText
from app.services.knowledge_graph_service import KnowledgeGraphService, View
from app.storage.graph import GraphStore


def reader_id(asking: CallerDep) -> UUID:
    """Whose memory is read, by a request that is sent with POST."""
    return asking.require("read").id


ReaderIdDep = Annotated[UUID, Depends(reader_id)]


def knowledge_graph_service(
    shared: ResourcesDep, work: ReadingDep, recall: RecallPipelineDep
) -> KnowledgeGraphService:
    """One person's graph."""
    behind = PostgresGraph(work.session)
    return KnowledgeGraphService(
        graph=shared.mirror or behind,
        behind=behind,
        store=GraphStore(work.session),
        pipeline=recall,
        clock=shared.clock,
    )


KnowledgeGraphServiceDep = Annotated[KnowledgeGraphService, Depends(knowledge_graph_service)]


def view(
    shared: ResourcesDep,
    depth: Annotated[int, Query(ge=0, le=4, description="Steps away from the centre")] = 2,
    limit: Annotated[int, Query(ge=1, le=500, description="How many nodes at most")] = 100,
    centre: Annotated[UUID | None, Query(description="The id of the node in the middle")] = None,
    q: Annotated[
        FilledText | None,
        Query(max_length=MAX_QUESTION_CHARACTERS, description="What to have in the middle"),
    ] = None,
    as_of: Annotated[Moment | None, Query(description="The graph as it stood then")] = None,
) -> View:
    """Which part of the graph is asked for."""
    if centre is not None and q is not None:
        raise InvalidInputError("Give centre or q, not both.")
    now = shared.clock()
    asked = None if q is None else Question(q, k=1, now=min(as_of or now, now), as_of=as_of)
    return View(depth, limit, centre=centre, question=asked, as_of=as_of)


ViewDep = Annotated[View, Depends(view)]
