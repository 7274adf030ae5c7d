"""A recollection as text for a prompt, on the wire."""

from datetime import UTC, datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel

from app.recall.context import Citation
from app.recall.question import Question
from app.services.memory_service import Context


class CitationOut(BaseModel):
    """What a marker in the text stands for: a ``memory`` that was recalled, with its score, the
    ``summary`` of a day, or a turn ``around`` a memory."""

    marker: str
    trace_id: UUID
    kind: Literal["memory", "summary", "around"]
    role: str
    created_at: datetime
    score: float | None

    @classmethod
    def of(cls, citation: Citation) -> Self:
        """From the block."""
        passage = citation.passage
        return cls(
            marker=citation.marker,
            trace_id=passage.trace_id,
            kind=passage.kind,
            role=passage.role,
            created_at=passage.at.astimezone(UTC),
            score=passage.score,
        )


class ContextOut(BaseModel):
    """A block of text, its ``tokens`` as counted with ``tokenizer``, what it cites, and how many of
    the memories recalled it does not show in their own words (``omitted``)."""

    query: str
    text: str
    tokens: int
    max_tokens: int
    tokenizer: str
    citations: list[CitationOut]
    omitted: int
    took_ms: dict[str, float]
    degraded: list[str]

    @classmethod
    def of(cls, question: Question, context: Context, *, max_tokens: int) -> Self:
        """From what was asked and what the service made of it."""
        block = context.block
        return cls(
            query=question.text,
            text=block.text,
            tokens=block.tokens,
            max_tokens=max_tokens,
            tokenizer=context.tokenizer,
            citations=[CitationOut.of(citation) for citation in block.citations],
            omitted=block.omitted,
            took_ms=dict(context.took_ms),
            degraded=list(context.degraded),
        )
