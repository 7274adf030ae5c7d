"""Who writes a day's summary: a language model where there is one, else the day's own sentences."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal, Protocol

import structlog

from app.chat.remote import ChatUnavailableError
from app.dream.group import Topic
from app.dream.summarise import Summary
from app.dream.written import AnswerError, accept, request

log = structlog.get_logger()


class Chat(Protocol):
    """A language model."""

    async def complete(self, request: Mapping[str, object]) -> str:
        """The answer's text.

        Raises:
            ChatUnavailableError: there is none.
        """
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """A summary and who wrote it; ``fallback`` says why a model that was asked did not."""

    summary: Summary
    writer: Literal["extractive", "model"] = "extractive"
    fallback: str | None = None


class SummaryWriter:
    """Believes a model only as far as the traces bear it out, and otherwise goes without."""

    def __init__(self, chat: Chat | None) -> None:
        self._chat = chat

    async def write(self, topics: Sequence[Topic], day: date, *, instead: Summary) -> Written:
        """The model's summary when there is a model and its answer is sound, else ``instead``."""
        if self._chat is None or not instead.text:
            return Written(instead)
        try:
            asked = await asyncio.to_thread(request, topics, day)
            answer = await self._chat.complete(asdict(asked))
            summary = await asyncio.to_thread(accept, answer, topics, day=day)
        except (ChatUnavailableError, AnswerError) as error:
            log.warning("dream.extractive", reason=str(error))
            return Written(instead, fallback=str(error))
        return Written(summary, writer="model")
