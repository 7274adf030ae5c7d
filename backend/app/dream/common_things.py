"""Things without a name: the noun phrases that a day comes back to, "guest room" for example."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.dream.material import DayTrace
from app.dream.sentences import split
from app.language.words import Words, word_list

FEWEST_TRACES = 2
LONGEST = 3

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]")
_OPENER = frozenset(
    ["a", "an", "the", "my", "our", "your", "his", "her", "their", "this", "that", "these", "those", "some", "any", "another", "of", "for", "in", "at", "on", "to", "with", "from", "about", "and", "or", "no", "each", "every", "first"]
)
_PLAIN = word_list("plain_words", "english")
_NO_HEAD = re.compile(r"(?:ed|ly|ing|er|est|n't|ful|ous|ive|able|less|ish)$")
_NO_MODIFIER = re.compile(r"(?:ly|n't|ed)$")


@dataclass(frozen=True, slots=True)
class CommonThing:
    """A phrase as it is mostly written, and the traces that speak of it."""

    text: str
    stems: tuple[str, ...]
    traces: tuple[UUID, ...]


def common_things(traces: Sequence[DayTrace], words: Words) -> list[CommonThing]:
    """Phrases of two or three words that stand like nouns in ``FEWEST_TRACES`` traces or more.

    Like a noun is: behind an article, a possessive or a preposition, and up to the next stop word or
    punctuation. Words that could be said of anything ("great time") make no phrase.
    """
    spellings: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    speaking: defaultdict[tuple[str, ...], dict[UUID, None]] = defaultdict(dict)
    for trace in traces:
        for sentence in split(trace.content):
            for written in _noun_phrases(sentence, words):
                stems = tuple(words.terms(written))
                spellings[stems][written] += 1
                speaking[stems][trace.trace_id] = None
    return [
        CommonThing(spellings[stems].most_common(1)[0][0], stems, tuple(ids))
        for stems, ids in speaking.items()
        if len(ids) >= FEWEST_TRACES and len(stems) > 1
    ]


def _noun_phrases(sentence: str, words: Words) -> Iterator[str]:
    opened = False
    run: list[str] = []
    for token in [*_TOKEN.findall(sentence), "."]:
        if token[0].isalnum() and not words.is_stop_word(token):
            run.append(token)
            continue
        if opened:
            yield from _phrase(run)
        opened = token.casefold() in _OPENER
        run = []


def _phrase(run: Sequence[str]) -> Iterator[str]:
    """The run without the plain adjectives before it, if what is left stands like a noun."""
    rest = list(run)
    while rest and rest[0].casefold() in _PLAIN:
        rest.pop(0)
    if not 2 <= len(rest) <= LONGEST:
        return
    plain = any(word.casefold() in _PLAIN or not word.islower() for word in rest)
    modified = any(_NO_MODIFIER.search(word) for word in rest[:-1])
    if not plain and not modified and not _NO_HEAD.search(rest[-1]):
        yield " ".join(rest)
