"""``create_app``: the only wiring."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from sqlalchemy.ext.asyncio import AsyncSession

from app import __version__
from app.chat.remote import RemoteChat
from app.dependencies import COOKIE, Resources
from app.embedders.local import LocalEmbedder
from app.embedders.protocol import Embedder, Urgency
from app.embedders.remote import RemoteEmbedder
from app.errors import (
    EmbedderUnavailableError,
    StartupError,
)
from app.graph.neo4j import Neo4jGraph
from app.language.words import Words
from app.log import configure_logging
from app.meters import Meters
from app.routes import (
    auth,
    browsing,
    dream,
    forget,
    health,
    knowledge_graph,
    memory,
    notes,
    search,
    settings_ai,
    transfer,
)
from app.routes.browser_walls import OriginCheck, SecurityHeaders
from app.routes.middleware import BodyLimit, RequestContext, TrustedProxies
from app.routes.problems import PROBLEMS, answer_problems
from app.routes.request_meter import RequestMeter
from app.routes.web_app import web_app_router
from app.scheduler import start_scheduler
from app.services.ai_models import AiModels, stored_choice
from app.services.downshift import Downshift
from app.services.dream_author import DreamAuthor
from app.services.dream_reader import DreamReader
from app.services.dream_runner import DreamRunner
from app.services.dream_writer import DreamWriter
from app.services.embedding_service import EmbeddingService
from app.services.fading import Fading, Pruning
from app.services.graph_worker import GraphWorker
from app.services.head_worker import HeadWorker
from app.services.insight_finder import InsightFinder
from app.services.keyed_digest import KeyedDigest
from app.services.nightly_dream_service import NightlyDreamService
from app.services.rate_limit import RateLimits
from app.services.sealing import Sealing
from app.services.stored_model import require_same_model, stored_length
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
from app.storage.sketch_cache import SketchCache
from app.storage.working_memory import WorkingMemory

WEB_APP = Path(__file__).parents[2] / "frontend" / "dist"  # where `make run` builds it

log = structlog.get_logger()


def create_app(
    settings: Settings | None = None,
    *,
    embedder: Embedder | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    web_app: Path = WEB_APP,
) -> FastAPI:
    """The service. ``settings`` come from the environment, ``embedder`` from the settings, unless
    they are given; ``web_app`` is the folder of the built one, which may be missing.

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
    # A route with a name comes before those with an id in its place.
    for module in (
        *(search, memory, browsing, forget, dream, knowledge_graph, transfer, notes),
        *(auth, settings_ai, health),
    ):
        app.include_router(module.router)
    app.include_router(web_app_router(web_app))
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
    app.add_middleware(TrustedProxies, proxies=settings.trusted_proxies)
    answer_problems(app)
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
    secrets = settings.secrets
    meters = Meters()
    async with AsyncExitStack() as stack:
        database = Database(settings.database_url.get_secret_value())
        stack.push_async_callback(database.close)
        column = await database.vector_column()
        redis = connect(settings.redis_url.get_secret_value())
        working_memory = WorkingMemory(redis, ttl=settings.redis_focus_ttl_seconds, meters=meters)
        stack.push_async_callback(working_memory.close)
        sealing = Sealing(secrets)
        if embedder is not None:
            settings = settings.model_copy(update={"embedding_model": embedder.model})
        chosen = await stored_choice(database, sealing)
        held = chosen.choice.over(settings)
        if embedder is None:
            embedder = await asyncio.to_thread(make_embedder, held)
        words = Words(settings.memory_language)
        embedding = EmbeddingService(embedder, words, stored=partial(stored_length, database))
        stack.push_async_callback(embedding.close)
        writer = SummaryWriter(make_chat(held))
        stack.push_async_callback(writer.close)
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
        mirror = make_mirror(settings)
        if mirror is not None:
            stack.push_async_callback(mirror.close)
        dream = _nightly_dream(
            database,
            author=DreamAuthor(words, embedding, writer, clock=clock),
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
            sketches=SketchCache(database),
            embedding=embedding,
            writer=writer,
            models=AiModels(
                settings,
                chosen,
                database=database,
                sealing=sealing,
                embedding=embedding,
                writer=writer,
                make_embedder=make_embedder,
                make_chat=make_chat,
            ),
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
            mirror=mirror,
            strengthening=Strengthening(database),
            turns=turns,
            meters=meters,
            transfers=Transfers(),
            digest=KeyedDigest(secrets),
            tokens=Tokens(secrets, ttl=settings.access_token_ttl_seconds, clock=clock),
            limits=RateLimits.over(redis, requests_per_minute=settings.requests_per_minute),
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


def make_mirror(settings: Settings) -> Neo4jGraph | None:
    """The Neo4j at ``NEO4J_URI`` when the graph is to be there as well."""
    if settings.graph_backend == "postgres" or settings.neo4j_uri is None:
        return None
    return Neo4jGraph(
        settings.neo4j_uri,
        user=settings.neo4j_user,
        password=settings.neo4j_password,
        database=settings.neo4j_database,
    )


@asynccontextmanager
async def _background(resources: Resources) -> AsyncIterator[None]:
    graph_worker = GraphWorker(resources.database, resources.mirror, clock=resources.clock)
    tasks = [
        asyncio.create_task(graph_worker.run()),
        asyncio.create_task(resources.worker.run()),
        asyncio.create_task(resources.dreamer.run()),
        asyncio.create_task(resources.sketches.run()),
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
