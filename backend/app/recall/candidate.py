"""What is known about a trace when the last stage ranks it."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.recall.question import HEADS
from app.storage.candidates import TraceFact


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trace in the pool: its ``fact``, the ``heads`` to compare, its ``recent`` cosine where the
    working memory has one, and by its ``answer_type`` how much (0 to 1) it may hold the answer."""

    fact: TraceFact
    heads: Sequence[str] = HEADS
    recent: float | None = None
    answer_type: float = 0.0

    def similarity(self, head: str) -> float:
        """The cosine of one head, 0 where it is not asked for or points away from the question.

        The working memory's stands in for a semantic vector that no index holds, and the semantic
        one for a head that is still to be embedded: what was said just now is not at a disadvantage.
        """
        if head not in self.heads:
            return 0.0
        semantic = self.recent if self.fact.semantic is None else self.fact.semantic
        found: float | None = getattr(self.fact, head)
        return max(0.0, (semantic if found is None else found) or 0.0)

    def best_head(self) -> str:
        """The head that is nearest to the question; the first asked for when none is known."""
        return max(self.heads, key=self.similarity)
