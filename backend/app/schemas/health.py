"""The service's own state on the wire."""

from typing import Literal

from pydantic import BaseModel


class HealthOut(BaseModel):
    """The process is alive."""

    status: Literal["ok"] = "ok"
    version: str


class ReadyOut(BaseModel):
    """Each dependency, and how many heads wait to be embedded. ``degraded`` still serves."""

    status: Literal["ready", "degraded", "unavailable"]
    postgres: bool
    redis: bool
    embedder: bool
    pending_embeddings: int | None
