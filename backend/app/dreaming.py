"""What routes ask for about the dream: who may have it dreamt, whose runs somebody sees."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from app.dependencies import ResourcesDep, WorkDep
from app.errors import ForbiddenError
from app.models import AppUser
from app.ownership import PersonDep
from app.services.auth_service import Caller
from app.services.consolidation_service import ConsolidationService
from app.services.insight_service import InsightService
from app.storage.insights import InsightStore


def administrator(person: PersonDep) -> AppUser:
    """Who is asking, and may administer; no agent with a key of theirs.

    Raises:
        ForbiddenError: they may not.
    """
    if not person.is_admin:
        raise ForbiddenError
    return person


AdminDep = Annotated[AppUser, Depends(administrator)]


def reachable(asking: Caller, wanted: UUID | None) -> UUID:
    """Whose runs somebody may see: their own, and administrators everybody's, but no agent of theirs.

    Raises:
        ForbiddenError: these are somebody else's.
    """
    if wanted is None or wanted == asking.user.id:
        return asking.require("read").id
    administrator(asking.require_person())
    return wanted


def consolidation_service(shared: ResourcesDep) -> ConsolidationService:
    """The dream on request. It holds no unit of work: a night is many."""
    return ConsolidationService(
        shared.database,
        shared.dream,
        shared.fading,
        shared.downshift,
        wake_dreamer=shared.dreamer.wake,
        clock=shared.clock,
    )


ConsolidationServiceDep = Annotated[ConsolidationService, Depends(consolidation_service)]


def insight_service(work: WorkDep) -> InsightService:
    """One person's insights."""
    return InsightService(InsightStore(work.session))


InsightServiceDep = Annotated[InsightService, Depends(insight_service)]
