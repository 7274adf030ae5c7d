"""Notes that the memory does not hold, found by their own words.

They were saved while recording was paused, or what the memory had of them was forgotten. There are few,
so each is read. Pure.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.language.words import Words
from app.models import Note
from app.recall.search_pipeline import TITLE, WEIGHTS
from app.recall.spelling import MOST_WORDS, SHORTEST_BEGINNING, Reading

# What a trace can reach by its words alone, when it says all of them side by side.
BY_WORDS = WEIGHTS["lexical"] + WEIGHTS["phrase"]
OF_A_STRANGER = 1.0  # what a word weighs that the memory does not know, where it knows none


@dataclass(frozen=True, slots=True)
class UntracedNote:
    """A note with its ``score``, 0 to 1 as that of a trace, and the terms that were found in it, with
    what each weighs."""

    note: Note
    score: float
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A word that is looked for: the terms that it may stand for, how they may begin, its weight."""

    terms: frozenset[str]
    beginnings: tuple[str, ...]
    weight: float

    def among(self, terms: Collection[str]) -> set[str]:
        return {
            term
            for term in terms
            if term in self.terms or (self.beginnings and term.startswith(self.beginnings))
        }


def matching(
    notes: Sequence[Note], text: str, reading: Reading, *, words: Words
) -> list[UntracedNote]:
    """The notes that say any of the words, in their order. ``reading`` is how the memory understands the
    words; one that it does not know counts as it was typed."""
    wanted = _wanted(text, reading, words)
    total = sum(word.weight for word in wanted)
    found: list[UntracedNote] = []
    for note in notes:
        in_title = set(words.terms(note.title))
        said = in_title.union(words.terms(note.content))
        weights = {term: word.weight for word in wanted for term in word.among(said)}
        if weights:
            all_said = sum(word.weight for word in wanted if word.among(said)) / total
            titled = sum(word.weight for word in wanted if word.among(in_title)) / total
            score = (1 - TITLE) * BY_WORDS * all_said + TITLE * titled
            found.append(UntracedNote(note, score, weights))
    return found


def _wanted(text: str, reading: Reading, words: Words) -> list[_Wanted]:
    known = {word.typed: word for word in reading.words}
    rarest = max((word.idf for word in reading.words), default=OF_A_STRANGER)
    found: list[_Wanted] = []
    for begin, end, term in list(words.spans(text))[:MOST_WORDS]:
        typed = text[begin:end]
        word = known.get(typed)
        is_open = end == len(text) and len(typed) >= SHORTEST_BEGINNING
        found.append(
            _Wanted(
                frozenset({term, *(word.shares if word else ())}),
                (typed.casefold(), term) if is_open else (),
                word.idf if word else rarest,
            )
        )
    return found
