"""Look through a memory, and put it right."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.browsing import BrowsingServiceDep, CorrectionServiceDep, ShelfDep
from app.dependencies import MemoryServiceDep, ResourcesDep, UserDep, UserIdDep
from app.schemas.browsing import MemorySettingsOut, StorageOut, TimelineOut, TraceChanges, TracesOut
from app.schemas.memory import EpisodesOut, TraceOut, TraceWithEdgesOut

router = APIRouter(prefix="/memory", tags=["memory"])

Page = Annotated[int, Query(ge=1, le=1_000_000)]


@router.get("/traces")
async def traces(
    user_id: UserIdDep,
    ids: Annotated[list[UUID], Query(min_length=1, max_length=100)],
    browsing: BrowsingServiceDep,
) -> TracesOut:
    """Several traces by their ids, in that order; what is not there is left out."""
    return TracesOut(traces=[TraceOut.of(item) for item in await browsing.traces(user_id, ids)])


@router.get("/traces/{trace_id}")
async def trace(user_id: UserIdDep, trace_id: UUID, memory: MemoryServiceDep) -> TraceWithEdgesOut:
    """One trace and its edges."""
    return TraceWithEdgesOut.of_pair(*await memory.trace(user_id, trace_id))


@router.patch("/traces/{trace_id}")
async def correct(
    user_id: UserIdDep, trace_id: UUID, changes: TraceChanges, corrections: CorrectionServiceDep
) -> TraceWithEdgesOut:
    """Pin a memory, say how much it matters, or put right what it says: the old words are then nowhere,
    and what the dream made of them is made anew."""
    return TraceWithEdgesOut.of_pair(
        *await corrections.correct(user_id, trace_id, changes.to_changes())
    )


@router.get("/episodes")
async def episodes(
    user_id: UserIdDep,
    shelf: ShelfDep,
    browsing: BrowsingServiceDep,
    page: Page = 1,
    per_page: Annotated[int, Query(ge=1, le=100)] = 20,
) -> EpisodesOut:
    """Everything remembered, newest first; or only a day's, a summary's sources, what is pinned or has
    faded."""
    traces, total = await browsing.episodes(user_id, shelf, page=page, per_page=per_page)
    return EpisodesOut(
        episodes=[TraceOut.of(item) for item in traces], total=total, page=page, per_page=per_page
    )


@router.get("/timeline")
async def timeline(
    user: UserDep,
    browsing: BrowsingServiceDep,
    page: Page = 1,
    per_page: Annotated[int, Query(ge=1, le=366)] = 31,
) -> TimelineOut:
    """The days of your memory in your time zone, latest first, each with its summary once dreamt."""
    days, total = await browsing.timeline(user.id, zone=user.timezone, page=page, per_page=per_page)
    return TimelineOut.of(days, total=total, timezone=user.timezone, page=page, per_page=per_page)


@router.get("/storage")
async def storage(user_id: UserIdDep, browsing: BrowsingServiceDep) -> StorageOut:
    """How your memory is held: hot and warm, and the room that the tables of everybody take."""
    return StorageOut.of(await browsing.storage(user_id))


@router.get("/settings")
async def settings(_user: UserDep, shared: ResourcesDep) -> MemorySettingsOut:
    """How this service keeps memories."""
    return MemorySettingsOut.of(shared.settings)
