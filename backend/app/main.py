"""``create_app``: the only wiring."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException

from app import __version__
from app.chat.remote import RemoteChat
from app.dependencies import COOKIE, Resources
from app.embedders.local import LocalEmbedder
from app.embedders.protocol import Embedder, Urgency
from app.embedders.remote import RemoteEmbedder
from app.errors import (
    ContentTooLargeError,
    EmbedderUnavailableError,
    NotFoundError,
    SaraError,
    StartupError,
)
from app.language.words import Words
from app.log import configure_logging
from app.meters import Meters
from app.routes import auth, dream, forget, health, memory, transfer
from app.routes.browser_walls import OriginCheck, SecurityHeaders
from app.routes.middleware import BodyLimit, RequestContext
from app.routes.request_meter import RequestMeter
from app.scheduler import start_scheduler
from app.schemas.problem import ProblemOut
from app.services.downshift import Downshift
from app.services.dream_author import DreamAuthor
from app.services.dream_reader import DreamReader
from app.services.dream_runner import DreamRunner
from app.services.dream_writer import DreamWriter
from app.services.embedding_service import EmbeddingService
from app.services.fading import Fading, Pruning
from app.services.head_worker import HeadWorker
from app.services.insight_finder import InsightFinder
from app.services.keyed_digest import KeyedDigest
from app.services.nightly_dream_service import NightlyDreamService
from app.services.rate_limit import RateLimit
from app.services.stored_model import require_same_model
from app.services.strengthening import Strengthening
from app.services.summary_writer import SummaryWriter
from app.services.tokens import Tokens
from app.services.trace_writer import TraceWriter
from app.services.transfers import Transfers
from app.services.turns import Turns
from app.services.upkeep import Upkeep
from app.settings import Settings
from app.storage.database import Database
from app.storage.redis_client import connect
from app.storage.working_memory import WorkingMemory

LOGINS = "10 per 15 minutes"
SIGNUPS = "1000 per hour"
MOST_ERRORS_TOLD = 20

_NAMES = {
    400: "InvalidInputError",
    404: NotFoundError.__name__,
    405: "MethodNotAllowedError",
    413: ContentTooLargeError.__name__,
}

# What any route may answer with besides what it is for.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": ProblemOut, "description": "The body cannot be read"},
    401: {"model": ProblemOut, "description": "Not signed in"},
    403: {"model": ProblemOut, "description": "Not allowed"},
    404: {"model": ProblemOut, "description": "Not there, or not yours"},
    409: {"model": ProblemOut, "description": "Contradicts what is stored"},
    413: {"model": ProblemOut, "description": "Too large"},
    422: {"model": ProblemOut, "description": "Cannot be understood"},
    429: {"model": ProblemOut, "description": "Too many requests"},
    503: {"model": ProblemOut, "description": "A part does not answer"},
}

log = structlog.get_logger()


def create_app(
    settings: Settings | None = None,
    *,
    embedder: Embedder | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> FastAPI:
    """The service. ``settings`` come from the environment, ``embedder`` from the settings, unless
    they are given.

    Raises:
        StartupError: on start, when a URL is missing or the stored vectors are of another model.
    """
    settings = settings or Settings()
    configure_logging(settings.log_format)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running(settings, embedder=embedder, clock=clock) as resources:
            app.state.resources = resources
            yield

    app = FastAPI(
        title="Sara Memory",
        version=__version__,
        description="A human-like long-term memory for assistants: remember, recall, dream, forget.",
        lifespan=lifespan,
        responses=PROBLEMS,
    )
    for module in (memory, forget, dream, transfer, auth, health):
        app.include_router(module.router)
    app.add_middleware(BodyLimit)
    app.add_middleware(OriginCheck, cookie=COOKIE, allowed=settings.cors_origins)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_credentials=True,
            allow_methods=["*"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key"],
        )
    app.add_middleware(RequestMeter, tells=settings.log_format == "json")
    app.add_middleware(RequestContext)
    app.add_middleware(SecurityHeaders)
    app.add_exception_handler(SaraError, _sara_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    return app


@asynccontextmanager
async def running(
    settings: Settings, *, embedder: Embedder | None, clock: Callable[[], datetime]
) -> AsyncIterator[Resources]:
    """Everything that lives as long as the process, and its background work."""
    async with assembled(settings, embedder=embedder, clock=clock) as resources:
        await Upkeep(
            resources.database, resources.column, clock=clock, hot_days=settings.memory_hot_days
        ).run()
        await _warm_up(resources.embedding)
        gc.collect()
        gc.freeze()  # the model's many objects stay: no collection need walk through them again
        async with _background(resources):
            yield resources


@asynccontextmanager
async def assembled(
    settings: Settings, *, embedder: Embedder | None, clock: Callable[[], datetime]
) -> AsyncIterator[Resources]:
    """Everything put together; nothing happens by itself yet.

    Raises:
        StartupError: a URL is missing, or the stored vectors are of another model.
    """
    if settings.database_url is None or settings.redis_url is None or settings.secret_key is None:
        raise StartupError(
            "DATABASE_URL, REDIS_URL and SECRET_KEY must be set; `make run` provides all three."
        )
    keys = (settings.secret_key, *settings.secret_key_previous)
    secrets = [key.get_secret_value() for key in keys]
    meters = Meters()
    async with AsyncExitStack() as stack:
        database = Database(settings.database_url.get_secret_value())
        stack.push_async_callback(database.close)
        column = await database.vector_column()
        redis = connect(settings.redis_url.get_secret_value())
        working_memory = WorkingMemory(redis, ttl=settings.redis_focus_ttl_seconds, meters=meters)
        stack.push_async_callback(working_memory.close)
        if embedder is None:
            embedder = await asyncio.to_thread(make_embedder, settings)
        words = Words(settings.memory_language)
        embedding = EmbeddingService(embedder, words)
        stack.push_async_callback(embedding.close)
        await require_same_model(
            database, column, model=embedding.model, dim=settings.embedding_dim
        )
        worker = HeadWorker(database, column, embedding, words, meters=meters, clock=clock)
        turns = Turns()
        trace_writer = partial(
            TraceWriter,
            column=column,
            model=embedding.model,
            threshold=settings.memory_salience_write_threshold,
        )
        fading = Fading(threshold=settings.memory_salience_write_threshold)
        chat = make_chat(settings)
        if chat is not None:
            stack.push_async_callback(chat.close)
        dream = _nightly_dream(
            database,
            author=DreamAuthor(words, embedding, SummaryWriter(chat), clock=clock),
            insights=InsightFinder(words),
            fading=fading,
            working_memory=working_memory,
            worker=worker,
            trace_writer=trace_writer,
            turns=turns,
            meters=meters,
            clock=clock,
        )
        yield Resources(
            settings=settings,
            database=database,
            column=column,
            working_memory=working_memory,
            embedding=embedding,
            words=words,
            worker=worker,
            trace_writer=trace_writer,
            dream=dream,
            dreamer=DreamRunner(dream),
            fading=fading,
            pruning=Pruning(
                database,
                turns,
                writer=trace_writer,
                grace=timedelta(days=settings.memory_fade_grace_days),
                clock=clock,
            ),
            downshift=Downshift(
                database, column, turns, hot_days=settings.memory_hot_days, clock=clock
            ),
            strengthening=Strengthening(database),
            turns=turns,
            meters=meters,
            transfers=Transfers(),
            digest=KeyedDigest(secrets),
            tokens=Tokens(secrets, ttl=settings.access_token_ttl_seconds, clock=clock),
            logins=RateLimit("login", LOGINS, redis=redis),
            signups=RateLimit("signup", SIGNUPS, redis=redis),
            requests=RateLimit(
                "requests",
                f"{settings.requests_per_minute} per minute",
                redis=redis,
                is_exact=False,
            ),
            clock=clock,
        )


def _nightly_dream(
    database: Database,
    *,
    author: DreamAuthor,
    insights: InsightFinder,
    fading: Fading,
    working_memory: WorkingMemory,
    worker: HeadWorker,
    trace_writer: Callable[[AsyncSession], TraceWriter],
    turns: Turns,
    meters: Meters,
    clock: Callable[[], datetime],
) -> NightlyDreamService:
    reader = DreamReader(database)
    writer = DreamWriter(
        database,
        reader,
        turns=turns,
        trace_writer=trace_writer,
        insights=insights,
        fading=fading,
        working_memory=working_memory,
        wake_worker=worker.wake,
        clock=clock,
    )
    return NightlyDreamService(
        database,
        reader=reader,
        author=author,
        writer=writer,
        turns=turns,
        meters=meters,
        clock=clock,
    )


def make_embedder(settings: Settings) -> Embedder:
    """The endpoint at ``EMBEDDING_BASE_URL`` when there is one, else a model in this process."""
    if settings.embedding_base_url is not None:
        return RemoteEmbedder(
            settings.embedding_model,
            base_url=settings.embedding_base_url,
            api_key=settings.embedding_api_key,
            dim=settings.embedding_dim,
        )
    return LocalEmbedder(
        settings.embedding_model,
        dim=settings.embedding_dim,
        precision=settings.embedding_precision,
    )


def make_chat(settings: Settings) -> RemoteChat | None:
    """The language model at ``OPENAI_BASE_URL``; None when none is named."""
    if settings.openai_base_url is None:
        return None
    return RemoteChat(
        settings.openai_model,
        base_url=settings.openai_base_url,
        api_key=settings.openai_api_key,
        timeout=settings.openai_timeout_seconds,
    )


@asynccontextmanager
async def _background(resources: Resources) -> AsyncIterator[None]:
    tasks = [
        asyncio.create_task(resources.worker.run()),
        asyncio.create_task(resources.dreamer.run()),
    ]
    resources.dreamer.wake()  # for the nights that were missed while nothing ran
    scheduler = start_scheduler(resources)
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await resources.strengthening.flush()


async def _warm_up(embedding: EmbeddingService) -> None:
    """The first question should not pay for loading. An endpoint that is down is waited for later."""
    try:
        await embedding.passages(["warm up"], urgency=Urgency.QUESTION)
    except EmbedderUnavailableError as error:
        log.warning("embedder.unavailable", reason=error.detail)


async def _sara_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SaraError)  # noqa: S101  registered for this class alone
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else None
    return _problem(error.status, error.detail, type(error).__name__, headers=headers)


async def _validation_error(_request: Request, error: Exception) -> JSONResponse:
    """Say where and what, without repeating what was sent: it may not even be encodable."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this class alone
    found = error.errors()
    told = "; ".join(_told(item) for item in found[:MOST_ERRORS_TOLD])
    rest = len(found) - MOST_ERRORS_TOLD
    return _problem(422, told + (f"; and {rest} more" if rest > 0 else ""), "InvalidInputError")


def _told(item: Any) -> str:
    if item["type"] == "json_invalid":
        is_line = bool(item["loc"]) and isinstance(item["loc"][0], int)
        return f"{_place(item['loc'][:1]) if is_line else 'the body'}: this is not valid JSON"
    hint = " (is the Content-Type application/json?)" if item["loc"] == ("body",) else ""
    return f"{_place(item['loc'])}: {item['msg'].removeprefix('Value error, ')}{hint}"


def _place(location: tuple[str | int, ...]) -> str:
    parts = location[1:] if location and location[0] in ("body", "query", "path") else location
    return ".".join(f"item {part}" if isinstance(part, int) else part for part in parts) or "body"


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this class alone
    return _problem(
        error.status_code,
        str(error.detail),
        _NAMES.get(error.status_code, "HTTPError"),
        headers=error.headers,
    )


def _problem(
    status: int, detail: str, name: str, *, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    encodable = detail.encode("utf-8", "replace").decode()
    return JSONResponse({"detail": encodable, "error": name}, status_code=status, headers=headers)
