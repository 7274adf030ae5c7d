"""An export's lines on the wire, and what became of an import."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from app.language.links import MAX_TITLE_CHARACTERS, is_linkable, title_key
from app.schemas.memory import Meta, Moment, Role, Source
from app.schemas.problem import message_of
from app.schemas.text import FilledText, Label, Text
from app.services.export_lines import (
    End,
    Header,
    InsightOfExport,
    Line,
    PassedOver,
    TraceOfExport,
)
from app.services.export_service import FORMAT, VERSION
from app.services.import_service import Imported
from app.services.note_connections import ConnectionType, Origin
from app.services.trace_draft import MAX_CONTENT_CHARACTERS, NewTrace
from app.storage.entities import EntityNode
from app.storage.facts import NewFact
from app.storage.insights import NewInsight
from app.storage.note_transfer import ConnectionOfExport, NoteOfExport, VerdictOfExport
from app.storage.pruned import PrunedOfExport
from app.storage.transfer import EdgeOfExport

MAX_COUNT = 2**31 - 1
OF_TRACES = ("next", "summary_of", "mentions")


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")


class HeaderLine(_Line):
    """What the file is. One of another version is refused."""

    kind: Literal["header"]
    format: Literal[FORMAT]  # type: ignore[valid-type]  # a constant of the service
    version: Literal[VERSION]  # type: ignore[valid-type]
    exported_at: Moment
    account: UUID
    email: str
    timezone: str

    def to_line(self) -> Line:
        """As the service takes it."""
        return Header(self.account)


class TraceLine(_Line):
    """A trace."""

    kind: Literal["trace"]
    id: UUID
    content: Annotated[FilledText, Field(max_length=MAX_CONTENT_CHARACTERS)]
    role: Role
    created_at: Moment
    salience: float = Field(ge=0, le=1, allow_inf_nan=False)
    source: Source
    meta: Meta
    pinned: bool
    access_count: int = Field(ge=0, le=MAX_COUNT)
    last_accessed_at: Moment | None
    faded_at: Moment | None
    corrected_at: Moment | None = None  # older exports do not say

    def to_line(self) -> Line:
        """As the service takes it."""
        new = NewTrace(
            content=self.content,
            role=self.role,
            created_at=self.created_at,
            salience=self.salience,
            source=self.source.model_dump(exclude_none=True),
            meta=self.meta,
        )
        return TraceOfExport(
            id=self.id,
            new=new,
            pinned=self.pinned,
            access_count=self.access_count,
            last_accessed_at=self.last_accessed_at,
            faded_at=self.faded_at,
            corrected_at=self.corrected_at,
        )


class EdgeLine(_Line):
    """An edge."""

    kind: Literal["edge"]
    src: UUID
    dst: UUID
    type: Label
    weight: float = Field(allow_inf_nan=False, ge=-1e6, le=1e6)
    ts: Moment
    valid_from: Moment | None
    valid_to: Moment | None

    def to_line(self) -> Line:
        """As the service takes it."""
        return EdgeOfExport(
            self.src, self.dst, self.type, self.weight, self.ts, self.valid_from, self.valid_to
        )


class NodeLine(_Line):
    """An entity node of the dream's."""

    kind: Literal["node"]
    id: UUID
    name: Annotated[FilledText, Field(max_length=MAX_CONTENT_CHARACTERS)]
    key: FilledText
    type: Label
    aliases: list[FilledText]
    created_at: Moment

    def to_line(self) -> Line:
        """As the service takes it."""
        return EntityNode(
            self.id, self.name, self.key, self.type, tuple(self.aliases), self.created_at
        )


def _relation(predicate: str) -> str:
    """A fact becomes an edge named by its predicate: none of those that tie traces to each other."""
    if predicate in OF_TRACES:
        raise ValueError(f"must not be {', '.join(OF_TRACES)}")
    return predicate


class FactLine(_Line):
    """What a trace says about two entities."""

    kind: Literal["fact"]
    subject: UUID
    predicate: Annotated[Label, AfterValidator(_relation)]
    object: UUID
    trace_id: UUID
    weight: float = Field(allow_inf_nan=False, ge=-1e6, le=1e6)
    is_functional: bool
    since: Moment

    def to_line(self) -> Line:
        """As the service takes it."""
        return NewFact(
            subject=self.subject,
            predicate=self.predicate,
            object=self.object,
            trace_id=self.trace_id,
            weight=self.weight,
            is_functional=self.is_functional,
            since=self.since,
        )


class InsightLine(_Line):
    """An insight and the traces that it rests on."""

    kind: Literal["insight"]
    id: UUID
    pattern: Label
    day: date
    text: FilledText
    helpful: bool | None
    evidence: list[UUID]

    def to_line(self) -> Line:
        """As the service takes it."""
        insight = NewInsight(self.id, self.pattern, self.day, self.text, tuple(set(self.evidence)))
        return InsightOfExport(insight, self.helpful)


