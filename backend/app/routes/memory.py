"""Remember and recall."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, status

from app.dependencies import (
    BatchDep,
    IdempotencyKeyDep,
    MemoryServiceDep,
    QuestionDep,
    RecordingUserIdDep,
    UserIdDep,
    window_of,
)
from app.schemas.context import ContextOut
from app.schemas.memory import (
    RecallOut,
    RememberedBatchOut,
    RememberedOut,
    StatsOut,
    TraceIn,
)

router = APIRouter(prefix="/memory", tags=["memory"])

Strengthen = Annotated[bool, Query(description="Whether what is recalled lasts longer")]

_ITEM = {"$ref": "#/components/schemas/TraceIn"}
_BATCH_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "array", "items": _ITEM, "minItems": 1, "maxItems": 1000}
            },
            "application/x-ndjson": {
                "schema": {"type": "string", "description": "One item a line"}
            },
        },
    }
}


@router.post("/trace", status_code=status.HTTP_201_CREATED)
async def remember(
    user_id: RecordingUserIdDep,
    trace: TraceIn,
    memory: MemoryServiceDep,
    key: IdempotencyKeyDep = None,
) -> RememberedOut:
    """Remember one thing. When the answer is there, it is stored durably and can be recalled."""
    (remembered,) = await memory.remember(user_id, [trace.to_new_trace()], idempotency_key=key)
    return RememberedOut.of(remembered)


@router.post("/traces", status_code=status.HTTP_201_CREATED, openapi_extra=_BATCH_BODY)
async def remember_many(
    user_id: RecordingUserIdDep,
    traces: BatchDep,
    memory: MemoryServiceDep,
    key: IdempotencyKeyDep = None,
) -> RememberedBatchOut:
    """Remember up to 1,000 things, all or none, as a JSON list or as NDJSON."""
    new = [trace.to_new_trace() for trace in traces]
    return RememberedBatchOut.of(await memory.remember(user_id, new, idempotency_key=key))


@router.get("/recall")
async def recall(
    user_id: UserIdDep,
    question: QuestionDep,
    memory: MemoryServiceDep,
    strengthen: Strengthen = True,
) -> RecallOut:
    """What comes to mind for a question, best first, with each result's score taken apart."""
    recollection = await memory.recall(user_id, question, strengthen=strengthen)
    return RecallOut.of(question, recollection, window=window_of(question))


@router.get("/context")
async def context(
    user_id: UserIdDep,
    question: QuestionDep,
    memory: MemoryServiceDep,
    max_tokens: Annotated[
        int, Query(ge=16, le=32_000, description="How many tokens the text may have")
    ] = 1500,
    strengthen: Strengthen = True,
) -> ContextOut:
    """What comes to mind for a question, as text for a prompt: by day, within ``max_tokens``, cited."""
    found = await memory.context(user_id, question, max_tokens=max_tokens, strengthen=strengthen)
    return ContextOut.of(question, found, max_tokens=max_tokens)


@router.get("/stats")
async def stats(user_id: UserIdDep, memory: MemoryServiceDep) -> StatsOut:
    """What this memory holds."""
    return StatsOut.of(await memory.stats(user_id))
