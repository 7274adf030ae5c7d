"""How good the dream's summaries and extractions are, against what people wrote about the same days."""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from statistics import fmean
from uuid import NAMESPACE_URL, uuid5

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from extracts import EXTRACTS
from recall_set import Conversation, RecallSet, RecallSetError, Turn
from rouge import rouge_recall

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "backend"))

from app.dream.extract import Entity, extract
from app.dream.group import group
from app.dream.material import DayTrace
from app.dream.sentences import split
from app.dream.summarise import summarise
from app.embedders.protocol import Embedder, Urgency
from app.language.salience import estimate_salience
from app.language.words import Words

SHARE = 0.25
OURS = "Sara Memory"


@dataclass(frozen=True, slots=True)
class Day:
    """One session, dreamt as a day of its own."""

    name: str
    traces: tuple[DayTrace, ...]
    reference: str | None
    facts: tuple[str, ...]

    @property
    def budget(self) -> int:
        return int(SHARE * sum(len(trace.content.split()) for trace in self.traces))


@dataclass(frozen=True, slots=True)
class SummaryQuality:
    """Means over ``days``: ROUGE recall, 0 to 1, and the summary's share of the day's words."""

    days: int
    rouge_1: float
    rouge_2: float
    share: float


@dataclass(frozen=True, slots=True)
class ExtractionQuality:
    """How many entities were named, how many of them occur as such in facts or turns, and how many
    facts were found. ``entities`` gives each with its day, for reading by hand."""

    named: int
    occurring: int
    facts: int
    entities: tuple[tuple[str, Entity], ...]


async def days_of(recall_set: RecallSet, embedder: Embedder, words: Words) -> list[Day]:
    """Every session of the set with the vectors that the service would have."""
    days: list[Day] = []
    for conversation in tqdm(recall_set.conversations, desc=recall_set.name, disable=None):
        texts = [turn.text for turn in conversation.turns]
        vectors = await embedder.embed(texts, urgency=Urgency.BACKGROUND)
        first_chunks = [chunks[0] for chunks in vectors]
        days += _sessions(conversation, first_chunks, words)
    return days


def summary_quality(days: Sequence[Day], words: Words) -> dict[str, SummaryQuality]:
    """Ours and the textbook extracts on the days that have a reference, at most at ``SHARE``.

    Raises:
        RecallSetError: no day has one.
    """
    referenced = [day for day in days if day.reference is not None]
    if not referenced:
        raise RecallSetError("no session has a summary to compare with")
    systems = {OURS: [_dreamt(day, words) for day in referenced]}
    for name, chosen_by in EXTRACTS.items():
        systems[name] = [chosen_by(_sentences(day), day.budget) for day in referenced]
    return {name: _quality(referenced, texts) for name, texts in systems.items()}


def extraction_quality(days: Sequence[Day], words: Words) -> ExtractionQuality:
    """What is extracted from each day by itself, and whether others speak of it in these words."""
    extractions = [(day, extract(day.traces, words=words)) for day in days]
    entities = [(day, entity) for day, found in extractions for entity in found.entities]
    return ExtractionQuality(
        named=len(entities),
        occurring=sum(_occurs(entity, day) for day, entity in entities),
        facts=sum(len(found.facts) for _, found in extractions),
        entities=tuple((day.name, entity) for day, entity in entities),
    )


def _sessions(
    conversation: Conversation, vectors: Sequence[NDArray[np.float32]], words: Words
) -> Iterator[Day]:
    with_vectors = zip(conversation.turns, vectors, strict=True)
    for session, turns in groupby(with_vectors, key=lambda pair: pair[0].session):
        name = f"{conversation.id}/{session}"
        yield Day(
            name,
            tuple(_trace(name, turn, vector, words) for turn, vector in turns),
            conversation.summaries.get(session),
            tuple(fact.text for fact in conversation.facts if fact.session == session),
        )


def _trace(day: str, turn: Turn, vector: NDArray[np.float32], words: Words) -> DayTrace:
    if turn.at is None:
        raise RecallSetError(f"turn {turn.id} has no time, so its day cannot be dreamt")
    return DayTrace(
        trace_id=uuid5(NAMESPACE_URL, f"{day}/{turn.id}"),
        role=turn.role,
        content=turn.text,
        said_at=datetime.fromisoformat(turn.at),
        salience=estimate_salience(turn.text, words.terms(turn.text)),
        conversation=day,
        vector=vector,
    )


def _dreamt(day: Day, words: Words) -> str:
    topics = group(day.traces, words=words)
    date = day.traces[0].said_at.date()
    return summarise(topics, words=words, day=date, share=SHARE).text


def _sentences(day: Day) -> list[str]:
    return [sentence for trace in day.traces for sentence in split(trace.content)]


def _quality(days: Sequence[Day], summaries: Sequence[str]) -> SummaryQuality:
    pairs = [(text, day.reference or "") for day, text in zip(days, summaries, strict=True)]
    return SummaryQuality(
        days=len(days),
        rouge_1=fmean(rouge_recall(text, reference, n=1) for text, reference in pairs),
        rouge_2=fmean(rouge_recall(text, reference, n=2) for text, reference in pairs),
        share=fmean(
            SHARE * len(text.split()) / day.budget
            for day, text in zip(days, summaries, strict=True)
        ),
    )


def _occurs(entity: Entity, day: Day) -> bool:
    """Whether the name stands, as whole words and with its capitals, in the facts or the turns."""
    name = re.compile(rf"(?<!\w){re.escape(entity.name)}(?!\w)")
    return any(name.search(text) for text in (*day.facts, *(t.content for t in day.traces)))
