"""Thinks a run through: topics, summary, entities and facts, without a database connection."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from app.dream.calendar import Period, summary_id
from app.dream.dates import day_in_words
from app.dream.entities import Entity, Extraction
from app.dream.extract import extract
from app.dream.group import Topic, group
from app.dream.summarise import Summary, summarise, summarise_period
from app.embedders.protocol import Urgency
from app.errors import EmbedderUnavailableError
from app.language.words import Words
from app.services.dream_reader import Material
from app.services.embedding_service import EmbeddingService
from app.services.summary_writer import SummaryWriter, Written
from app.services.trace_draft import NewTrace, TraceDraft, draft

SELF = "self"  # the kind of the person's own node
EVIDENCE_A_TOPIC = 3
NOTHING = Extraction((), (), ())

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Dreamt:
    """What came of a run's material. ``draft`` is the summary as a trace, None when there is nothing
    to say; ``written`` tells which traces it quotes and who wrote it."""

    draft: TraceDraft | None
    written: Written
    topics: tuple[Topic, ...]
    extraction: Extraction


class DreamAuthor:
    """Composes in a thread of its own; the event loop goes on meanwhile."""

    def __init__(
        self,
        words: Words,
        embedding: EmbeddingService,
        writer: SummaryWriter,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._words = words
        self._embedding = embedding
        self._writer = writer
        self._clock = clock

    async def compose(self, user_id: UUID, material: Material) -> Dreamt:
        """The run's results, ready to be written."""
        if material.period.kind == "daily":
            topics, summary, extraction = await asyncio.to_thread(self._day, material)
            written = await self._writer.write(topics, material.period.last_day, instead=summary)
        else:
            topics, extraction = (), NOTHING
            written = Written(await asyncio.to_thread(self._period, material))
        item = await asyncio.to_thread(self._draft, user_id, material, topics, written)
        return Dreamt(await self._embedded(item), written, topics, extraction)

    def _day(self, material: Material) -> tuple[tuple[Topic, ...], Summary, Extraction]:
        topics = tuple(group(material.traces, words=self._words))
        known = [
            Entity(node.name, node.kind, node.aliases)
            for node in material.known
            if node.kind != SELF
        ]
        return (
            topics,
            summarise(topics, words=self._words, day=material.period.last_day),
            extract(material.traces, words=self._words, known=known),
        )

    def _period(self, material: Material) -> Summary:
        title = _title(material.period)
        return summarise_period(material.traces, words=self._words, title=title)

    def _draft(
        self, user_id: UUID, material: Material, topics: tuple[Topic, ...], written: Written
    ) -> TraceDraft | None:
        if not written.summary.text:
            return None
        period = material.period
        new = NewTrace(
            content=written.summary.text,
            role="summary",
            created_at=period.span(material.zone)[1] - timedelta(seconds=1),
            salience=None,
            source={"type": "dream", "id": period.source_id},
            meta=_meta(period, topics, written),
        )
        return draft(
            user_id,
            new,
            words=self._words,
            now=self._clock(),
            trace_id=summary_id(user_id, period),
        )

    async def _embedded(self, item: TraceDraft | None) -> TraceDraft | None:
        """Without vectors while the embedder is down: the durable queue makes up for it."""
        if item is None:
            return None
        try:
            (vectors,) = await self._embedding.passages(
                [item.trace.content], urgency=Urgency.BACKGROUND
            )
        except EmbedderUnavailableError as error:
            log.warning("dream.embedder_down", reason=error.detail)
            return item
        return replace(item, vectors=vectors)


def _meta(period: Period, topics: tuple[Topic, ...], written: Written) -> dict[str, Any]:
    """What the summary is of, who wrote it, and for a day its topics with their first traces."""
    meta: dict[str, Any] = {
        "kind": period.kind,
        "day": period.last_day.isoformat(),
        "writer": written.writer,
    }
    if period.kind == "daily":
        meta["topics"] = [
            {
                "label": topic.label,
                "traces": [str(trace.trace_id) for trace in topic.traces[:EVIDENCE_A_TOPIC]],
            }
            for topic in topics
        ]
    return meta


def _title(period: Period) -> str:
    if period.kind == "monthly":
        month = period.source_id.removeprefix("month:")
        return f"{date.fromisoformat(f'{month}-01'):%B %Y}"
    first, last = day_in_words(period.first_day), day_in_words(period.last_day)
    return f"The week from {first} to {last}"
