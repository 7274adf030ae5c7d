"""What stands near a recalled memory: the summary of its day, the turns before and after it."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.models import MemoryEdge, MemoryTrace
from app.recall.context import Kind, Passage, Recalled
from app.recall.question import Memory, Question
from app.storage.edges import EdgeStore
from app.storage.traces import TraceStore

_DAY = re.compile(r"day:(\d{4}-\d{2}-\d{2})")


class Surroundings:
    """Looks around memories, no further than the question's scope."""

    def __init__(self, edges: EdgeStore, traces: TraceStore) -> None:
        self._edges = edges
        self._traces = traces

    async def of(
        self, user_id: UUID, memories: Sequence[Memory], question: Question
    ) -> list[Recalled]:
        """The memories in the order given, each with what stands near it."""
        ids = {memory.trace.id for memory in memories}
        edges = await self._edges.near(user_id, ids, at=question.moment)
        ends = {end for edge in edges for end in (edge.src, edge.dst)}
        traces = await self._traces.by_ids(user_id, ends - ids)
        traces |= {memory.trace.id: memory.trace for memory in memories}
        near = {i: trace for i, trace in traces.items() if i in ids or _is_near(trace, question)}
        return [_recalled(memory, edges, near, question) for memory in memories]


def _recalled(
    memory: Memory,
    edges: Collection[MemoryEdge],
    near: Mapping[UUID, MemoryTrace],
    question: Question,
) -> Recalled:
    zone = ZoneInfo(question.timezone)
    mine = memory.trace.id
    summaries = [
        near[e.src] for e in edges if e.type == "summary_of" and e.dst == mine and e.src in near
    ]
    turns = [
        e.src if e.dst == mine else e.dst
        for e in edges
        if e.type == "next" and mine in (e.src, e.dst)
    ]
    around = sorted((near[i] for i in turns if i in near), key=lambda trace: trace.created_at)
    return Recalled(
        _passage(memory.trace, "memory", zone, score=memory.score),
        _passage(min(summaries, key=_breadth), "summary", zone) if summaries else None,
        [_passage(trace, "around", zone) for trace in around],
    )


def _passage(
    trace: MemoryTrace, kind: Kind, zone: ZoneInfo, *, score: float | None = None
) -> Passage:
    at = trace.created_at.astimezone(zone)
    day = _summarised_day(trace) or at.date()
    return Passage(trace.id, kind, trace.content, trace.role, at, day, score)


def _breadth(summary: MemoryTrace) -> tuple[bool, datetime]:
    """A day's own summary before one of a week or a month."""
    return _summarised_day(summary) is None, summary.created_at


def _summarised_day(trace: MemoryTrace) -> date | None:
    """The day of a summary that the dream made, whenever it was made."""
    match = _DAY.fullmatch(str(trace.source.get("id", "")))
    if trace.role != "summary" or match is None:
        return None
    return date.fromisoformat(match[1])


def _is_near(trace: MemoryTrace, question: Question) -> bool:
    """Whether a trace may be shown beside those that were asked for: it holds nothing from outside of
    the question's scope."""
    scope = question.scope
    since, until = _span(trace, ZoneInfo(question.timezone))
    return (
        trace.role != "entity"
        and not _has_faded(trace, question)
        and scope.role in (None, trace.role)
        and scope.source in (None, trace.source.get("type"))
        and scope.since <= since
        and until <= scope.until
    )


def _has_faded(trace: MemoryTrace, question: Question) -> bool:
    if trace.faded_at is None:
        return False
    return question.as_of is None or trace.faded_at <= question.as_of


def _span(trace: MemoryTrace, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The time that a trace tells of: a moment, or the day that it sums up."""
    day = _summarised_day(trace)
    if day is None:
        return trace.created_at, trace.created_at + timedelta(microseconds=1)
    begin = datetime.combine(day, time.min, zone)
    return begin, begin + timedelta(days=1)
