"""Everything out, and in again."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from app.dependencies import RecordingUserIdDep, UserDep
from app.ownership import ExportServiceDep, ImportFileDep, ImportServiceDep
from app.schemas.transfer import ImportedOut

router = APIRouter(prefix="/memory", tags=["memory"])

NDJSON = "application/x-ndjson"
_LINES: dict[str, Any] = {NDJSON: {"schema": {"type": "string", "description": "One row a line"}}}


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Header, traces, nodes, edges, facts, insights, what is left of pruned "
            "traces, notes with their connections and verdicts, tombstones, end",
            "content": _LINES,
        }
    },
)
async def export(user: UserDep, exports: ExportServiceDep) -> StreamingResponse:
    """Everything remembered, as NDJSON: one moment's state, however long it takes to read."""
    return StreamingResponse(
        await exports.begin(user),
        media_type=NDJSON,
        headers={"Content-Disposition": 'attachment; filename="sara-memory.ndjson"'},
    )


@router.post("/import", openapi_extra={"requestBody": {"required": True, "content": _LINES}})
async def import_(
    user_id: RecordingUserIdDep, file: ImportFileDep, imports: ImportServiceDep
) -> ImportedOut:
    """Read an export back, into the same account or another. What is there already stays as it is,
    and what this account's tombstones name stays forgotten. Vectors follow, as after any write."""
    return ImportedOut.of(await imports.read(user_id, file))
