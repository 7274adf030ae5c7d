"""What is known about a trace when the last stage ranks it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.storage.candidates import TraceFact


@dataclass(frozen=True, slots=True)
class AskedTerm:
    """A word of the question and how rare it is in this memory (BM25's IDF)."""

    term: str
    idf: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trace in the pool: its ``fact``, its ``recent`` cosine where the working memory has one, and
    ``frequencies``, how often each word of the question occurs in it."""

    fact: TraceFact
    recent: float | None = None
    frequencies: Mapping[str, int] = field(default_factory=dict)

    def similarity(self, head: str) -> float:
        """The cosine of one head, 0 where there is no vector or it points away from the question.

        The working memory's stands in for a semantic vector that no index holds.
        """
        found: float | None = getattr(self.fact, head)
        if found is None and head == "semantic":
            found = self.recent
        return max(0.0, found or 0.0)

    def best_head(self, heads: Sequence[str]) -> str:
        """The head that is nearest to the question; the first asked for when none is known."""
        return max(heads, key=self.similarity)
