"""Consolidation and insights on the wire."""

from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.dream.fading import Decision
from app.services.consolidation_service import Consolidation, Status
from app.storage.insights import ToldInsight


class ConsolidateIn(BaseModel):
    """What to dream: a day or all that waits, of oneself, of somebody or of ``all``."""

    model_config = ConfigDict(extra="forbid")

    day: date | None = Field(None, description="One local day; all that wait when left out.")
    user_id: UUID | Literal["all"] | None = Field(
        None, description="Whose; one's own when left out, everybody's with all."
    )
    wait: bool = Field(True, description="False: answer 202 at once and dream in the background.")
    dry_run: bool = Field(False, description="Only show what would fade if the night fell now.")

    @model_validator(mode="after")
    def _preview_is_of_one_person(self) -> Self:
        if self.dry_run and (self.user_id == "all" or self.day is not None):
            raise ValueError("dry_run is of one person, as of now: leave day and all out")
        return self

    def person(self, caller: UUID) -> UUID:
        """Whose memory this is about, when it is about one person's."""
        return self.user_id if isinstance(self.user_id, UUID) else caller


class RunOut(BaseModel):
    """One run. ``report`` says what came of it, in numbers and ids."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    user_id: UUID
    day: date
    kind: Literal["daily", "weekly", "monthly"]
    state: Literal["due", "running", "done", "failed"]
    due_at: datetime
    attempts: int
    started_at: datetime | None
    finished_at: datetime | None
    reopened_at: datetime | None
    report: dict[str, Any]
    error: str | None


class ConsolidatedOut(BaseModel):
    """What came of one person's runs; ``run`` is that of the latest day.

    ``unchanged``: nothing had to be dreamt; ``empty``: nothing was said; ``running``: another process
    is at it.
    """

    status: Status
    summary_trace: UUID | None
    edges_created: int
    run: RunOut | None
    runs: list[RunOut]

    @classmethod
    def of(cls, found: Consolidation) -> Self:
        """From the service's answer."""
        return cls(
            status=found.status,
            summary_trace=found.summary_trace,
            edges_created=found.edges_created,
            run=None if found.run is None else RunOut.model_validate(found.run),
            runs=[RunOut.model_validate(run) for run in found.runs],
        )


class ShiftedOut(BaseModel):
    """A month that is warm now, and the bytes of its index before and after."""

    model_config = ConfigDict(from_attributes=True)

    month: str
    index_bytes_before: int
    index_bytes_after: int


class DownshiftedOut(BaseModel):
    """What was done to everything before a moment."""

    model_config = ConfigDict(from_attributes=True)

    before: datetime
    months: list[ShiftedOut]
    heads_dropped: int


class AllConsolidatedOut(BaseModel):
    """What came of everybody's runs, and of the downshift when a month has become old."""

    status: Status
    runs: list[RunOut]
    downshift: DownshiftedOut | None

    @classmethod
    def of(cls, found: Consolidation) -> Self:
        """From the service's answer."""
        shifted = found.downshift
        return cls(
            status=found.status,
            runs=[RunOut.model_validate(run) for run in found.runs],
            downshift=None if shifted is None else DownshiftedOut.model_validate(shifted),
        )


class FadingOut(BaseModel):
    """A trace that would fade, and its activation (0 to 1)."""

    model_config = ConfigDict(from_attributes=True)

    trace_id: UUID
    activation: float


class PreviewOut(BaseModel):
    """What would be promoted and what would fade if the night fell now."""

    status: Literal["preview"] = "preview"
    promoted: list[UUID]
    faded: list[FadingOut]

    @classmethod
    def of(cls, decision: Decision) -> Self:
        """From the service's answer."""
        return cls(
            promoted=list(decision.promoted),
            faded=[FadingOut.model_validate(one) for one in decision.faded],
        )


class ConsolidationsOut(BaseModel):
    """One page of runs, latest first."""

    runs: list[RunOut]
    total: int
    page: int
    per_page: int


class FeedbackIn(BaseModel):
    """Whether an insight was of use."""

    model_config = ConfigDict(extra="forbid")

    helpful: bool


class InsightOut(BaseModel):
    """A pattern across days, and the traces it rests on."""

    id: UUID
    kind: str
    day: date
    text: str
    helpful: bool | None
    evidence: list[UUID]

    @classmethod
    def of(cls, told: ToldInsight) -> Self:
        """From its rows."""
        return cls(
            id=told.insight.id,
            kind=told.insight.kind,
            day=told.insight.day,
            text=told.insight.text,
            helpful=told.insight.helpful,
            evidence=sorted(told.evidence),
        )


class InsightsOut(BaseModel):
    """One page of insights, newest first."""

    insights: list[InsightOut]
    total: int
