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
    UserDep,
)
from app.errors import InvalidInputError
from app.graph.postgres import PostgresGraph
from app.language.time_window import BEGINNING, END
from app.recall.question import Question
from app.recall.search_pipeline import KINDS, Search, SearchPipeline
from app.schemas.memory import LocalMoment, Moment, Role, in_utc
from app.schemas.text import FilledText, Label
from app.services.knowledge_graph_service import KnowledgeGraphService, View
from app.services.search_service import SearchService
from app.storage.candidates import CandidateStore
from app.storage.graph import GraphStore
from app.storage.scope import Scope
from app.storage.search import SearchStore
from app.storage.traces import TraceStore
from app.storage.vector_index import VectorIndex
from app.storage.words import WordIndex

MAX_SEARCH_CHARACTERS = 1_000


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


def search_service(shared: ResourcesDep, work: ReadingDep) -> SearchService:
    """One person's search."""
    session = work.session
    store = SearchStore(session)
    pipeline = SearchPipeline(
        embed=shared.embedding.question,
        words=shared.words,
        word_index=WordIndex(session),
        vector_index=VectorIndex(session, shared.column, shared.sketches),
        candidates=CandidateStore(session, shared.column),
        store=store,
        release=session.commit,
    )
    return SearchService(
        pipeline=pipeline, words=shared.words, traces=TraceStore(session), store=store
    )


SearchServiceDep = Annotated[SearchService, Depends(search_service)]


def asked_kinds(
    kinds: Annotated[
        str | None, Query(description="Comma-separated: notes, memory, summaries")
    ] = None,
) -> frozenset[str]:
    """What to look among, all of it unless said otherwise."""
    if kinds is None:
        return frozenset(KINDS)
    asked = frozenset(kind.strip() for kind in kinds.split(",") if kind.strip())
    if not asked or asked.difference(KINDS):
        raise InvalidInputError(
            f"kinds must be one or more of {', '.join(KINDS)}, separated by commas."
        )
    return asked


NOT_BEFORE = "Not before; without an offset, in your time zone"


def search(
    shared: ResourcesDep,
    user: UserDep,
    kinds: Annotated[frozenset[str], Depends(asked_kinds)],
    q: Annotated[FilledText, Query(max_length=MAX_SEARCH_CHARACTERS, description="What to find")],
    k: Annotated[int, Query(ge=1, le=100, description="Results a page")] = 10,
    page: Annotated[int, Query(ge=1, le=1_000)] = 1,
    since: Annotated[LocalMoment | None, Query(alias="from", description=NOT_BEFORE)] = None,
    until: Annotated[LocalMoment | None, Query(alias="to", description="Before")] = None,
    role: Annotated[Role | None, Query(description="Only traces of this role")] = None,
    source: Annotated[Label | None, Query(description="Only traces of this source type")] = None,
) -> Search:
    """What is looked for, checked."""
    return Search(
        text=q,
        now=shared.clock(),
        kinds=kinds,
        scope=Scope(
            in_utc(since, timezone=user.timezone) if since else BEGINNING,
            in_utc(until, timezone=user.timezone) if until else END,
            role,
            source,
        ),
        k=k,
        page=page,
        timezone=user.timezone,
    )


SearchDep = Annotated[Search, Depends(search)]