class PrunedTraceLine(_Line):
    """What is left of a trace that was pruned."""

    kind: Literal["pruned_trace"]
    id: UUID
    created_at: Moment
    source: Source
    pruned_at: Moment
    made: list[UUID]

    def to_line(self) -> Line:
        """As the service takes it."""
        return PrunedOfExport(
            id=self.id,
            created_at=self.created_at,
            source=self.source.model_dump(exclude_none=True),
            pruned_at=self.pruned_at,
            made=tuple(self.made),
        )


def _linkable(title: str) -> str:
    if not is_linkable(title):
        raise ValueError("must be on one line, without [[, ]] or |")
    return title


class NoteLine(_Line):
    """A note."""

    kind: Literal["note"]
    id: UUID
    title: Annotated[FilledText, Field(max_length=MAX_TITLE_CHARACTERS), AfterValidator(_linkable)]
    content: (
        Text  # a longer title in its links may have made it longer than what is written at once
    )
    version: int = Field(ge=1, le=MAX_COUNT)
    trace_id: UUID | None
    created_at: Moment
    updated_at: Moment

    def to_line(self) -> Line:
        """As the service takes it."""
        return NoteOfExport(
            id=self.id,
            title=self.title,
            title_key=title_key(self.title),
            content=self.content,
            version=self.version,
            trace_id=self.trace_id,
            created_at=self.created_at,
            updated_at=self.updated_at,
        )


class ConnectionLine(_Line):
    """What ties two notes."""

    kind: Literal["connection"]
    id: UUID
    source_note_id: UUID
    target_note_id: UUID
    connection_type: ConnectionType
    strength: int = Field(ge=0, le=100)
    origin: Origin
    created_at: Moment

    @model_validator(mode="after")
    def _between_two(self) -> Self:
        if self.source_note_id == self.target_note_id:
            raise ValueError("a note is not connected with itself")
        return self

    def to_line(self) -> Line:
        """As the service takes it."""
        return ConnectionOfExport(
            id=self.id,
            source_note_id=self.source_note_id,
            target_note_id=self.target_note_id,
            connection_type=self.connection_type,
            strength=self.strength,
            origin=self.origin,
            created_at=self.created_at,
        )


class VerdictLine(_Line):
    """What somebody has said of a suggested tie of two notes."""

    kind: Literal["verdict"]
    note_id: UUID
    other_id: UUID
    verdict: Literal["accepted", "dismissed"]
    judged_at: Moment

    @model_validator(mode="after")
    def _the_lesser_first(self) -> Self:
        if self.note_id >= self.other_id:
            raise ValueError("note_id must be less than other_id")
        return self

    def to_line(self) -> Line:
        """As the service takes it."""
        return VerdictOfExport(self.note_id, self.other_id, self.verdict, self.judged_at)


class TombstoneLine(BaseModel):
    """A tombstone of the account that was exported. It stays that account's."""

    kind: Literal["tombstone"]

    def to_line(self) -> Line:
        """As the service takes it."""
        return PassedOver(self.kind)


class EndLine(_Line):
    """How many lines there are of each kind."""

    kind: Literal["end"]
    counts: dict[str, int]

    def to_line(self) -> Line:
        """As the service takes it."""
        return End(self.counts)


_AnyLine = (
    HeaderLine
    | TraceLine
    | NodeLine
    | EdgeLine
    | FactLine
    | InsightLine
    | PrunedTraceLine
    | NoteLine
    | ConnectionLine
    | VerdictLine
    | TombstoneLine
    | EndLine
)
_line: TypeAdapter[_AnyLine] = TypeAdapter(Annotated[_AnyLine, Field(discriminator="kind")])


def read_line(raw: bytes) -> Line:
    """One line of an export.

    Raises:
        ValueError: it is none; the message says why, and nothing of what it holds.
    """
    try:
        return _line.validate_json(raw).to_line()
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        raise ValueError(_told(found[0])) from error


def _told(problem: Any) -> str:
    place = ".".join(str(part) for part in problem["loc"][1:])
    message = message_of(problem)
    return f"{place}: {message}" if place else message


class ImportedOut(BaseModel):
    """What became of the traces: written, there already, or forgotten here and therefore left out. What
    the dream has made comes back only into the account that it was made for. Notes, connections, verdicts
    and what was pruned are counted when they were not there."""

    model_config = ConfigDict(from_attributes=True)

    traces: int
    known: int
    forgotten: int
    edges: int
    nodes: int
    facts: int
    insights: int
    pruned: int
    notes: int
    connections: int
    verdicts: int

    @classmethod
    def of(cls, imported: Imported) -> Self:
        """From the service's answer."""
        return cls.model_validate(imported)
