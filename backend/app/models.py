"""The tables, as the services see them. The migrations in ``backend/alembic`` make them.

``user_id`` leads every primary key, so that one person's memory is one shard's business.
``memory_embedding`` and the word postings are written and read in bulk by the SQL in
``storage/sql`` and have no class here.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    DateTime,
    LargeBinary,
    MetaData,
    SmallInteger,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Columns are NOT NULL unless their type says ``| None``."""

    metadata = MetaData()
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads this as configuration
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        str: Text,
        float: REAL,
        bytes: LargeBinary,
    }


class AppUser(Base):
    """A person. ``timezone`` is an IANA name; ``email`` is stored lower-cased and is unique.

    Tokens of another ``token_epoch`` are not valid any more. While ``recording_paused``, nothing new
    is remembered.
    """

    __tablename__ = "app_user"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    password_hash: Mapped[str]
    timezone: Mapped[str]
    is_admin: Mapped[bool]
    created_at: Mapped[datetime]
    token_epoch: Mapped[int]
    recording_paused: Mapped[bool]


class ApiKey(Base):
    """What an agent signs in with instead of a person's password: ``digest`` is the SHA-256 of its
    secret, ``scopes`` say what it may do."""

    __tablename__ = "api_key"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    digest: Mapped[bytes]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class RevokedToken(Base):
    """A session that was ended before its token expires; kept until then."""

    __tablename__ = "revoked_token"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class ClosedAccount(Base):
    """That an account was closed, and when: the SHA-256 of its id is all that stays of it."""

    __tablename__ = "closed_account"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime]


class AppSetting(Base):
    """A setting of the whole service that must survive a restart, as JSON under its key.

    ``version`` grows with each change that the running services must see.
    """

    __tablename__ = "app_setting"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(BigInteger, server_default="1")
    updated_at: Mapped[datetime | None]


class MemoryUsage(Base):
    """One row per person: the lock that orders their writes, and the counts that recall needs.

    ``generation`` grows with every forgetting, so that a late write cannot bring anything back into
    the working memory. ``traces`` and ``terms`` give BM25 its N and its average length.
    """

    __tablename__ = "memory_usage"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    generation: Mapped[int] = mapped_column(BigInteger)
    traces: Mapped[int] = mapped_column(BigInteger)
    terms: Mapped[int] = mapped_column(BigInteger)


class MemoryTrace(Base):
    """One thing remembered. ``created_at`` is when it happened and never changes, ``corrected_at`` when
    somebody last put its words right. A column that SQL alone reads, ``stored_at``, is when the row was
    written."""

    __tablename__ = "memory_trace"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    content: Mapped[str]
    role: Mapped[str]
    created_at: Mapped[datetime]
    salience: Mapped[float]
    source: Mapped[dict[str, Any]]
    meta: Mapped[dict[str, Any]]
    access_count: Mapped[int]
    last_accessed_at: Mapped[datetime | None]
    pinned: Mapped[bool]
    faded_at: Mapped[datetime | None]
    corrected_at: Mapped[datetime | None]
    content_hash: Mapped[bytes]
    term_count: Mapped[int]
    states_preference: Mapped[bool]
    wording: Mapped[int] = mapped_column(BigInteger)
    term_codes: Mapped[bytes] = mapped_column(deferred=True)


class MemoryEdge(Base):
    """A directed association between two traces of one person, valid from ``valid_from`` on."""

    __tablename__ = "memory_edge"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    src: Mapped[UUID] = mapped_column(primary_key=True)
    dst: Mapped[UUID] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(primary_key=True)
    weight: Mapped[float]
    ts: Mapped[datetime]
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]


class MemoryTombstone(Base):
    """That something was forgotten: when, by whom, how much of it. Never what it said.

    ``target`` says what was named: ids and times as they are, words as a keyed digest. It has a
    ``stored_at`` like the traces.
    """

    __tablename__ = "memory_tombstone"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    scope: Mapped[str]
    target: Mapped[dict[str, Any]]
    forgotten_by: Mapped[UUID]
    forgotten_at: Mapped[datetime]
    counts: Mapped[dict[str, Any]]


class MemoryForgotten(Base):
    """The id of a trace or a note that a tombstone stands for."""

    __tablename__ = "memory_forgotten"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    trace_id: Mapped[UUID] = mapped_column(primary_key=True)
    tombstone_id: Mapped[UUID]


