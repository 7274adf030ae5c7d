"""What says the same again: copies of a result, and summaries of results."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from app.recall.stage4_rerank import Ranked


@dataclass(frozen=True, slots=True)
class Result:
    """The best of its copies, and the others' ids in the order of their scores."""

    best: Ranked
    copies: tuple[UUID, ...]


def collapse(ranked: Iterable[Ranked], *, k: int) -> list[Result]:
    """The first ``k`` that are no copies of a better one: same role, same words in the same order."""
    found: dict[tuple[str, int], tuple[Ranked, list[UUID]]] = {}
    for item in ranked:
        fact = item.candidate.fact
        saying = (fact.role, fact.wording)
        if saying in found:
            found[saying][1].append(fact.trace_id)
        elif len(found) < k:
            found[saying] = (item, [])
    return [Result(best, tuple(copies)) for best, copies in found.values()]


def summaries_and_details(results: Iterable[Result]) -> tuple[list[UUID], list[UUID]]:
    """The summaries among the results, and the others."""
    facts = [result.best.candidate.fact for result in results]
    summaries = [fact.trace_id for fact in facts if fact.role == "summary"]
    return summaries, [fact.trace_id for fact in facts if fact.role != "summary"]
