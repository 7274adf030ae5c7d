"""How the words of a search are read: finished while they are typed, and put right when misspelt.

Both look into the person's own vocabulary alone. A word that it knows is taken as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.language.words import Words
from app.recall import bm25
from app.recall.said import Asked, AskedTerm, Said
from app.storage.traces import Usage
from app.storage.words import WordIndex

MOST_WORDS = 32
MOST_COMPLETIONS = 10
SHARE_OF_COMPLETION = 0.5  # beside the word itself; alone, what is typed can only be a beginning
SHORTEST_BEGINNING = 2
POSTINGS_BUDGET = 10_000


@dataclass(frozen=True, slots=True)
class SearchWord:
    """A word as it was ``typed``, how much each of the terms counts that it stands for (``shares``), in
    how many traces each occurs, and how rare they are together (IDF)."""

    typed: str
    shares: Mapping[str, float]
    traces: Mapping[str, int]
    idf: float


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a search that this memory knows, in their order, and what was ``corrected`` to which
    term."""

    words: Sequence[SearchWord]
    corrected: Mapping[str, str]

    def terms(self) -> list[str]:
        """Every term that is looked for, word by word."""
        return [term for word in self.words for term in word.shares]

    def idfs(self) -> dict[str, float]:
        """What each term counts in the word index. Terms in so many traces that reading them would be
        slow are left out, as long as rarer ones remain; they count in the ranking all the same."""
        found: dict[str, float] = {}
        budget = POSTINGS_BUDGET
        rarest = sorted(
            (traces, word.idf * word.shares[term], term)
            for word in self.words
            for term, traces in word.traces.items()
        )
        for traces, idf, term in rarest:
            if found and traces > budget:
                break
            budget -= traces
            found[term] = idf
        return found

    def asked(self) -> Asked:
        """As ranking takes it: one term a word, and the words side by side as pairs."""
        firsts = [next(iter(word.shares)) for word in self.words]
        return Asked(
            [AskedTerm(word.typed, word.idf) for word in self.words],
            frozenset(pairwise(firsts)),
        )

    def together(self, each: Said) -> Said:
        """What traces say of each term, added up word by word."""
        columns: list[np.ndarray] = []
        at = 0
        for word in self.words:
            shares = np.array(list(word.shares.values()))
            columns.append(each.frequencies[:, at : at + len(shares)] @ shares)
            at += len(shares)
        frequencies = np.stack(columns, axis=1) if columns else each.frequencies[:, :0]
        return Said(each.rows, frequencies, each.share_in_a_row)

    def share_in(self, terms: Sequence[str]) -> float:
        """Which share of the words, weighed by rarity, is among these terms."""
        total = sum(word.idf for word in self.words)
        if not total:
            return 0.0
        said = set(terms)
        return sum(word.idf for word in self.words if said.intersection(word.shares)) / total


async def read(index: WordIndex, words: Words, user_id: UUID, text: str) -> tuple[Usage, Reading]:
    """What a search says to this memory. The word at its very end may be
    unfinished."""
    typed = [(text[begin:end], term, end) for begin, end, term in words.spans(text)][:MOST_WORDS]
    usage, counts = await index.counts(user_id, {term for _, term, _ in typed})
    found: dict[str, SearchWord] = {}
    corrected: dict[str, str] = {}
    for word, term, end in typed:
        is_open = end == len(text)
        said = {term: counts[term]} if term in counts else {}
        finished = await _finished(index, user_id, word, term) if is_open else {}
        meant = None if said or finished else await _meant(index, user_id, term)
        if meant is not None:
            corrected[word] = meant[0]
            said = {meant[0]: meant[1]}
        if said or finished:
            found.setdefault(term, _search_word(word, said, finished, usage=usage))
    return usage, Reading(list(found.values()), corrected)


async def _finished(index: WordIndex, user_id: UUID, word: str, term: str) -> Mapping[str, int]:
    """The words that begin like this one, without itself."""
    if len(word) < SHORTEST_BEGINNING:
        return {}
    found = await index.beginning(user_id, word.casefold(), stem=term, most=MOST_COMPLETIONS)
    return {other: traces for other, traces in found.items() if other != term}


async def _meant(index: WordIndex, user_id: UUID, term: str) -> tuple[str, int] | None:
    """The known word that an unknown one is a slip away from: a letter too many, one too few, another,
    or two that changed places (optimal string alignment); of equals the one in most traces."""
    edits = 0 if len(term) < 4 or not term.isalpha() else 1 if len(term) < 8 else 2
    if not edits:
        return None
    known = await index.like(user_id, term, edits=edits, pieces=pieces(term, edits + 1))
    near = process.extract(term, list(known), scorer=OSA.distance, score_cutoff=edits, limit=None)
    if not near:
        return None
    best = min(near, key=lambda item: (item[1], -known[item[0]], item[0]))[0]
    return best, known[best]


def pieces(term: str, count: int) -> list[str]:
    """``count`` pieces of a term with a letter between them. A slip touches one of them at most, also
    where two letters change places, so that of fewer slips than pieces one piece is left whole."""
    size, longer = divmod(len(term) - (count - 1), count)
    found: list[str] = []
    at = 0
    for number in range(count):
        end = at + size + (number < longer)
        found.append(term[at:end])
        at = end + 1
    return found


def _search_word(
    typed: str, said: Mapping[str, int], finished: Mapping[str, int], *, usage: Usage
) -> SearchWord:
    share = SHARE_OF_COMPLETION if said else 1.0
    counted = said or finished
    return SearchWord(
        typed,
        shares={**dict.fromkeys(said, 1.0), **dict.fromkeys(finished, share)},
        traces={**said, **finished},
        idf=bm25.idf(sum(counted.values()), usage.traces),
    )
