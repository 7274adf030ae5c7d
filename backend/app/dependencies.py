"""What routes ask for: who is asking, a unit of work, and the services built on it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Query, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import ConflictError, InvalidInputError
from app.graph.neo4j import Neo4jGraph
from app.language.time_window import BEGINNING, END, mentioned_time, parse_time_window
from app.language.words import Words
from app.meters import Meters
from app.models import AppUser
from app.recall.pipeline import RecallPipeline
from app.recall.question import HEADS, Question
from app.schemas.memory import Moment, Role, TimeWindowOut, TraceIn
from app.schemas.text import FilledText, Label
from app.services.ai_models import AiModels
from app.services.api_keys import ApiKeys
from app.services.auth_service import AuthService, Caller
from app.services.downshift import Downshift
from app.services.dream_runner import DreamRunner
from app.services.embedding_service import EmbeddingService
from app.services.fading import Fading, Pruning
from app.services.head_worker import HeadWorker
from app.services.intake import Intake
from app.services.keyed_digest import KeyedDigest
from app.services.memory_service import MemoryService
from app.services.nightly_dream_service import NightlyDreamService
from app.services.rate_limit import RateLimits
from app.services.status_service import StatusService
from app.services.strengthening import Strengthening
from app.services.summary_writer import SummaryWriter
from app.services.surroundings import Surroundings
from app.services.tokens import Tokens
from app.services.trace_writer import TraceWriter
from app.services.transfers import Transfers
from app.services.turns import Turns
from app.settings import Settings
from app.storage.api_keys import ApiKeyStore
from app.storage.candidates import CandidateStore
from app.storage.database import Database, UnitOfWork, VectorColumn
from app.storage.edges import EdgeStore
from app.storage.embeddings import EmbeddingStore
from app.storage.pending import PendingEmbeddings
from app.storage.scope import Scope
from app.storage.sketch_cache import SketchCache
from app.storage.traces import TraceStore
from app.storage.users import UserStore
from app.storage.vector_index import VectorIndex
from app.storage.words import WordIndex
from app.storage.working_memory import WorkingMemory

COOKIE = "access_token"
MAX_BATCH = 1_000
MAX_QUESTION_CHARACTERS = 20_000

_bearer = HTTPBearer(auto_error=False, description="The access_token of /auth/login, or an API key")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False)
_item = TypeAdapter(TraceIn)


@dataclass(frozen=True, slots=True)
class Resources:
    """What lives as long as the process. ``main`` makes it, requests share it."""

    settings: Settings
    database: Database
    column: VectorColumn
    working_memory: WorkingMemory
    sketches: SketchCache
    embedding: EmbeddingService
    writer: SummaryWriter
    models: AiModels
    words: Words
    worker: HeadWorker
    trace_writer: Callable[[AsyncSession], TraceWriter]
    dream: NightlyDreamService
    dreamer: DreamRunner
    fading: Fading
    pruning: Pruning
    downshift: Downshift
    mirror: Neo4jGraph | None
    strengthening: Strengthening
    turns: Turns
    meters: Meters
    transfers: Transfers
    digest: KeyedDigest
    tokens: Tokens
    limits: RateLimits
    clock: Callable[[], datetime]


def resources(request: Request) -> Resources:
    """The process's resources."""
    found: Resources = request.app.state.resources
    return found


ResourcesDep = Annotated[Resources, Depends(resources)]


async def unit_of_work(shared: ResourcesDep) -> AsyncIterator[UnitOfWork]:
    """One transaction a request, committed before the answer leaves."""
    async with shared.database.unit_of_work() as work:
        yield work


WorkDep = Annotated[UnitOfWork, Depends(unit_of_work, scope="function")]


async def reading(shared: ResourcesDep) -> AsyncIterator[UnitOfWork]:
    """For statements that only read; no transaction, and no connection until the first of them."""
    async with shared.database.reading() as work:
        yield work


ReadingDep = Annotated[UnitOfWork, Depends(reading, scope="function")]


def auth_service(shared: ResourcesDep, work: WorkDep) -> AuthService:
    """Signing in."""
    return _auth_service(shared, work)


