"""Which models are used, seen and changed while the service runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from app.embedders.protocol import Embedder, Urgency
from app.endpoints import require_allowed
from app.errors import ConflictError, EmbedderUnavailableError, StartupError
from app.services.ai_choice import KEY, AiChoice, Changes
from app.services.ai_models import AiModels, Chosen
from app.services.stored_model import is_of_length, other_model, stored_length
from app.settings import Settings
from app.storage.app_settings import AppSettingStore
from app.storage.database import Database, VectorColumn

PROBE = "Does this endpoint answer as the one before it did?"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class AiSettings:
    """The settings that hold, with the names of those that were chosen over HTTP."""

    settings: Settings
    notification_model: str | None
    chosen: tuple[str, ...]
    updated_at: datetime | None


class SettingsService:
    """Stores a choice and has it used here; the other replicas see it within seconds."""

    def __init__(
        self,
        database: Database,
        column: VectorColumn,
        models: AiModels,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._column = column
        self._models = models
        self._clock = clock

    async def ai(self) -> AiSettings:
        """The settings as they are stored now."""
        await self._models.refresh()
        chosen = self._models.chosen
        return AiSettings(
            settings=self._models.settings,
            notification_model=chosen.choice.openai_notification_model,
            chosen=chosen.choice.chosen,
            updated_at=chosen.updated_at,
        )

    async def change_ai(
        self, changes: Changes, *, model: str | None, dimension: int | None
    ) -> AiSettings:
        """Choose other values. ``model`` and ``dimension`` of the embeddings can only be confirmed.

        Raises:
            AddressRefusedError: models are not called at one of the addresses.
            ConflictError: the stored vectors are of another model or length, or it cannot be loaded.
        """
        await self._models.refresh()
        before, environment = self._models.chosen, self._models.environment
        self._require_model(model, dimension)
        await _require_allowed(changes)
        choice = before.choice.changed(changes, environment=environment)
        embedder = await self._embedder_for(choice.over(environment))
        try:
            chosen = await self._stored(choice, before=before)
        except BaseException:
            if embedder is not None:
                await embedder.close()
            raise
        await self._models.use(chosen, embedder=embedder)
        return await self.ai()

    async def _stored(self, choice: AiChoice, *, before: Chosen) -> Chosen:
        now = self._clock()
        async with self._database.unit_of_work() as work:
            store = AppSettingStore(work.session)
            if (await store.get(KEY, to_change=True)).version != before.version:
                raise ConflictError(
                    "Somebody else changed the settings at this moment: look at them and try again."
                )
            version = await store.put(KEY, choice.sealed(self._models.sealing), now=now)
        return Chosen(choice, version, now)

    def _require_model(self, model: str | None, dimension: int | None) -> None:
        held = self._models.settings
        model, dimension = model or held.embedding_model, dimension or held.embedding_dim
        if (model, dimension) != (held.embedding_model, held.embedding_dim):
            raise ConflictError(
                other_model(
                    f"{held.embedding_model} with {held.embedding_dim} dimensions",
                    f"{model} with {dimension}",
                )
            )

    async def _embedder_for(self, settings: Settings) -> Embedder | None:
        """Another embedder, if another one is needed, whose vectors can stand beside the stored ones. One
        that does not answer is believed: what it shall embed waits in the queue, and so it does when it
        comes up with vectors of another length."""
        try:
            embedder = await self._models.embedder_for(settings)
        except StartupError as error:
            raise ConflictError(error.detail) from error
        if embedder is None:
            return None
        try:
            await embedder.embed([PROBE], urgency=Urgency.QUESTION)
        except EmbedderUnavailableError as error:
            log.warning("settings.embedder_unavailable", reason=error.detail)
        stored = await stored_length(self._database)
        if not is_of_length(stored, embedder.dimension, dim=self._column.dim):
            await embedder.close()
            raise ConflictError(
                other_model(
                    f"{settings.embedding_model} with {stored} dimensions",
                    f"a model at that address with {embedder.dimension}",
                )
            )
        return embedder


async def _require_allowed(changes: Mapping[str, object]) -> None:
    for name in ("openai_base_url", "embedding_base_url"):
        if isinstance(url := changes.get(name), str) and url:
            await require_allowed(url)
