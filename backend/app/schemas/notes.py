"""Notes, their connections and suggestions on the wire."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.language.links import MAX_TITLE_CHARACTERS, is_linkable
from app.models import Note
from app.schemas.text import Text
from app.services.note_connections import ConnectionType, NewConnection, Origin
from app.services.note_service import Backlink, NoteText
from app.services.note_suggestions import SimilarNote, SuggestedNote
from app.services.tie_strength import TieKind
from app.storage.note_connections import Tied

UNTITLED = "Untitled"


def _title(value: str) -> str:
    """On one line, and such that a link can name it; an editor saves before there is a title."""
    title = " ".join(value.split()) or UNTITLED
    if len(title) > MAX_TITLE_CHARACTERS:
        raise ValueError(f"must have at most {MAX_TITLE_CHARACTERS} characters")
    if not is_linkable(title):
        raise ValueError("must not contain [[, ]] or |: a link could not name it")
    return title


Title = Annotated[Text, AfterValidator(_title)]
Version = Annotated[
    int | None,
    Field(
        ge=1,
        le=2**31 - 1,
        description="The version that was edited; a 409 when there is a newer one.",
    ),
]


class NoteIn(BaseModel):
    """A note to write. ``[[Title]]`` in its content refers to the note of that title."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"title": "Lisbon", "content": "The hotel is near the river. See [[Ana]]."}
        },
    )

    title: Title = UNTITLED
    content: Text = Field("", description="With the title at most 100,000 characters.")


class NotePut(BaseModel):
    """What a note says from now on, all of it."""

    model_config = ConfigDict(extra="forbid")

    title: Title
    content: Text
    version: Version = None

    def to_text(self) -> NoteText:
        """As the service takes it."""
        return NoteText(self.title, self.content, self.version)


class NotePatch(BaseModel):
    """What changes in a note; the rest stays."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    content: Text | None = None
    version: Version = None

    def to_text(self) -> NoteText:
        """As the service takes it."""
        return NoteText(self.title, self.content, self.version)


class NoteOut(BaseModel):
    """A note; ``trace_id`` is null while the memory does not hold it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    title: str
    content: str
    version: int
    trace_id: UUID | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, note: Note) -> Self:
        """From its row."""
        return cls.model_validate(note)


class NotesOut(BaseModel):
    """One page of notes, the one written last first."""

    notes: list[NoteOut]
    total: int
    page: int
    per_page: int


class BacklinkOut(BaseModel):
    """A note that refers to this one, and the line of it in which the link stands, if there is one."""

    note_id: UUID
    title: str
    line: str | None
    updated_at: datetime

    @classmethod
    def of(cls, found: Backlink) -> Self:
        """From the service's answer."""
        return cls(
            note_id=found.note.id,
            title=found.note.title,
            line=found.line,
            updated_at=found.note.updated_at,
        )


class SimilarNoteOut(BaseModel):
    """A note near this one in meaning (cosine)."""

    note_id: UUID
    title: str
    similarity: float
    updated_at: datetime

    @classmethod
    def of(cls, found: SimilarNote) -> Self:
        """From the service's answer."""
        return cls(
            note_id=found.note.id,
            title=found.note.title,
            similarity=found.similarity,
            updated_at=found.note.updated_at,
        )


class ConnectionIn(BaseModel):
    """What to connect a note with."""

    model_config = ConfigDict(extra="forbid")

    target_note_id: UUID
    connection_type: ConnectionType = "reference"
    strength: int = Field(100, ge=0, le=100)

    def to_new_connection(self, note_id: UUID) -> NewConnection:
        """As the service takes it."""
        return NewConnection(note_id, self.target_note_id, self.connection_type, self.strength)


class ConnectionOut(BaseModel):
    """A connection of a note, and the note at its other end. A reference leads from source to target;
    the other types have no direction. ``auto_generated``: it comes and goes with a link."""

    id: UUID
    source_note_id: UUID
    target_note_id: UUID
    connection_type: ConnectionType
    strength: int
    origin: Origin
    auto_generated: bool
    created_at: datetime
    note_id: UUID
    title: str

    @classmethod
    def of(cls, tied: Tied) -> Self:
        """From its row and the other note's title."""
        connection = tied.connection
        return cls.model_validate(
            {
                "id": connection.id,
                "source_note_id": connection.source_note_id,
                "target_note_id": connection.target_note_id,
                "connection_type": connection.connection_type,
                "strength": connection.strength,
                "origin": connection.origin,
                "auto_generated": connection.origin == "link",
                "created_at": connection.created_at,
                "note_id": tied.other_id,
                "title": tied.other_title,
            }
        )


class TieOut(BaseModel):
    """One reason for a suggestion."""

    model_config = ConfigDict(from_attributes=True)

    kind: TieKind
    strength: int
    reason: str


class SuggestionOut(BaseModel):
    """A note to connect this one with; ``reason`` is that of the strongest of its ``reasons``."""

    note_id: UUID
    title: str
    connection_type: Literal["semantic", "temporal"]
    strength: int
    reason: str
    reasons: list[TieOut]

    @classmethod
    def of(cls, found: SuggestedNote) -> Self:
        """From the service's answer."""
        told = found.suggestion
        return cls.model_validate(
            {
                "note_id": found.note.id,
                "title": found.note.title,
                "connection_type": told.connection_type,
                "strength": told.strength,
                "reason": told.ties[0].reason,
                "reasons": [TieOut.model_validate(tie) for tie in told.ties],
            }
        )
