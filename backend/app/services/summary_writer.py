"""Who writes a day's summary: a language model where there is one, else the day's own sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.dream.group import Topic
from app.dream.summarise import Summary


@dataclass(frozen=True, slots=True)
class Written:
    """A summary and who wrote it; ``fallback`` says why a model that was asked did not."""

    summary: Summary
    writer: Literal["extractive", "model"] = "extractive"
    fallback: str | None = None


class SummaryWriter:
    """Extractive."""

    async def write(self, topics: Sequence[Topic], day: date, *, instead: Summary) -> Written:
        return Written(instead)
