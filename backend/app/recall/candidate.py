"""What is known about a trace when the last stage ranks it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from app.recall.question import HEADS
from app.storage.candidates import TraceFact
from app.storage.words import Occurrence

Occurrences = Mapping[str, Occurrence]


@dataclass(frozen=True, slots=True)
class AskedTerm:
    """A word of the question and how rare it is in this memory (BM25's IDF)."""

    term: str
    idf: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question says: its ``terms`` that this memory knows, every ``pair`` of words that stand
    side by side in it, and whether it asks for advice."""

    terms: Sequence[AskedTerm] = ()
    pairs: Collection[tuple[str, str]] = ()
    for_advice: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trace in the pool: its ``fact``, the ``heads`` to compare, its ``recent`` cosine where the
    working memory has one, and where the question's words occur in it (``words``) and in its
    neighbours (``words_around``)."""

    fact: TraceFact
    heads: Sequence[str] = HEADS
    recent: float | None = None
    words: Occurrences = field(default_factory=dict)
    words_around: Mapping[UUID, Occurrences] = field(default_factory=dict)

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

    def says(self, term: str) -> bool:
        """Whether the trace itself has the word."""
        return term in self.words

    def hears(self, term: str, neighbour: UUID | None) -> bool:
        """Whether a neighbour in the conversation has the word."""
        return neighbour is not None and term in self.words_around.get(neighbour, ())

    def says_in_a_row(self, first: str, second: str) -> bool:
        """Whether two words stand side by side in the trace, as they do in the question."""
        if first not in self.words or second not in self.words:
            return False
        following = self.words[second].positions
        return any(position + 1 in following for position in self.words[first].positions)
