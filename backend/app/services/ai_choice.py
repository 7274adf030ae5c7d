"""Which models an administrator chose over HTTP: laid over the environment, and as it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlsplit

import structlog
from pydantic import SecretStr

from app.services.sealing import Sealing
from app.settings import Settings

KEY = "ai"  # of its row in app_setting
PARTS = ("openai", "embedding")

Changes = Mapping[str, str | SecretStr | None]
"""New values by their names in ``AiChoice``; None goes back to the environment."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class AiChoice:
    """None leaves a setting to the environment; an empty text means that there is none."""

    openai_base_url: str | None = None
    openai_model: str | None = None
    openai_notification_model: str | None = None
    openai_api_key: SecretStr | None = None
    embedding_base_url: str | None = None
    embedding_api_key: SecretStr | None = None

    @property
    def chosen(self) -> tuple[str, ...]:
        """The names of what is not left to the environment."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name) is not None)

    def over(self, environment: Settings) -> Settings:
        """The settings that hold. A key of the environment goes to the environment's address alone."""
        chosen = {
            name: getattr(self, name) or None
            for name in self.chosen
            if name != "openai_notification_model"
        }
        for part in PARTS:
            address, key = f"{part}_base_url", f"{part}_api_key"
            is_elsewhere = _origin(chosen.get(address)) != _origin(getattr(environment, address))
            if address in chosen and key not in chosen and is_elsewhere:
                chosen[key] = None
        return environment.model_copy(update=chosen)

    def changed(self, changes: Changes, *, environment: Settings) -> "AiChoice":
        """With new values. A key that was meant for one address is not sent to another: unless it is
        given anew, it goes when the address changes."""
        after = replace(self, **changes)  # type: ignore[arg-type]  # each name has its own type
        before_settings, after_settings = self.over(environment), after.over(environment)
        for part in PARTS:
            address, key = f"{part}_base_url", f"{part}_api_key"
            was, becomes = getattr(before_settings, address), getattr(after_settings, address)
            if key not in changes and _origin(was) != _origin(becomes):
                after = replace(after, **{key: None})
        return after

    def sealed(self, sealing: Sealing) -> dict[str, str]:
        """As it is stored."""
        return {name: _stored(getattr(self, name), sealing) for name in self.chosen}

    @classmethod
    def opened(cls, stored: Mapping[str, str], sealing: Sealing) -> "AiChoice":
        """From what is stored. A key that no secret opens is missing, and the log says so."""
        values: dict[str, str | SecretStr] = dict(stored)
        for key in [f"{part}_api_key" for part in PARTS if stored.get(f"{part}_api_key")]:
            opened = sealing.opened(stored[key])
            if opened is None:
                log.error("settings.key_unreadable", setting=key)
            values[key] = opened or SecretStr("")
        return cls(**values)  # type: ignore[arg-type]  # each name has its own type


def _stored(value: str | SecretStr, sealing: Sealing) -> str:
    if not isinstance(value, SecretStr):
        return value
    return sealing.sealed(value) if value.get_secret_value() else ""


def _origin(url: str | None) -> tuple[str, str | None, int | None] | None:
    """Whom a request to this URL goes to."""
    if not url:
        return None
    parts = urlsplit(url)
    return (parts.scheme, parts.hostname, parts.port)
