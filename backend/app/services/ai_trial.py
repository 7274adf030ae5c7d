"""Calls both models as the service does, and tells how it went."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Literal
from uuid import UUID

from app.dream.group import Topic
from app.dream.material import DayTrace
from app.dream.summarise import Summary
from app.embedders.protocol import Urgency
from app.errors import EmbedderUnavailableError
from app.services.embedding_service import EmbeddingService
from app.services.summary_writer import SummaryWriter
from app.storage.database import VectorColumn

Status = Literal["ok", "error", "off"]

SENTENCE = "The ferry to the island leaves at seven."
_DAY = (
    "The boat was painted blue this morning with Rui.",
    "The engine of the boat was repaired by two mechanics in the harbour.",
    "The council decided to move the meeting about the park to Friday.",
)
NO_LLM = "No language model is set: summaries are made of the day's own sentences."


@dataclass(frozen=True, slots=True)
class Trial:
    """How one call went, in milliseconds and words."""

    status: Status
    message: str
    latency_ms: float | None = None


@dataclass(frozen=True, slots=True)
class EmbeddingTrial(Trial):
    """``dimension`` is the length of the model's vectors, ``stored_dimension`` what is kept of them."""

    dimension: int | None = None
    stored_dimension: int | None = None


class AiTrial:
    """The two trials; neither leaves a trace."""

    def __init__(
        self,
        column: VectorColumn,
        *,
        embedding: EmbeddingService,
        writer: SummaryWriter,
        clock: Callable[[], datetime],
    ) -> None:
        self._column = column
        self._embedding = embedding
        self._writer = writer
        self._clock = clock

    async def embedding(self) -> EmbeddingTrial:
        """One sentence, embedded as a question is."""
        began = perf_counter()
        dim = self._column.dim
        try:
            await self._embedding.passages([SENTENCE], urgency=Urgency.QUESTION)
        except EmbedderUnavailableError as error:
            detail, dimension = error.detail, self._embedding.dimension
            return EmbeddingTrial("error", detail, _since(began), dimension, dim)
        latency, dimension = _since(began), self._embedding.dimension
        fitted = f"{self._embedding.model} gives vectors of {dimension} numbers; {dim} are stored."
        return EmbeddingTrial("ok", fitted, latency, dimension, dim)

    async def llm(self) -> Trial:
        """A day of three sentences, summarised as the dream does: the answer must be believable."""
        if not self._writer.has_model:
            return Trial("off", NO_LLM)
        began = perf_counter()
        now = self._clock()
        topics = (Topic("boat", tuple(_trace(n, said, now) for n, said in enumerate(_DAY))),)
        written = await self._writer.write(topics, now.date(), instead=Summary("\n".join(_DAY), ()))
        if written.fallback is not None:
            return Trial("error", f"No summary came of it: {written.fallback}", _since(began))
        return Trial("ok", "It summarises a day as the dream asks it to.", _since(began))


def _trace(number: int, said: str, at: datetime) -> DayTrace:
    return DayTrace(
        trace_id=UUID(int=number),
        role="user",
        content=said,
        said_at=at,
        salience=0.5,
        conversation="trial",
        vector=None,
    )


def _since(began: float) -> float:
    return round((perf_counter() - began) * 1000, 1)
