"""Forget, and what is left of it."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.dependencies import UserIdDep
from app.ownership import ForgetServiceDep, ForgettingUserDep, ToForgetDep
from app.schemas.forget import PreviewOut, TombstoneOut, TombstonesOut

router = APIRouter(prefix="/memory", tags=["memory"])


@router.post("/forget")
async def forget(
    user: ForgettingUserDep, wanted: ToForgetDep, forgetting: ForgetServiceDep
) -> TombstoneOut | PreviewOut:
    """Forget for good, all that is meant or nothing. The answer counts what is gone; the same again
    gives the same answer. With `dry_run` it says what would go, and nothing does."""
    if wanted.dry_run:
        return PreviewOut.of(await forgetting.preview(user.id, wanted))
    return TombstoneOut.of(await forgetting.forget(user.id, wanted))


@router.get("/tombstones")
async def tombstones(
    user_id: UserIdDep,
    forgetting: ForgetServiceDep,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    per_page: Annotated[int, Query(ge=1, le=100)] = 20,
) -> TombstonesOut:
    """Everything that was forgotten, newest first: when, how much, and never what it said."""
    found, total = await forgetting.tombstones(user_id, page=page, per_page=per_page)
    return TombstonesOut(
        tombstones=[TombstoneOut.of(item) for item in found],
        total=total,
        page=page,
        per_page=per_page,
    )
