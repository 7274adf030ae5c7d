"""What routes ask for when the service is watched: who may, and what they see."""

from secrets import compare_digest
from typing import Annotated

from fastapi import Depends

from app.dependencies import ResourcesDep, StatusServiceDep, TokenDep, caller
from app.errors import ForbiddenError
from app.services.metrics_service import MetricsService


async def watcher(shared: ResourcesDep, token: TokenDep) -> None:
    """Lets in whoever brings ``METRICS_TOKEN``, and administrators. The numbers name nobody, and tell
    how many people there are and what they do when: not everybody's business.

    Raises:
        NotSignedInError, ForbiddenError: it is somebody else.
    """
    wanted = shared.settings.metrics_token
    if wanted is not None and compare_digest(
        (token or "").encode(), wanted.get_secret_value().encode()
    ):
        return
    if not (await caller(shared, token)).require_person().is_admin:
        raise ForbiddenError


def metrics_service(shared: ResourcesDep, status: StatusServiceDep) -> MetricsService:
    """What a scrape gets."""
    return MetricsService(
        shared.meters, shared.database, status, shared.sketches, clock=shared.clock
    )


WatcherDep = Depends(watcher)
MetricsServiceDep = Annotated[MetricsService, Depends(metrics_service)]
