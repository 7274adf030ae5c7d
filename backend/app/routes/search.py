"""Search, and two older forms of it."""

from fastapi import APIRouter

from app.dependencies import UserIdDep
from app.exploring import SearchDep, SearchServiceDep
from app.schemas.memory import EpisodesOut, TraceOut
from app.schemas.notes import NoteOut
from app.schemas.search import SearchOut

router = APIRouter(tags=["search"])


@router.get("/search")
async def search(user_id: UserIdDep, wanted: SearchDep, finding: SearchServiceDep) -> SearchOut:
    """Notes, memories and summaries in one list, best first. Words may be misspelt, and the last one
    unfinished."""
    return SearchOut.of(wanted, await finding.search(user_id, wanted))


@router.get("/notes/search")
async def search_notes(
    user_id: UserIdDep, wanted: SearchDep, finding: SearchServiceDep
) -> list[NoteOut]:
    """The notes among them, as a bare list."""
    return [NoteOut.of(note) for note in await finding.notes(user_id, wanted)]


@router.get("/memory/search")
async def search_memory(
    user_id: UserIdDep, wanted: SearchDep, finding: SearchServiceDep
) -> EpisodesOut:
    """The memories and summaries among them, as traces."""
    found = await finding.memories(user_id, wanted)
    return EpisodesOut(
        episodes=[TraceOut.of(hit.trace) for hit in found.hits if hit.trace is not None],
        total=found.total,
        page=wanted.page,
        per_page=wanted.k,
    )
