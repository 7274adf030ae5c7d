"""An export's lines on the wire, and what became of an import."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from app.schemas.memory import Meta, Moment, Role, Source
from app.schemas.text import FilledText, Label
from app.services.export_lines import End, Header, Line, PassedOver, TraceOfExport
from app.services.export_service import FORMAT, VERSION
from app.services.import_service import Imported
from app.services.trace_draft import MAX_CONTENT_CHARACTERS, NewTrace
from app.storage.transfer import EdgeOfExport

MAX_COUNT = 2**31 - 1


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")


class HeaderLine(_Line):
    """What the file is. One of another version is refused."""

    kind: Literal["header"]
    format: Literal[FORMAT]  # type: ignore[valid-type]  # a constant of the service
    version: Literal[VERSION]  # type: ignore[valid-type]
    exported_at: Moment
    email: str
    timezone: str

    def to_line(self) -> Line:
        """As the service takes it."""
        return Header()


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
            self.id, new, self.pinned, self.access_count, self.last_accessed_at, self.faded_at
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


_line: TypeAdapter[HeaderLine | TraceLine | EdgeLine | TombstoneLine | EndLine] = TypeAdapter(
    Annotated[
        HeaderLine | TraceLine | EdgeLine | TombstoneLine | EndLine, Field(discriminator="kind")
    ]
)


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
    message = problem["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message


class ImportedOut(BaseModel):
    """What became of the traces: written, there already, or forgotten here and therefore left out."""

    model_config = ConfigDict(from_attributes=True)

    traces: int
    known: int
    forgotten: int
    edges: int

    @classmethod
    def of(cls, imported: Imported) -> Self:
        """From the service's answer."""
        return cls.model_validate(imported)