class PrunedTrace(Base):
    """What is left of a trace that faded and was pruned: where it came from, nothing of what it said.

    ``made`` are the summaries of it and the dream's nodes that it mentioned, which may be gone by now.
    The trace itself is there again when an import has brought it back.
    """

    __tablename__ = "pruned_trace"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    source: Mapped[dict[str, Any]]
    pruned_at: Mapped[datetime]
    made: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))


class IdempotencyKey(Base):
    """The answer to a write that named an ``Idempotency-Key``, and a digest of what it wrote."""

    __tablename__ = "idempotency_key"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    trace_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    created_at: Mapped[datetime]


class PendingEmbedding(Base):
    """A head that still has to be embedded; ``due_at`` is when a worker may claim it (again)."""

    __tablename__ = "pending_embedding"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    trace_id: Mapped[UUID] = mapped_column(primary_key=True)
    head: Mapped[str] = mapped_column(primary_key=True)
    requested_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(SmallInteger)


class ConsolidationRun(Base):
    """One night's work for one person: a day, the week that ends on it, or the month.

    ``state`` is due, running, done or failed. Who runs it holds a lease: its ``owner`` until
    ``heartbeat_at`` is too long ago. ``report`` says what came of it, in numbers and ids.
    """

    __tablename__ = "consolidation_run"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID]
    state: Mapped[str]
    due_at: Mapped[datetime]
    owner: Mapped[UUID | None]
    heartbeat_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(SmallInteger)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    reopened_at: Mapped[datetime | None]
    report: Mapped[dict[str, Any]]
    error: Mapped[str | None]


class MemoryFact(Base):
    """What one trace says about two entities; the edge between them shows what holds now.

    A fact whose relation admits one object at a time is closed by the next one about its subject.
    """

    __tablename__ = "memory_fact"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[UUID] = mapped_column(primary_key=True)
    predicate: Mapped[str] = mapped_column(primary_key=True)
    object: Mapped[UUID] = mapped_column(primary_key=True)
    trace_id: Mapped[UUID] = mapped_column(primary_key=True)
    weight: Mapped[float]
    is_functional: Mapped[bool]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class DreamInsight(Base):
    """A pattern across days. ``helpful`` is what the person said of it, None while they have not."""

    __tablename__ = "dream_insight"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    day: Mapped[date]
    text: Mapped[str]
    helpful: Mapped[bool | None]


class InsightEvidence(Base):
    """A trace that an insight rests on."""

    __tablename__ = "insight_evidence"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    insight_id: Mapped[UUID] = mapped_column(primary_key=True)
    trace_id: Mapped[UUID] = mapped_column(primary_key=True)


class Note(Base):
    """A document with a title. ``title_key`` is what two titles that mean the same note have in common.

    ``version`` grows with every change of the text, ``updated_at`` is when the person last made one.
    ``trace_id`` is how the memory holds it, None while it does not.
    """

    __tablename__ = "note"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    title_key: Mapped[str]
    content: Mapped[str]
    version: Mapped[int]
    trace_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class NoteLink(Base):
    """That a note's text has a ``[[Title]]`` in it, whether or not there is a note of that title."""

    __tablename__ = "note_link"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    note_id: Mapped[UUID] = mapped_column(primary_key=True)
    title_key: Mapped[str] = mapped_column(primary_key=True)


class NoteConnection(Base):
    """What ties two notes: a reference, or that they are near in meaning or time; ``strength`` 0 to 100.

    ``origin`` is link for what follows from a text and comes and goes with it, person or suggestion
    for what somebody has made or accepted.
    """

    __tablename__ = "note_connection"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    source_note_id: Mapped[UUID]
    target_note_id: Mapped[UUID]
    connection_type: Mapped[str]
    strength: Mapped[int] = mapped_column(SmallInteger)
    origin: Mapped[str]
    created_at: Mapped[datetime]


class NoteSuggestion(Base):
    """What somebody said when a tie of two notes was suggested, the lesser id first: accepted or
    dismissed. It is not suggested again."""

    __tablename__ = "note_suggestion"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    note_id: Mapped[UUID] = mapped_column(primary_key=True)
    other_id: Mapped[UUID] = mapped_column(primary_key=True)
    verdict: Mapped[str]
    judged_at: Mapped[datetime]
