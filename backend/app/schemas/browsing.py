"""The timeline, corrections and the size of a memory on the wire."""

from collections.abc import Iterable
from datetime import date
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.models import MemoryTrace
from app.schemas.memory import Salience, TraceOut
from app.schemas.text import FilledText
from app.services.browsing_service import DayTold, Storage
from app.services.correction_service import Changes
from app.settings import Settings


class TraceChanges(BaseModel):
    """What is to be different about a trace; what is left out stays as it is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"content": "Ana is allergic to hazelnuts.", "pinned": True}},
    )

    pinned: bool | None = Field(None, description="What is pinned never fades.")
    salience: Salience | None = Field(None, ge=0, le=1, allow_inf_nan=False)
    content: FilledText | None = Field(
        None, description="What it should have said; at most 100,000 characters."
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.pinned is None and self.salience is None and self.content is None:
            raise ValueError("name at least one of pinned, salience and content")
        return self

    def to_changes(self) -> Changes:
        """As the service takes it."""
        return Changes(pinned=self.pinned, salience=self.salience, content=self.content)


class TracesOut(BaseModel):
    """Those of the traces asked for that there are."""

    traces: list[TraceOut]


class DaySummaryOut(BaseModel):
    """What the dream made of a day; its sources are /memory/episodes?sources_of=<trace_id>."""

    trace_id: UUID
    content: str

    @classmethod
    def of(cls, trace: MemoryTrace) -> Self:
        """From its row."""
        return cls(trace_id=trace.id, content=trace.content)


class DayOut(BaseModel):
    """How much was said on a day, how much of that is pinned or has faded, and its summary."""

    day: date
    traces: int
    pinned: int
    faded: int
    summary: DaySummaryOut | None

    @classmethod
    def of(cls, told: DayTold) -> Self:
        """From the service's answer."""
        return cls(
            day=told.day.day,
            traces=told.day.traces,
            pinned=told.day.pinned,
            faded=told.day.faded,
            summary=None if told.summary is None else DaySummaryOut.of(told.summary),
        )


class TimelineOut(BaseModel):
    """One page of days of a time zone, latest first; ``total`` counts days."""

    days: list[DayOut]
    timezone: str
    total: int
    page: int
    per_page: int

    @classmethod
    def of(
        cls, days: Iterable[DayTold], *, total: int, timezone: str, page: int, per_page: int
    ) -> Self:
        """From the service's answer."""
        return cls(
            days=[DayOut.of(told) for told in days],
            timezone=timezone,
            total=total,
            page=page,
            per_page=per_page,
        )


class TierOut(BaseModel):
    """Traces and vectors that are held in one way: ``hot`` ones in the fast index."""

    model_config = ConfigDict(from_attributes=True)

    name: Literal["hot", "warm"]
    traces: int
    vectors: int


class StorageOut(BaseModel):
    """The tiers of one memory; bytes are of the whole service, with everybody in it."""

    tiers: list[TierOut]
    table_bytes: int
    index_bytes: int

    @classmethod
    def of(cls, storage: Storage) -> Self:
        """From the service's answer."""
        return cls(
            tiers=[TierOut.model_validate(tier) for tier in storage.tiers],
            table_bytes=storage.sizes.table_bytes,
            index_bytes=storage.sizes.index_bytes,
        )


class MemorySettingsOut(BaseModel):
    """How this service keeps memories, as its environment says; nobody changes it over HTTP."""

    hot_days: int = Field(description="Traces younger than this are in the fast index")
    results: int = Field(description="How many results a recall gives when it does not say")
    salience_threshold: float = Field(
        description="From this salience on a trace is embedded at once"
    )
    fade_grace_days: int = Field(description="For so long what has faded can be restored")
    working_memory_hours: float = Field(description="For so long the working memory keeps a trace")
    language: str = Field(description="The language that words are stemmed in")
    embedding_model: str
    embedding_dim: int = Field(description="Length of the stored vectors")
    embedding_precision: str

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """From the settings."""
        return cls(
            hot_days=settings.memory_hot_days,
            results=settings.memory_k,
            salience_threshold=settings.memory_salience_write_threshold,
            fade_grace_days=settings.memory_fade_grace_days,
            working_memory_hours=settings.redis_focus_ttl_seconds.total_seconds() / 3600,
            language=settings.memory_language,
            embedding_model=settings.embedding_model,
            embedding_dim=settings.embedding_dim,
            embedding_precision=settings.embedding_precision,
        )
