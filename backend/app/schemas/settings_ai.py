"""The models' settings on the wire. The names are those of the environment, and of Sara's front end."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from app.schemas.text import FilledText, storable
from app.services.ai_choice import Changes
from app.services.ai_trial import EmbeddingTrial, Trial
from app.services.settings_service import AiSettings
from app.settings import endpoint_url

LONGEST_URL = 2_000


def _url_or_none(value: str) -> str:
    return endpoint_url(storable(value)) if value else value


def _sendable(key: SecretStr) -> SecretStr:
    """A key that an HTTP header can hold."""
    if not key.get_secret_value().isascii() or not key.get_secret_value().isprintable():
        raise ValueError("must consist of printable ASCII characters")
    return key


Url = Annotated[str, StringConstraints(max_length=LONGEST_URL), AfterValidator(_url_or_none)]
Model = Annotated[FilledText, StringConstraints(max_length=200)]
Key = Annotated[SecretStr, Field(max_length=1_000), AfterValidator(_sendable)]


class AiSettingsIn(BaseModel):
    """What is to become different. What is left out stays; `null` goes back to the environment; an
    empty address or key means that there is none."""

    model_config = ConfigDict(extra="forbid")

    openai_base_url: Url | None = Field(None, description="Up to and with /v1")
    openai_model: Model | None = None
    openai_notification_model: Model | Literal[""] | None = Field(
        None, description="Kept for Sara's front end; this service sends no notifications."
    )
    openai_api_key: Key | None = Field(
        None, description="Never told again; goes when the address changes and no key comes with it"
    )
    embedding_base_url: Url | None = Field(
        None, description="Up to and with /v1; empty: the model runs in the service"
    )
    embedding_api_key: Key | None = None
    embedding_model: Model | None = Field(
        None, description="Cannot be changed here: another one is a 409 that says how"
    )
    embedding_dimension: int | None = Field(None, ge=1, le=100_000, description="The same")

    def to_changes(self) -> Changes:
        """As the service takes it."""
        return {
            name: getattr(self, name)
            for name in self.model_fields_set - {"embedding_model", "embedding_dimension"}
        }


class AiSettingsOut(BaseModel):
    """The settings that hold. ``chosen`` names those that were set here, the others are the
    environment's. Of a key it only says whether there is one."""

    openai_base_url: str | None
    openai_model: str
    openai_notification_model: str | None
    openai_api_key_set: bool
    embedding_base_url: str | None
    embedding_model: str
    embedding_dimension: int
    embedding_api_key_set: bool
    chosen: list[str]
    updated_at: datetime | None

    @classmethod
    def of(cls, ai: AiSettings) -> Self:
        """From the service's answer."""
        held = ai.settings
        return cls(
            openai_base_url=held.openai_base_url,
            openai_model=held.openai_model,
            openai_notification_model=ai.notification_model,
            openai_api_key_set=held.openai_api_key is not None,
            embedding_base_url=held.embedding_base_url,
            embedding_model=held.embedding_model,
            embedding_dimension=held.embedding_dim,
            embedding_api_key_set=held.embedding_api_key is not None,
            chosen=list(ai.chosen),
            updated_at=ai.updated_at,
        )


class TrialOut(BaseModel):
    """How a call went. ``off``: there is nothing to call."""

    model_config = ConfigDict(from_attributes=True)

    status: Literal["ok", "error", "off"]
    message: str
    latency_ms: float | None


class EmbeddingTrialOut(TrialOut):
    """``dimension`` is the length of the model's vectors, ``stored_dimension`` that of the stored."""

    dimension: int | None
    stored_dimension: int | None


class TrialsOut(BaseModel):
    """Both calls."""

    llm: TrialOut
    embedding: EmbeddingTrialOut

    @classmethod
    def of(cls, llm: Trial, embedding: EmbeddingTrial) -> Self:
        """From the service's answers."""
        return cls(
            llm=TrialOut.model_validate(llm), embedding=EmbeddingTrialOut.model_validate(embedding)
        )
