"""The dream: on request, its runs, its insights, and what it let fade."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status

from app.dependencies import CallerDep, MemoryServiceDep, UserIdDep
from app.dreaming import AdminDep, ConsolidationServiceDep, InsightServiceDep, reachable
from app.schemas.dream import (
    AllConsolidatedOut,
    ConsolidatedOut,
    ConsolidateIn,
    ConsolidationsOut,
    FeedbackIn,
    InsightOut,
    InsightsOut,
    PreviewOut,
    RunOut,
)
from app.schemas.memory import TraceOut

router = APIRouter(prefix="/memory", tags=["dream"])

Page = Annotated[int, Query(ge=1, le=1_000_000)]
PerPage = Annotated[int, Query(ge=1, le=100)]


@router.post("/consolidate", responses={202: {"model": ConsolidatedOut}})
async def consolidate(
    what: ConsolidateIn,
    admin: AdminDep,
    consolidation: ConsolidationServiceDep,
    response: Response,
) -> ConsolidatedOut | AllConsolidatedOut | PreviewOut:
    """Dream now instead of tonight. What was dreamt already is not dreamt again."""
    if what.dry_run:
        return PreviewOut.of(await consolidation.preview(what.person(admin.id)))
    if not what.wait:
        response.status_code = status.HTTP_202_ACCEPTED
    if what.user_id == "all":
        return AllConsolidatedOut.of(
            await consolidation.consolidate_all(day=what.day, wait=what.wait)
        )
    return ConsolidatedOut.of(
        await consolidation.consolidate(what.person(admin.id), day=what.day, wait=what.wait)
    )


@router.get("/consolidations")
async def consolidations(
    asking: CallerDep,
    consolidation: ConsolidationServiceDep,
    of: Annotated[
        UUID | None, Query(alias="user_id", description="Somebody else's, for administrators")
    ] = None,
    page: Page = 1,
    per_page: PerPage = 20,
) -> ConsolidationsOut:
    """The runs of the dream, latest first: what waits, what is at work, what was done or has failed."""
    runs, total = await consolidation.runs(reachable(asking, of), page=page, per_page=per_page)
    return ConsolidationsOut(
        runs=[RunOut.model_validate(run) for run in runs], total=total, page=page, per_page=per_page
    )


@router.get("/insights")
async def insights(
    user_id: UserIdDep, insight_service: InsightServiceDep, page: Page = 1, per_page: PerPage = 20
) -> InsightsOut:
    """Patterns across days, newest first, each with the traces that it rests on."""
    found, total = await insight_service.page(user_id, page=page, per_page=per_page)
    return InsightsOut(insights=[InsightOut.of(told) for told in found], total=total)


@router.patch("/insights/{insight_id}/feedback")
async def judge(
    user_id: UserIdDep, insight_id: UUID, said: FeedbackIn, insight_service: InsightServiceDep
) -> InsightOut:
    """Say whether an insight was of use: that weighs the next ones of its kind."""
    return InsightOut.of(await insight_service.judge(user_id, insight_id, helpful=said.helpful))


@router.post("/traces/{trace_id}/restore")
async def restore(user_id: UserIdDep, trace_id: UUID, memory: MemoryServiceDep) -> TraceOut:
    """Bring a trace back that has faded, within MEMORY_FADE_GRACE_DAYS."""
    return TraceOut.of(await memory.restore(user_id, trace_id))
