"""How much of the evidence a ranking finds, how long it took, and the tables that say so."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

DEPTH = 25  # every ranking is read this far, so the reciprocal rank of a later find is 0
LOCOMO_CATEGORIES = frozenset("12345")
LOCOMO_ANSWERABLE = frozenset("1234")  # category 5 asks for what was never said


@dataclass(frozen=True, slots=True)
class Quality:
    """Means over ``questions`` questions, each measure from 0 to 1.

    Attributes:
        recall_at_5: the share of a question's gold turns among the first 5 results; 10, 25 alike.
        hit_at_10: whether at least one gold turn is among the first 10.
        mrr: the reciprocal of the first gold turn's rank.
    """

    questions: int
    recall_at_5: float
    recall_at_10: float
    recall_at_25: float
    hit_at_10: float
    mrr: float


@dataclass(frozen=True, slots=True)
class QualityReport:
    """Quality per category and over all questions.

    Attributes:
        micro: every question counts the same.
        macro: every category counts the same.
        micro_1_to_4: LoCoMo's usual headline, None for any other set.
    """

    categories: Mapping[str, Quality]
    micro: Quality
    macro: Quality
    micro_1_to_4: Quality | None

    @property
    def headline(self) -> Quality:
        """The figure that others publish for such a set."""
        return self.micro_1_to_4 or self.micro


@dataclass(frozen=True, slots=True)
class Call:
    """One recall: the whole HTTP call, and what the service says its stages took."""

    ms: float
    took_ms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Milliseconds."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class LatencyReport:
    """Latency over all calls; a figure is None where the service does not report its stage.

    Attributes:
        total_without_embed_p50: the median of total - embed, call by call.
        call_to_embed: p50 of the call over p50 of ``embed``, which cancels the machine's speed.
    """

    call: Percentiles
    stages: Mapping[str, Percentiles]
    total_without_embed_p50: float | None
    call_to_embed: float | None


def score(ranking: Sequence[Collection[str]], gold: Iterable[str]) -> Quality:
    """Score one question.

    Args:
        ranking: for each result, best first, the turns it stands for: one as a rule, several when
            it stands for copies, none when it is something other than a turn.
        gold: the turns that answer the question, at least one.
    """
    wanted = frozenset(gold)
    found_at: dict[str, int] = {}
    for rank, turns in enumerate(ranking[:DEPTH], start=1):
        for turn in wanted.intersection(turns):
            found_at.setdefault(turn, rank)
    first = min(found_at.values(), default=None)

    def recall(depth: int) -> float:
        return sum(rank <= depth for rank in found_at.values()) / len(wanted)

    return Quality(
        questions=1,
        recall_at_5=recall(5),
        recall_at_10=recall(10),
        recall_at_25=recall(25),
        hit_at_10=float(first is not None and first <= 10),
        mrr=1 / first if first else 0.0,
    )


def mean(qualities: Collection[Quality]) -> Quality:
    """The plain mean of each measure: of questions it is a micro, of categories a macro average."""
    count = len(qualities)
    return Quality(
        questions=sum(quality.questions for quality in qualities),
        recall_at_5=sum(quality.recall_at_5 for quality in qualities) / count,
        recall_at_10=sum(quality.recall_at_10 for quality in qualities) / count,
        recall_at_25=sum(quality.recall_at_25 for quality in qualities) / count,
        hit_at_10=sum(quality.hit_at_10 for quality in qualities) / count,
        mrr=sum(quality.mrr for quality in qualities) / count,
    )


def quality_report(scored: Sequence[tuple[str, Quality]]) -> QualityReport:
    """Average scored questions, given with their category; there is at least one."""
    by_category: defaultdict[str, list[Quality]] = defaultdict(list)
    for category, quality in scored:
        by_category[category].append(quality)
    categories = {category: mean(by_category[category]) for category in sorted(by_category)}
    is_locomo = categories.keys() == LOCOMO_CATEGORIES
    return QualityReport(
        categories=categories,
        micro=mean([quality for _, quality in scored]),
        macro=mean(categories.values()),
        micro_1_to_4=(
            mean([quality for category, quality in scored if category in LOCOMO_ANSWERABLE])
            if is_locomo
            else None
        ),
    )


def percentiles(values: Sequence[float]) -> Percentiles:
    """p50 and p95, interpolated between neighbours."""
    p50, p95 = np.percentile(values, [50, 95])
    return Percentiles(p50=float(p50), p95=float(p95))


def latency_report(calls: Sequence[Call]) -> LatencyReport:
    """Percentiles of at least one call and of each stage over the calls that report it."""
    by_stage: defaultdict[str, list[float]] = defaultdict(list)
    for recall in calls:
        for stage, ms in recall.took_ms.items():
            by_stage[stage].append(ms)
    call = percentiles([recall.ms for recall in calls])
    stages = {stage: percentiles(values) for stage, values in by_stage.items()}
    without_embed = [
        recall.took_ms["total"] - recall.took_ms["embed"]
        for recall in calls
        if {"total", "embed"} <= recall.took_ms.keys()
    ]
    embed = stages.get("embed")
    return LatencyReport(
        call=call,
        stages=stages,
        total_without_embed_p50=percentiles(without_embed).p50 if without_embed else None,
        call_to_embed=call.p50 / embed.p50 if embed and embed.p50 > 0 else None,
    )


def quality_rows(report: QualityReport) -> dict[str, Quality]:
    """The report's averages under the names they have in a table."""
    rows = {**report.categories, "micro": report.micro, "macro": report.macro}
    if report.micro_1_to_4:
        rows["micro 1-4"] = report.micro_1_to_4
    return rows


def quality_table(rows: Mapping[str, Quality]) -> str:
    """One line per named quality, under a header."""
    width = max(map(len, rows), default=0) + 2
    header = f"{'':<{width}}{'n':>6}{'R@5':>8}{'R@10':>8}{'R@25':>8}{'hit@10':>8}{'MRR':>8}"
    lines = (
        f"{name:<{width}}{row.questions:>6}{row.recall_at_5:>8.3f}{row.recall_at_10:>8.3f}"
        f"{row.recall_at_25:>8.3f}{row.hit_at_10:>8.3f}{row.mrr:>8.3f}"
        for name, row in rows.items()
    )
    return "\n".join((header, *lines))


def latency_table(report: LatencyReport) -> str:
    """One line for the call and one per stage, then the two derived figures."""
    rows = {"whole call": report.call, **report.stages}
    width = max(map(len, rows)) + 2
    lines = [f"{'ms':<{width}}{'p50':>10}{'p95':>10}"]
    lines += [f"{name:<{width}}{row.p50:>10.2f}{row.p95:>10.2f}" for name, row in rows.items()]
    if report.total_without_embed_p50 is not None:
        lines.append(f"median of total - embed: {report.total_without_embed_p50:.2f} ms")
    if report.call_to_embed is not None:
        lines.append(f"p50 of the call / p50 of embed: {report.call_to_embed:.2f}")
    return "\n".join(lines)


def json_line(report: Mapping[str, object]) -> str:
    """The report on a single line, numbers rounded to what can be read from them."""
    return json.dumps(_rounded(report), ensure_ascii=False, allow_nan=False)


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
