"""What a caller hands in to be remembered, and what the service makes of it before writing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import uuid_utils

from app.embedders.protocol import Vectors
from app.errors import ContentTooLargeError, InvalidInputError
from app.language.preference import states_preference
from app.language.salience import estimate_salience
from app.language.term_codes import packed, term_codes
from app.language.wording import wording
from app.language.words import Words
from app.models import MemoryTrace

MAX_CONTENT_CHARACTERS = 100_000
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class NewTrace:
    """A trace to remember. ``source`` holds ``type`` and, where known, ``id`` and ``conversation_id``."""

    content: str
    role: str
    created_at: datetime | None
    salience: float | None
    source: dict[str, str]
    meta: dict[str, Any]

    @property
    def source_key(self) -> tuple[str, str] | None:
        """What makes it the same thing when it is sent again."""
        return (self.source["type"], self.source["id"]) if "id" in self.source else None


@dataclass(frozen=True, slots=True)
class TraceDraft:
    """A new trace with everything that can be known before the database is asked.

    ``vectors`` is the semantic head, shape (chunks, EMBEDDING_DIM), or None while the embedder is down.
    """

    new: NewTrace
    trace: MemoryTrace
    terms: list[str]
    vectors: Vectors | None = None


def draft_all(
    user_id: UUID, new: Sequence[NewTrace], *, words: Words, now: datetime
) -> list[TraceDraft]:
    """Drafts of a batch, or an error that names every bad item by its index.

    Raises:
        InvalidInputError: items are too long or of an impossible date.
        ContentTooLargeError: the only item is too long.
    """
    drafts: list[TraceDraft] = []
    problems: list[str] = []
    for index, trace in enumerate(new):
        try:
            drafts.append(draft(user_id, trace, words=words, now=now))
        except (ContentTooLargeError, InvalidInputError) as error:
            if len(new) == 1:
                raise
            problems.append(f"item {index}: {error.detail}")
    if problems:
        raise InvalidInputError(" ".join([*problems, "Nothing was written."]))
    return drafts


def draft(
    user_id: UUID, new: NewTrace, *, words: Words, now: datetime, trace_id: UUID | None = None
) -> TraceDraft:
    """Give a new trace its id, unless it brings one, its time, salience and terms.

    Raises:
        ContentTooLargeError: more than 100,000 characters.
        InvalidInputError: a date before 1900 or after tomorrow.
    """
    if len(new.content) > MAX_CONTENT_CHARACTERS:
        raise ContentTooLargeError(
            f"content has {len(new.content):,} characters and the limit is {MAX_CONTENT_CHARACTERS:,}: "
            "split it into several traces of one conversation."
        )
    created_at = new.created_at or now
    if not EARLIEST <= created_at <= now + timedelta(days=1):
        raise InvalidInputError("created_at must lie between 1900-01-01 and tomorrow.")
    terms = words.terms(new.content)
    trace = MemoryTrace(
        user_id=user_id,
        id=trace_id or UUID(int=uuid_utils.uuid7().int),
        content=new.content,
        role=new.role,
        created_at=created_at,
        salience=estimate_salience(new.content, terms) if new.salience is None else new.salience,
        source=new.source,
        meta=new.meta,
        access_count=0,
        last_accessed_at=None,
        pinned=False,
        faded_at=None,
        corrected_at=None,
        content_hash=content_hash(new.content),
        term_count=len(terms),
        states_preference=states_preference(new.content),
        wording=wording(new.content),
        term_codes=packed(term_codes(terms)),
    )
    return TraceDraft(new, trace, terms)


def content_hash(content: str) -> bytes:
    """What two equal contents have in common."""
    return sha256(content.encode()).digest()


def fingerprint(new: Sequence[NewTrace]) -> bytes:
    """What two requests under one ``Idempotency-Key`` must have in common."""
    digest = sha256()
    for trace in new:
        parts = (
            trace.content,
            trace.role,
            repr(trace.created_at),
            repr(trace.salience),
            json.dumps([trace.source, trace.meta], sort_keys=True),
        )
        for part in parts:
            digest.update(sha256(part.encode()).digest())
    return digest.digest()
