"""Everything an operator can set, read once from the environment at the edge."""

import re
from datetime import timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f\\]")
SAMPLE_SECRET = "change-me"  # noqa: S105  the sample value that production refuses


def _split_csv(value: object) -> object:
    return (
        [part.strip() for part in value.split(",") if part.strip()]
        if isinstance(value, str)
        else value
    )


def known_zone(value: str) -> str:
    """The name itself, when it is one of a time zone.

    Raises:
        ValueError: it is none.
    """
    if value not in time_zones():
        raise ValueError(f"{value} is no IANA time zone such as America/New_York")
    return value


@cache
def time_zones() -> frozenset[str]:
    """Those of the database that comes with us, which every machine has and PostgreSQL knows."""
    return frozenset((files("tzdata") / "zones").read_text(encoding="utf-8").split())


def endpoint_url(value: str) -> str:
    """The URL itself, when it can be that of a model's endpoint.

    Raises:
        ValueError: it is no http or https URL, or holds credentials. It is not repeated.
    """
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError("is no URL") from error
    if parts.scheme not in {"http", "https"} or not host or _UNPRINTABLE.search(value):
        raise ValueError("is no http or https URL such as http://localhost:11434/v1")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user or password: there is a setting for the key")
    if parts.query or parts.fragment:
        raise ValueError("must end with its path, without ? or #")
    return value


def _seconds(value: object) -> object:
    return float(value) if isinstance(value, str) and value.strip().isdecimal() else value


Seconds = Annotated[timedelta, BeforeValidator(_seconds)]
SecretList = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split_csv)]
EndpointUrl = Annotated[str, AfterValidator(endpoint_url)]
CsvList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_csv)]


class Settings(BaseSettings):
    """One field per environment variable; ``.env.example`` lists the same names with their meaning.

    Spans are ``timedelta`` (seconds in the environment), secrets are ``SecretStr``.
    """

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    environment: Literal["development", "production"] = "development"
    host: str = "localhost"
    port: int = Field(8000, ge=0, le=65535)
    trusted_proxies: CsvList = ("localhost",)
    sara_data_dir: Path = Path(".data")
    log_format: Literal["console", "json"] = "console"

    database_url: SecretStr | None = None
    database_distributed: bool = False
    redis_url: SecretStr | None = None
    redis_focus_ttl_seconds: Seconds = timedelta(days=2)

    memory_hot_days: int = Field(30, ge=1)
    memory_k: int = Field(10, ge=1, le=100)
    memory_salience_write_threshold: float = Field(0.35, ge=0, le=1)
    memory_language: str = "english"
    memory_fade_grace_days: int = Field(30, ge=1)
    timezone: Annotated[str, BeforeValidator(known_zone)] = "America/New_York"

    graph_backend: Literal["postgres", "neo4j"] = "postgres"
    neo4j_uri: str | None = None
    neo4j_user: str = "neo4j"
    neo4j_password: SecretStr | None = None
    neo4j_database: str = "neo4j"

    embedding_model: str = "all-MiniLM-L6-v2"
    embedding_dim: int = Field(768, ge=64, le=2000)
    embedding_precision: Literal["fp16", "fp32"] = "fp16"
    embedding_base_url: EndpointUrl | None = None
    embedding_api_key: SecretStr | None = None

    openai_base_url: EndpointUrl | None = None
    openai_api_key: SecretStr | None = None
    openai_model: str = "gpt-4o-mini"
    openai_timeout_seconds: Seconds = timedelta(minutes=1)

    secret_key: SecretStr | None = None
    secret_key_previous: SecretList = ()
    access_token_ttl_seconds: Seconds = timedelta(days=7)
    admin_emails: CsvList = ()
    metrics_token: SecretStr | None = None
    requests_per_minute: int = Field(6000, ge=1)
    cors_origins: CsvList = ()

    @property
    def secrets(self) -> list[str]:
        """``SECRET_KEY`` and those before it, newest first; empty when none is set."""
        keys = (self.secret_key, *self.secret_key_previous) if self.secret_key else ()
        return [key.get_secret_value() for key in keys]

    @model_validator(mode="after")
    def _production_needs_its_own_secret(self) -> Self:
        secret = self.secret_key.get_secret_value() if self.secret_key else SAMPLE_SECRET
        if secret == SAMPLE_SECRET and self.environment == "production":
            raise ValueError(
                "SECRET_KEY is missing or still the sample value: set it to a long random string, "
                "for example the output of `openssl rand -hex 32`"
            )
        url = self.database_url.get_secret_value() if self.database_url else ""
        if f":{SAMPLE_SECRET}@" in url and self.environment == "production":
            raise ValueError(
                "DATABASE_URL still has the sample password: replace it, and POSTGRES_PASSWORD with it"
            )
        if self.secret_key and secret != SAMPLE_SECRET and len(secret) < 32:
            raise ValueError(
                "SECRET_KEY is shorter than 32 characters: `openssl rand -hex 32` makes one"
            )
        return self

    @model_validator(mode="after")
    def _neo4j_has_an_address(self) -> Self:
        if self.graph_backend == "neo4j" and self.neo4j_uri is None:
            raise ValueError(
                "GRAPH_BACKEND is neo4j and NEO4J_URI is missing: set it, for example to "
                "bolt://localhost:7687, or leave GRAPH_BACKEND at postgres"
            )
        return self
