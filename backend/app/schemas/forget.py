"""Forgetting on the wire: what is meant, what would go, and what is gone."""

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from app.errors import InvalidInputError
from app.language.time_window import mentioned_time
from app.models import MemoryTombstone
from app.recall.question import Question
from app.schemas.memory import LocalMoment, in_utc
from app.schemas.text import FilledText, Label
from app.services.forget_service import LOOKED_AT, ForgetScope, Preview, ToForget
from app.storage.selection import Selection

MAX_IDS = 1_000
MAX_QUERY_CHARACTERS = 20_000


class _ToForget(BaseModel, ABC):
    """What every scope takes.

    Traces of notes stay unless ``include_notes``, or unless they are named by their id: a note is a
    document of its own, and forgetting a conversation does not mean it. The notes themselves go with
    ``include_notes`` alone.
    """

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = Field(False, description="Only say what would be forgotten.")
    include_notes: bool = Field(
        False, description="Whether notes and their traces are meant as well."
    )

    @abstractmethod
    def to_forget(self, *, now: datetime, timezone: str) -> ToForget:
        """As the service takes it; a query is asked at ``now`` in a person's ``timezone``."""


class ForgetTraces(_ToForget):
    """Traces by id: ``{"trace_id": …}``, or ``{"scope": "trace", "id": …}`` or ``"ids": […]``."""

    scope: Literal["trace"] = "trace"
    trace_id: UUID | None = None
    id: UUID | None = None
    ids: list[UUID] = Field(default_factory=list, max_length=MAX_IDS)

    @model_validator(mode="after")
    def _something_is_named(self) -> Self:
        if not self.trace_ids():
            raise ValueError("name what to forget: trace_id, id or ids")
        return self

    def trace_ids(self) -> set[UUID]:
        """Every id named."""
        return {i for i in (self.trace_id, self.id, *self.ids) if i is not None}

    def to_forget(self, *, now: datetime, timezone: str) -> ToForget:
        return ToForget(
            "trace",
            Selection(trace_ids=self.trace_ids(), with_notes=True),
            include_notes=self.include_notes,
            dry_run=self.dry_run,
        )


class ForgetSource(_ToForget):
    """What came from a source: everything of a ``type``, or what has one ``id``."""

    scope: Literal["source"]
    type: Label | None = None
    id: Label | None = None

    @model_validator(mode="after")
    def _something_is_named(self) -> Self:
        if self.type is None and self.id is None:
            raise ValueError("name the source to forget: its type, its id or both")
        if self.type == "note" and self.id is None and not self.include_notes:
            raise ValueError("traces of notes stay unless you send include_notes: true")
        return self

    def to_forget(self, *, now: datetime, timezone: str) -> ToForget:
        is_one_note = self.type == "note" and self.id is not None
        return ToForget(
            "source",
            Selection(
                source_type=self.type,
                source_id=self.id,
                with_notes=self.include_notes or is_one_note,
            ),
            words=(self.type, self.id),
            include_notes=self.include_notes,
            dry_run=self.dry_run,
        )


class ForgetConversation(_ToForget):
    """A whole conversation, by its ``conversation_id``."""

    scope: Literal["conversation"]
    id: Label

    def to_forget(self, *, now: datetime, timezone: str) -> ToForget:
        return ToForget(
            "conversation",
            Selection(conversation_id=self.id, with_notes=self.include_notes),
            words=(self.id,),
            include_notes=self.include_notes,
            dry_run=self.dry_run,
        )


class ForgetRange(_ToForget):
    """What happened ``from`` one moment up to and without another (``to``). Without an offset they are of
    your time zone, so a date is the beginning of that day."""

    scope: Literal["range"]
    since: LocalMoment = Field(alias="from")
    until: LocalMoment = Field(alias="to")

    def to_forget(self, *, now: datetime, timezone: str) -> ToForget:
        since, until = (in_utc(each, timezone=timezone) for each in (self.since, self.until))
        if since >= until:
            raise InvalidInputError("from must lie before to.")
        return ToForget(
            "range",
            Selection(since=since, until=until, with_notes=self.include_notes),
            include_notes=self.include_notes,
            dry_run=self.dry_run,
        )


class ForgetQuery(_ToForget):
    """What a recall of ``query`` finds: the best ``k``, or all that scores at least ``min_score``.

    The same again is about what has come in since; with ``min_score`` about all that scores enough then.
    """

    scope: Literal["query"]
    query: Annotated[FilledText, Field(max_length=MAX_QUERY_CHARACTERS)]
    k: int | None = Field(None, ge=1, le=100)
    min_score: float | None = Field(None, gt=0, le=1, allow_inf_nan=False)

    @model_validator(mode="after")
    def _it_ends_somewhere(self) -> Self:
        if (self.k is None) == (self.min_score is None):
            raise ValueError("say where to stop: either k or min_score")
        return self

    def to_forget(self, *, now: datetime, timezone: str) -> ToForget:
        question = Question(
            text=self.query,
            k=self.k or LOOKED_AT,
            now=now,
            about=mentioned_time(self.query, now=now, timezone=timezone),
        )
        return ToForget(
            "query",
            Selection(with_notes=self.include_notes),
            words=(self.query, self.k, self.min_score),
            question=question,
            min_score=self.min_score,
            include_notes=self.include_notes,
            dry_run=self.dry_run,
        )


class ForgetAll(_ToForget):
    """Everything remembered so far."""

    scope: Literal["all"]

    def to_forget(self, *, now: datetime, timezone: str) -> ToForget:
        return ToForget(
            "all",
            Selection(with_notes=self.include_notes),
            include_notes=self.include_notes,
            dry_run=self.dry_run,
        )


def _scope_of(body: Any) -> str:
    """The scope as it was sent; traces by id need not say theirs."""
    if isinstance(body, dict):
        scope = body.get("scope", "trace")
        return scope if isinstance(scope, str) else "?"
    return getattr(body, "scope", "trace")


ForgetIn = Annotated[
    Annotated[ForgetTraces, Tag("trace")]
    | Annotated[ForgetSource, Tag("source")]
    | Annotated[ForgetConversation, Tag("conversation")]
    | Annotated[ForgetRange, Tag("range")]
    | Annotated[ForgetQuery, Tag("query")]
    | Annotated[ForgetAll, Tag("all")],
    Discriminator(
        _scope_of,
        custom_error_type="scope",
        custom_error_message="scope must be trace, source, conversation, range, query or all",
    ),
]


class TombstoneOut(BaseModel):
    """That something was forgotten, and how much of it there was in each store.

    ``target`` repeats ids and times; of words it holds a keyed digest.
    """

    id: UUID
    scope: str
    target: dict[str, Any]
    forgotten_at: datetime
    counts: dict[str, int]

    @classmethod
    def of(cls, tombstone: MemoryTombstone) -> Self:
        """From its row."""
        return cls(
            id=tombstone.id,
            scope=tombstone.scope,
            target=tombstone.target,
            forgotten_at=tombstone.forgotten_at,
            counts=tombstone.counts,
        )


class TombstonesOut(BaseModel):
    """One page of tombstones, newest first."""

    tombstones: list[TombstoneOut]
    total: int
    page: int
    per_page: int


class PreviewOut(BaseModel):
    """What would be forgotten: how much in all, and the oldest 100 ids of it."""

    model_config = ConfigDict(from_attributes=True)

    dry_run: Literal[True] = True
    scope: ForgetScope
    counts: dict[str, int]
    trace_ids: list[UUID]

    @classmethod
    def of(cls, preview: Preview) -> Self:
        """From the service's answer."""
        return cls.model_validate(preview)
