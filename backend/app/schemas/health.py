"""The service's own state on the wire."""

from datetime import date
from typing import Literal

from pydantic import BaseModel


class HealthOut(BaseModel):
    """The process is alive."""

    status: Literal["ok"] = "ok"
    version: str


class ReadyOut(BaseModel):
    """Each dependency; how many heads wait to be embedded and how many changes to be told to Neo4j, the
    oldest day that should have been dreamt by now, and how many dreams have failed and are tried again.
    ``degraded`` still serves."""

    status: Literal["ready", "degraded", "unavailable"]
    postgres: bool
    redis: bool
    embedder: bool
    pending_embeddings: int | None
    pending_graph_changes: int | None
    oldest_unprocessed_day: date | None
    failed_runs: int | None