def _auth_service(shared: Resources, work: UnitOfWork) -> AuthService:
    return AuthService(
        UserStore(work.session),
        keys=ApiKeys(ApiKeyStore(work.session), clock=shared.clock),
        tokens=shared.tokens,
        logins=shared.limits.logins,
        signups=shared.limits.signups,
        admin_emails=shared.settings.admin_emails,
        timezone=shared.settings.timezone,
        clock=shared.clock,
    )


AuthServiceDep = Annotated[AuthService, Depends(auth_service)]


def sent_token(
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    cookie: Annotated[str | None, Security(_cookie)],
) -> str | None:
    """The token or key that came with the request; the header wins over the cookie."""
    return bearer.credentials if bearer is not None else cookie


TokenDep = Annotated[str | None, Depends(sent_token)]


async def caller(shared: ResourcesDep, token: TokenDep) -> Caller:
    """Who is asking. Looked up in a transaction of its own, so that no connection is held while the
    request waits for a model."""
    async with shared.database.reading() as work:
        found = await _auth_service(shared, work).caller(token)
    await shared.limits.requests.take(str(found.user.id))
    return found


CallerDep = Annotated[Caller, Depends(caller)]


def current_user(asking: CallerDep, request: Request) -> AppUser:
    """The person, when reading (GET) or else writing may be done in their name."""
    return asking.require("read" if request.method in {"GET", "HEAD"} else "write")


UserDep = Annotated[AppUser, Depends(current_user)]


def recording_user_id(user: UserDep) -> UUID:
    """Whose memory is written to, unless they have paused that."""
    if user.recording_paused:
        raise ConflictError(
            "Recording is paused, and nothing was written. To go on, "
            'PATCH /auth/me {"recording_paused": false}.'
        )
    return user.id


RecordingUserIdDep = Annotated[UUID, Depends(recording_user_id)]


def client_address(request: Request) -> str:
    """Where a request comes from, for rate limits."""
    return request.client.host if request.client is not None else "unknown"


ClientDep = Annotated[str, Depends(client_address)]


def recall_pipeline(shared: ResourcesDep, work: ReadingDep) -> RecallPipeline:
    """One person's recall."""
    session = work.session
    return RecallPipeline(
        embed=shared.embedding.question,
        words=shared.words,
        working_memory=shared.working_memory,
        traces=TraceStore(session),
        embeddings=EmbeddingStore(session, shared.column),
        vector_index=VectorIndex(session, shared.column, shared.sketches),
        word_index=WordIndex(session),
        edges=EdgeStore(session),
        candidates=CandidateStore(session, shared.column),
        release=session.commit,
    )


RecallPipelineDep = Annotated[RecallPipeline, Depends(recall_pipeline)]


def memory_service(shared: ResourcesDep, work: WorkDep, recall: RecallPipelineDep) -> MemoryService:
    """One person's memory."""
    traces = TraceStore(work.session)
    return MemoryService(
        work,
        traces=traces,
        intake=Intake(work.session, traces),
        writer=shared.trace_writer(work.session),
        pending=PendingEmbeddings(work.session),
        pipeline=recall,
        surroundings=Surroundings(EdgeStore(work.session), traces),
        embedding=shared.embedding,
        working_memory=shared.working_memory,
        strengthening=shared.strengthening,
        words=shared.words,
        turns=shared.turns,
        meters=shared.meters,
        clock=shared.clock,
        wake_worker=shared.worker.wake,
    )


MemoryServiceDep = Annotated[MemoryService, Depends(memory_service)]


def status_service(shared: ResourcesDep) -> StatusService:
    """How the service itself is doing."""
    return StatusService(
        shared.database, shared.working_memory, shared.embedding, clock=shared.clock
    )


StatusServiceDep = Annotated[StatusService, Depends(status_service)]


IdempotencyKeyDep = Annotated[
    Label | None,
    Header(alias="Idempotency-Key", description="The same key again gives the first answer."),
]


def asked_heads(
    heads: Annotated[
        str | None, Query(description="Comma-separated: semantic, entity, situation")
    ] = None,
) -> tuple[str, ...]:
    """The heads to compare, all of them unless said otherwise."""
    if heads is None:
        return HEADS
    asked = tuple(dict.fromkeys(head.strip() for head in heads.split(",") if head.strip()))
    if not asked or set(asked) - set(HEADS):
        raise InvalidInputError(
            f"heads must be one or more of {', '.join(HEADS)}, separated by commas."
        )
    return asked


