"""What routes ask for when people look through their memory and put it right."""

from datetime import date
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Query

from app.dependencies import ReadingDep, ResourcesDep, UserDep, WorkDep
from app.dream.calendar import Period
from app.errors import InvalidInputError
from app.services.browsing_service import BrowsingService
from app.services.correction_service import CorrectionService
from app.storage.browsing import BrowsingStore, Shelf
from app.storage.traces import TraceStore
from app.storage.warm_vectors import WarmVectors

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 30)


def browsing_service(shared: ResourcesDep, work: ReadingDep) -> BrowsingService:
    """Looking through one person's memory."""
    return BrowsingService(
        BrowsingStore(work.session),
        traces=TraceStore(work.session),
        warm_vectors=WarmVectors(work.session, shared.column),
    )


BrowsingServiceDep = Annotated[BrowsingService, Depends(browsing_service)]


def correction_service(shared: ResourcesDep, work: WorkDep) -> CorrectionService:
    """One person's corrections."""
    return CorrectionService(
        work,
        traces=TraceStore(work.session),
        writer=shared.trace_writer(work.session),
        embedding=shared.embedding,
        working_memory=shared.working_memory,
        words=shared.words,
        turns=shared.turns,
        clock=shared.clock,
        wake_worker=shared.worker.wake,
        wake_dreamer=shared.dreamer.wake,
    )


CorrectionServiceDep = Annotated[CorrectionService, Depends(correction_service)]


def shelf(
    user: UserDep,
    day: Annotated[date | None, Query(description="Only what was said on this local day")] = None,
    sources_of: Annotated[
        UUID | None, Query(description="Only what this summary was made from")
    ] = None,
    pinned: Annotated[bool | None, Query(description="Only what is pinned, or is not")] = None,
    faded: Annotated[bool | None, Query(description="Only what has faded, or has not")] = None,
) -> Shelf:
    """What somebody wants to look through."""
    since = until = None
    if day is not None:
        if not EARLIEST <= day <= LATEST:
            raise InvalidInputError("day must lie between 1900-01-01 and 2199-12-30.")
        since, until = Period("daily", day).span(ZoneInfo(user.timezone))
    return Shelf(since, until, sources_of=sources_of, pinned=pinned, faded=faded)


ShelfDep = Annotated[Shelf, Depends(shelf)]
