"""Traces and recall on the wire."""

from datetime import UTC, datetime
from math import isfinite
from typing import Annotated, Any, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.models import MemoryEdge, MemoryTrace
from app.recall.question import Edge, Memory, Question, Recollection
from app.schemas.text import FilledText, Label, storable
from app.services.memory_service import MemoryStats, Remembered
from app.services.trace_draft import NewTrace

Role = Literal["user", "assistant", "system", "tool", "note", "summary", "entity"]
MAX_META_DEPTH = 8


def _sensible(moment: datetime) -> datetime:
    """Far from the years at which arithmetic with dates ends."""
    if not 1900 <= moment.year < 2200:
        raise ValueError("must lie between 1900 and 2199, and created_at not after tomorrow")
    return moment


def in_utc(moment: datetime, *, timezone: str = "UTC") -> datetime:
    """The moment itself; without an offset it is one of the ``timezone``."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)


def _storable_json(value: dict[str, Any]) -> dict[str, Any]:
    _check_json(value, depth=0)
    return value


def _check_json(value: object, *, depth: int) -> None:
    """PostgreSQL's jsonb holds neither NUL characters nor lone surrogates nor NaN."""
    if depth > MAX_META_DEPTH:
        raise ValueError(f"must not nest deeper than {MAX_META_DEPTH} levels")
    if isinstance(value, str):
        storable(value)
    elif isinstance(value, float):
        if not isfinite(value):
            raise ValueError("must not contain NaN or infinite numbers")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_json(key, depth=depth)
            _check_json(item, depth=depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check_json(item, depth=depth + 1)


Salience = Annotated[float, AfterValidator(lambda value: round(value, 6))]
Moment = Annotated[datetime, AfterValidator(_sensible), AfterValidator(in_utc)]
# Without an offset it is a moment of the person's own time zone: in_utc has to be told which that is.
LocalMoment = Annotated[datetime, AfterValidator(_sensible)]
Meta = Annotated[dict[str, Any], AfterValidator(_storable_json)]


class Source(BaseModel):
    """Where a trace comes from. The same ``id`` again is the same thing again."""

    model_config = ConfigDict(extra="forbid")

    type: Label = "api"
    id: Label | None = None
    conversation_id: Label | None = None


class TraceIn(BaseModel):
    """Something to remember."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "content": "My sister Ana is coming on May 5 and she is allergic to peanuts.",
                "role": "user",
                "source": {"type": "chat", "conversation_id": "breakfast"},
            }
        },
    )

    content: FilledText = Field(description="At most 100,000 characters; split what is longer.")
    role: Role = "user"
    created_at: Moment | None = Field(None, description="When it happened; now when left out.")
    salience: Salience | None = Field(
        None,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="How much it matters; estimated when left out.",
    )
    source: Source = Source()
    meta: Meta = Field(default_factory=dict)

    def to_new_trace(self) -> NewTrace:
        """As the service takes it."""
        return NewTrace(
            content=self.content,
            role=self.role,
            created_at=self.created_at,
            salience=self.salience,
            source=self.source.model_dump(exclude_none=True),
            meta=self.meta,
        )


class RememberedOut(BaseModel):
    """The heads a trace is found by now, those that follow within seconds, and whether it is new."""

    model_config = ConfigDict(from_attributes=True)

    trace_id: UUID
    heads: list[str]
    pending: list[str]
    stored: bool

    @classmethod
    def of(cls, remembered: Remembered) -> Self:
        """From the service's answer."""
        return cls.model_validate(remembered)


class RememberedBatchOut(BaseModel):
    """What became of each item, in the order given."""

    results: list[RememberedOut]

    @classmethod
    def of(cls, remembered: list[Remembered]) -> Self:
        """From the service's answer."""
        return cls(results=[RememberedOut.of(item) for item in remembered])


class EdgeOut(BaseModel):
    """A directed association."""

    model_config = ConfigDict(from_attributes=True)

    src: UUID
    dst: UUID
    type: str
    weight: float

    @classmethod
    def of(cls, edge: Edge | MemoryEdge) -> Self:
        """From a row or a recall."""
        return cls.model_validate(edge)


class TraceOut(BaseModel):
    """A trace with everything that is known about it."""

    trace_id: UUID
    content: str
    role: str
    created_at: datetime
    salience: float
    source: dict[str, Any]
    meta: dict[str, Any]
    pinned: bool
    access_count: int
    last_accessed_at: datetime | None
    faded_at: datetime | None

    @classmethod
    def of(cls, trace: MemoryTrace) -> Self:
        """From its row."""
        return cls(
            trace_id=trace.id,
            content=trace.content,
            role=trace.role,
            created_at=trace.created_at,
            salience=trace.salience,
            source=trace.source,
            meta=trace.meta,
            pinned=trace.pinned,
            access_count=trace.access_count,
            last_accessed_at=trace.last_accessed_at,
            faded_at=trace.faded_at,
        )


class TraceWithEdgesOut(TraceOut):
    """A trace and what it is associated with."""

    edges: list[EdgeOut]

    @classmethod
    def of_pair(cls, trace: MemoryTrace, edges: list[MemoryEdge]) -> Self:
        """From their rows."""
        fields = TraceOut.of(trace).model_dump()
        return cls(**fields, edges=[EdgeOut.of(edge) for edge in edges])


class EpisodesOut(BaseModel):
    """One page of traces, newest first."""

    episodes: list[TraceOut]
    total: int
    page: int
    per_page: int


class TimeWindowOut(BaseModel):
    """A span of time, ``until`` not included; null where it is open."""

    since: datetime | None
    until: datetime | None


class MemoryOut(BaseModel):
    """One result; ``scores`` are the parts that ``score`` is the sum of, ``copies`` say the same."""

    trace_id: UUID
    content: str
    role: str
    created_at: datetime
    head: str
    score: float
    scores: dict[str, float]
    edges: list[EdgeOut]
    copies: list[UUID]
    source: dict[str, Any]
    meta: dict[str, Any]

    @classmethod
    def of(cls, memory: Memory) -> Self:
        """From the pipeline's answer."""
        return cls(
            trace_id=memory.trace.id,
            content=memory.trace.content,
            role=memory.trace.role,
            created_at=memory.trace.created_at,
            head=memory.head,
            score=memory.score,
            scores=dict(memory.scores),
            edges=[EdgeOut.of(edge) for edge in memory.edges],
            copies=list(memory.copies),
            source=memory.trace.source,
            meta=memory.trace.meta,
        )


class RecallOut(BaseModel):
    """What came to mind, best first, how long each part took and which parts did not answer."""

    query: str
    k: int
    heads: list[str]
    time_window: TimeWindowOut | None
    results: list[MemoryOut]
    took_ms: dict[str, float]
    degraded: list[str]

    @classmethod
    def of(
        cls, question: Question, recollection: Recollection, *, window: TimeWindowOut | None
    ) -> Self:
        """From what was asked and what came to mind."""
        return cls(
            query=question.text,
            k=question.k,
            heads=list(question.heads),
            time_window=window,
            results=[MemoryOut.of(memory) for memory in recollection.memories],
            took_ms=dict(recollection.took_ms),
            degraded=list(recollection.degraded),
        )


class StatsOut(BaseModel):
    """What a memory holds; ``working_memory`` is null while Redis does not answer."""

    model_config = ConfigDict(from_attributes=True)

    traces: int
    mean_salience: float | None
    pending_embeddings: int
    working_memory: int | None

    @classmethod
    def of(cls, stats: MemoryStats) -> Self:
        """From the service's answer."""
        return cls.model_validate(stats)
