"""What routes ask for when people dispose of what is theirs: account, keys, forgetting, transfer."""

from collections.abc import AsyncIterator
from tempfile import TemporaryFile
from typing import Annotated, BinaryIO

from fastapi import Depends, Request

from app.dependencies import (
    CallerDep,
    RecallPipelineDep,
    RecordingUserIdDep,
    ResourcesDep,
    WorkDep,
)
from app.models import AppUser
from app.schemas.forget import ForgetIn
from app.schemas.transfer import read_line
from app.services.account_service import AccountService
from app.services.api_keys import ApiKeys
from app.services.export_service import ExportService
from app.services.forget_service import ForgetService, ToForget
from app.services.import_service import ImportService
from app.services.note_links import NoteLinks
from app.storage.api_keys import ApiKeyStore
from app.storage.notes import NoteStore
from app.storage.tombstones import TombstoneStore
from app.storage.traces import TraceStore
from app.storage.users import UserStore


def person_themselves(asking: CallerDep) -> AppUser:
    """The person, and no agent with a key of theirs."""
    return asking.require_person()


PersonDep = Annotated[AppUser, Depends(person_themselves)]


def account_service(shared: ResourcesDep, work: WorkDep) -> AccountService:
    """One's own account."""
    return AccountService(
        work,
        users=UserStore(work.session),
        traces=TraceStore(work.session),
        tokens=shared.tokens,
        logins=shared.limits.logins,
        working_memory=shared.working_memory,
        turns=shared.turns,
        reopen_days=shared.dream.reopen_days,
        clock=shared.clock,
    )


AccountServiceDep = Annotated[AccountService, Depends(account_service)]


def api_keys(shared: ResourcesDep, work: WorkDep) -> ApiKeys:
    """One's own API keys."""
    return ApiKeys(ApiKeyStore(work.session), clock=shared.clock)


ApiKeysDep = Annotated[ApiKeys, Depends(api_keys)]


def forgetting_user(asking: CallerDep) -> AppUser:
    """The person, when forgetting may be done in their name."""
    return asking.require("forget")


ForgettingUserDep = Annotated[AppUser, Depends(forgetting_user)]


def forget_service(shared: ResourcesDep, work: WorkDep, recall: RecallPipelineDep) -> ForgetService:
    """One person's forgetting."""
    return ForgetService(
        work,
        traces=TraceStore(work.session),
        writer=shared.trace_writer(work.session),
        notes=NoteStore(work.session),
        links=NoteLinks(NoteStore(work.session)),
        tombstones=TombstoneStore(work.session),
        pipeline=recall,
        working_memory=shared.working_memory,
        digest=shared.digest,
        turns=shared.turns,
        clock=shared.clock,
        wake_worker=shared.worker.wake,
        wake_dreamer=shared.dreamer.wake,
    )


ForgetServiceDep = Annotated[ForgetService, Depends(forget_service)]


def to_forget(what: ForgetIn, user: ForgettingUserDep, shared: ResourcesDep) -> ToForget:
    """What a request wants forgotten."""
    return what.to_forget(now=shared.clock(), timezone=user.timezone)


ToForgetDep = Annotated[ToForget, Depends(to_forget)]


def export_service(shared: ResourcesDep) -> ExportService:
    """Everything out."""
    return ExportService(shared.database, transfers=shared.transfers, clock=shared.clock)


ExportServiceDep = Annotated[ExportService, Depends(export_service)]


def import_service(shared: ResourcesDep) -> ImportService:
    """And in again."""
    return ImportService(
        shared.database,
        writer_for=shared.trace_writer,
        working_memory=shared.working_memory,
        words=shared.words,
        turns=shared.turns,
        parse=read_line,
        clock=shared.clock,
        wake_worker=shared.worker.wake,
    )


ImportServiceDep = Annotated[ImportService, Depends(import_service)]


async def import_file(
    user_id: RecordingUserIdDep, shared: ResourcesDep, request: Request
) -> AsyncIterator[BinaryIO]:
    """The body of an import, in a file that has no name and is gone afterwards."""
    async with shared.transfers.place():
        with TemporaryFile() as file:
            async for piece in request.stream():
                file.write(piece)
            yield file


ImportFileDep = Annotated[BinaryIO, Depends(import_file, scope="function")]