async def question(
    shared: ResourcesDep,
    user: UserDep,
    heads: Annotated[tuple[str, ...], Depends(asked_heads)],
    q: Annotated[
        FilledText, Query(max_length=MAX_QUESTION_CHARACTERS, description="What to recall")
    ],
    k: Annotated[
        int | None, Query(ge=1, le=100, description="How many; MEMORY_K when left out")
    ] = None,
    time_window: Annotated[
        str | None,
        Query(
            max_length=200,
            description="7d, 12h, 2w, 2026-01-01/2026-02-01, last Tuesday, in March, before May 5",
        ),
    ] = None,
    as_of: Annotated[Moment | None, Query(description="The memory as it stood then")] = None,
    now: Annotated[
        Moment | None,
        Query(description="The question's own time; as_of or the present when left out"),
    ] = None,
    role: Annotated[Role | None, Query(description="Only traces of this role")] = None,
    source: Annotated[Label | None, Query(description="Only traces of this source type")] = None,
) -> Question:
    """What is asked, checked and with its words about time turned into a span."""
    present = shared.clock()
    asked_at = now or min(as_of or present, present)
    scope = _scope(time_window, now=asked_at, timezone=user.timezone, as_of=as_of)
    return Question(
        text=q,
        k=k or shared.settings.memory_k,
        now=asked_at,
        heads=heads,
        scope=Scope(scope.since, scope.until, role, source),
        as_of=as_of,
        about=mentioned_time(q, now=asked_at, timezone=user.timezone),
        is_windowed=time_window is not None,
        timezone=user.timezone,
    )


QuestionDep = Annotated[Question, Depends(question)]


def _scope(
    time_window: str | None, *, now: datetime, timezone: str, as_of: datetime | None
) -> Scope:
    """``as_of`` is the last moment there was."""
    since, until = BEGINNING, END if as_of is None else as_of + timedelta(microseconds=1)
    if time_window is not None:
        window = parse_time_window(time_window, now=now, timezone=timezone)
        if window is None:
            raise InvalidInputError(
                "time_window cannot be understood. Write 7d, 12h or 2w for a span until now, "
                "2026-01-01/2026-02-01 for an interval, or words such as last Tuesday, "
                "in March or before May 5."
            )
        since, until = window[0], min(window[1], until)
    return Scope(since, until)


def window_of(asked: Question) -> TimeWindowOut | None:
    """The span that the question was narrowed to, for the answer."""
    if not asked.is_windowed:
        return None
    since, until = asked.scope.since, asked.scope.until
    return TimeWindowOut(
        since=None if since == BEGINNING else since, until=None if until == END else until
    )


async def trace_batch(request: Request) -> list[TraceIn]:
    """The body of a bulk write: a JSON list, or NDJSON with one item a line.

    Raises:
        RequestValidationError: names every bad item by its index.
    """
    body = await request.body()
    return await asyncio.to_thread(_parse_batch, body)


def _parse_batch(body: bytes) -> list[TraceIn]:
    """Counted before anything is looked at: a small body can hold very many bad items."""
    is_list = body.lstrip()[:1] == b"["
    try:
        items = from_json(body) if is_list else list(filter(bytes.strip, body.splitlines()))
    except ValueError as error:
        raise InvalidInputError("The body is not valid JSON.") from error
    if not 1 <= len(items) <= MAX_BATCH:
        raise InvalidInputError(
            f"Send 1 to {MAX_BATCH:,} traces at once; these are {len(items):,}."
        )
    read = _item.validate_python if is_list else _item.validate_json
    traces: list[TraceIn] = []
    errors: list[dict[str, object]] = []
    for index, item in enumerate(items):
        try:
            traces.append(read(item))
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False)
            errors += [{**problem, "loc": (index, *problem["loc"])} for problem in found]
    if errors:
        raise RequestValidationError(errors)
    return traces


BatchDep = Annotated[list[TraceIn], Depends(trace_batch)]


def user_id(user: UserDep) -> UUID:
    """Whose memory this is about."""
    return user.id


UserIdDep = Annotated[UUID, Depends(user_id)]
