"""Whether the service is alive, whether it is ready, and what it counts."""

from fastapi import APIRouter, Response, status
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from app import __version__
from app.dependencies import StatusServiceDep
from app.observing import MetricsServiceDep, WatcherDep
from app.schemas.health import HealthOut, ReadyOut

router = APIRouter(tags=["service"])


@router.head("/health", include_in_schema=False)
@router.get("/health")
async def health() -> HealthOut:
    """The process is alive."""
    return HealthOut(version=__version__)


@router.head("/ready", include_in_schema=False)
@router.get("/ready", responses={503: {"model": ReadyOut}})
async def ready(status_service: StatusServiceDep, response: Response) -> ReadyOut:
    """Each dependency. 503 only when nothing can be served; without Redis or the embedder, less is."""
    found = await status_service.readiness()
    if found.status == "unavailable":
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return ReadyOut(
        status=found.status,
        postgres=found.postgres,
        redis=found.redis,
        embedder=found.embedder,
        pending_embeddings=found.pending_embeddings,
        pending_graph_changes=found.pending_graph_changes,
        oldest_unprocessed_day=found.oldest_unprocessed_day,
        failed_runs=found.failed_runs,
    )


@router.get(
    "/metrics",
    dependencies=[WatcherDep],
    response_class=Response,
    responses={
        200: {
            "description": "Prometheus' text format",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    },
)
async def metrics(metrics_service: MetricsServiceDep) -> Response:
    """Counts, times and queues for Prometheus, which brings METRICS_TOKEN, and for administrators."""
    return Response(await metrics_service.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)
