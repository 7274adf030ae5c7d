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
from app.services.in_use import InUse

log = structlog.get_logger()


class Chat(Protocol):
    """A language model."""

    async def complete(self, request: Mapping[str, object]) -> str:
        """The answer's text.

        Raises:
            ChatUnavailableError: there is none.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
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
        self._chats = InUse(chat)

    @property
    def has_model(self) -> bool:
        """Whether there is a model to ask."""
        return self._chats.now is not None

    async def write(self, topics: Sequence[Topic], day: date, *, instead: Summary) -> Written:
        """The model's summary when there is a model and its answer is sound, else ``instead``."""
        if not instead.text:
            return Written(instead)
        async with self._chats.held() as chat:
            return await self._written(chat, topics, day, instead=instead)

    async def exchange(self, chat: Chat | None) -> None:
        """Ask another model from now on; a summary under way ends as it began."""
        await self._chats.exchange(chat)

    async def close(self) -> None:
        """Let go of the model."""
        await self._chats.close()

    async def _written(
        self, chat: Chat | None, topics: Sequence[Topic], day: date, *, instead: Summary
    ) -> Written:
        if chat is None:
            return Written(instead)
        try:
            asked = await asyncio.to_thread(request, topics, day)
            answer = await chat.complete(asdict(asked))
            summary = await asyncio.to_thread(accept, answer, topics, day=day)
        except (ChatUnavailableError, AnswerError) as error:
            log.warning("dream.extractive", reason=str(error))
            return Written(instead, fallback=str(error))
        return Written(summary, writer="model")
