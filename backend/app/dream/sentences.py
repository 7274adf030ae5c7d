"""A text as whole sentences, without the markup and the small talk around them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.dream.material import DayTrace
from app.language.words import Words

LONGEST_ABBREVIATION = 8
MOST_WORDS = 60  # a longer "sentence" is a list or code without full stops

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_MARKUP = re.compile(r"^\s*(?:[-*+•>]\s+|#{1,6}\s+|\d{1,3}[.)]\s+|\|)")
_EMPHASIS = re.compile(r"(?<!\w)(\*{1,3}|_{2,3}|`)(?=\S)([^*`]{1,200}?)(?<=\S)\1(?!\w)")
_END = re.compile(r"(?<=[.!?…。！？])[\"”’')\]]*(?:\s+|(?<=[。！？]))")
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|st|jr|sr|vs|no|approx|avg|dept|est|inc|ltd|co|e\.g|i\.e|[a-z])\.)$",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a trace.

    Attributes:
        position: its place among all sentences of the day, from 0.
        terms: its words as the lexical channel counts them, without stop words.
        length: words, stop words included.
    """

    trace: DayTrace
    position: int
    text: str
    terms: tuple[str, ...]
    length: int


def sentences_of(traces: Sequence[DayTrace], words: Words) -> list[Sentence]:
    """All sentences that say something, in the order of the traces; repeats only once.

    What ends in a colon only announces what follows.
    """
    found: list[Sentence] = []
    seen: set[str] = set()
    for trace in traces:
        for text in split(trace.content):
            wording = text.casefold()
            terms = tuple(words.terms(text))
            if wording in seen or not terms or text.endswith(":"):
                continue
            seen.add(wording)
            found.append(Sentence(trace, len(found), text, terms, word_count(text)))
    return found


def split(text: str) -> Iterator[str]:
    """Whole sentences, spaces made single; code, tables' bars and list marks are left out."""
    for line in _FENCE.sub("\n", text).splitlines():
        plain = _EMPHASIS.sub(r"\2", _MARKUP.sub("", line)).strip()
        yield from (
            sentence for sentence in _sentences(plain) if word_count(sentence) <= MOST_WORDS
        )


def word_count(text: str) -> int:
    """Words between spaces."""
    return len(text.split())


def _sentences(line: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(line):
        word = line[max(start, end.start() - LONGEST_ABBREVIATION) : end.start()]
        if _ABBREVIATION.search(word):
            continue
        yield from _clean(line[start : end.end()])
        start = end.end()
    yield from _clean(line[start:])


def _clean(sentence: str) -> Iterator[str]:
    if any(letter.isalnum() for letter in sentence):
        yield _SPACE.sub(" ", sentence).strip()
