"""The models in use: those that the settings name which were stored last, in every replica."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from app.chat.remote import RemoteChat
from app.embedders.protocol import Embedder
from app.errors import StartupError, UnavailableError
from app.services.ai_choice import KEY, PARTS, AiChoice
from app.services.embedding_service import EmbeddingService
from app.services.sealing import Sealing
from app.services.summary_writer import SummaryWriter
from app.settings import Settings
from app.storage.app_settings import AppSettingStore
from app.storage.database import Database

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice, with the version and the time of its storing."""

    choice: AiChoice = field(default_factory=AiChoice)
    version: int = 0
    updated_at: datetime | None = None


async def stored_choice(database: Database, sealing: Sealing) -> Chosen:
    """What is stored. Keys that are sealed under an earlier secret are sealed anew on the way, so that
    the earlier one can be taken away."""
    async with database.unit_of_work() as work:
        store = AppSettingStore(work.session)
        stored = await store.get(KEY, to_change=True)
        choice = AiChoice.opened(stored.value, sealing)
        if _is_old(choice, stored.value, sealing):
            await store.reseal(KEY, choice.sealed(sealing))
    return Chosen(choice, stored.version, stored.updated_at)


async def held_settings(environment: Settings) -> Settings:
    """The settings that hold for a database whose service is stopped.

    Raises:
        StartupError: no database is named, or no secret for the keys that are stored in it.
    """
    if environment.database_url is None:
        raise StartupError("DATABASE_URL must be set.")
    database = Database(environment.database_url.get_secret_value())
    try:
        async with database.reading() as work:
            stored = await AppSettingStore(work.session).get(KEY)
    finally:
        await database.close()
    if not stored.value:
        return environment
    if not environment.secrets:
        raise StartupError("SECRET_KEY must be set: the stored API keys are sealed under it.")
    return AiChoice.opened(stored.value, Sealing(environment.secrets)).over(environment)


class AiModels:
    """Exchanges the embedder and the language model when other settings are stored."""

    def __init__(
        self,
        environment: Settings,
        chosen: Chosen,
        *,
        database: Database,
        sealing: Sealing,
        embedding: EmbeddingService,
        writer: SummaryWriter,
        make_embedder: Callable[[Settings], Embedder],
        make_chat: Callable[[Settings], RemoteChat | None],
    ) -> None:
        self.environment = environment
        self.chosen = chosen
        self.sealing = sealing
        self._database = database
        self._embedding = embedding
        self._writer = writer
        self._make_embedder = make_embedder
        self._make_chat = make_chat
        self._one_at_a_time = asyncio.Lock()
        self._embedding_part = _part(self.settings, "embedding")  # as the embedder in use has it

    @property
    def settings(self) -> Settings:
        """The settings that hold here now."""
        return self.chosen.choice.over(self.environment)

    async def refresh(self) -> None:
        """Look whether other settings were stored, and use them. A model that could not be loaded is
        tried again.

        Raises:
            UnavailableError: Postgres does not answer.
        """
        async with self._database.reading() as work:
            store = AppSettingStore(work.session)
            is_newer = await store.version(KEY) != self.chosen.version
            stored = await store.get(KEY) if is_newer else None
        if stored is not None:
            choice = AiChoice.opened(stored.value, self.sealing)
            await self.use(Chosen(choice, stored.version, stored.updated_at))
            return
        async with self._one_at_a_time:
            await self._use_embedder()

    async def watch(self) -> None:
        """``refresh`` by the clock: what cannot be read now is read the next time."""
        try:
            await self.refresh()
        except UnavailableError as error:
            log.warning("settings.unread", reason=error.detail)

    async def embedder_for(self, settings: Settings) -> Embedder | None:
        """Another embedder, when these settings need another one than those that hold.

        Raises:
            StartupError: the model cannot be loaded.
        """
        if _part(settings, "embedding") == _part(self.settings, "embedding"):
            return None
        return await asyncio.to_thread(self._make_embedder, settings)

    async def use(self, chosen: Chosen, *, embedder: Embedder | None = None) -> None:
        """Use what is chosen from now on, and ``embedder`` when it is made already."""
        async with self._one_at_a_time:
            if chosen.version <= self.chosen.version:
                if embedder is not None:
                    await embedder.close()
                return
            before = self.settings
            self.chosen = chosen
            if _part(self.settings, "openai") != _part(before, "openai"):
                await self._writer.exchange(self._make_chat(self.settings))
            await self._use_embedder(embedder)
            log.info("settings.applied", version=chosen.version)

    async def _use_embedder(self, made: Embedder | None = None) -> None:
        """Have the embedder that the settings name. A model that cannot be loaded here is logged, and the
        one in use stays until it can be."""
        wanted = _part(self.settings, "embedding")
        if made is None and wanted == self._embedding_part:
            return
        try:
            if made is None:
                made = await asyncio.to_thread(self._make_embedder, self.settings)
        except StartupError as error:
            log.error("settings.not_applied", reason=error.detail)
            return
        await self._embedding.exchange(made)
        self._embedding_part = wanted


def _part(settings: Settings, part: str) -> dict[str, object]:
    """What the settings say of one of the two models; a key without an address is none."""
    address, key = f"{part}_base_url", f"{part}_api_key"
    has_address = getattr(settings, address) is not None
    return {
        name: value
        for name, value in settings
        if name.startswith(f"{part}_") and (has_address or name != key)
    }


def _is_old(choice: AiChoice, stored: dict[str, str], sealing: Sealing) -> bool:
    """Whether a key is sealed under an earlier secret, and none is unreadable."""
    keys = [name for part in PARTS if stored.get(name := f"{part}_api_key")]
    is_readable = all(getattr(choice, key).get_secret_value() for key in keys)
    return is_readable and not all(sealing.is_newest(stored[key]) for key in keys)
