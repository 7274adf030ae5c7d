"""Noun phrases, and which of them says best what a few texts are about."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from math import log

from app.dream.sentences import split
from app.language.words import Words, word_list

LONGEST = 3
NAME_AS_LABEL = 0.3

Stems = tuple[str, ...]

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]")
_OPENERS = frozenset(
    {"a", "an", "the", "my", "our", "your", "his", "her", "their", "this", "that", "these", "those"}
    | {"some", "any", "another", "no", "each", "every", "first"}
    | {"of", "for", "in", "at", "on", "with", "from", "about"}
)
_PLAIN = word_list("plain_words", "english")
_NO_HEAD = re.compile(r"(?:ed|ly|n't|ful|ous|ive|able|less|ish)$")
_NO_MODIFIER = re.compile(r"(?:ly|n't|ed)$")


def noun_phrases(text: str, words: Words) -> Iterator[str]:
    """Runs of 1 to ``LONGEST`` words that stand like a noun, as they are written.

    Like a noun is: behind an article, a possessive or a preposition, and up to the next stop word or
    punctuation. Words that could be said of anything are taken off the front ("my new guest room" ->
    "guest room"), and make no phrase anywhere else.
    """
    for sentence in split(text):
        opened = False
        run: list[str] = []
        for token in [*_TOKEN.findall(sentence), "."]:
            if token[0].isalnum() and not words.is_stop_word(token):
                run.append(token)
                continue
            if opened:
                yield from _phrase(run)
            opened = token.casefold() in _OPENERS
            run = []


def key_phrase(texts: Sequence[str], others: Sequence[str], words: Words) -> str | None:
    """The noun phrase that most of ``texts`` share and few of ``others``; None without any.

    Scored as TF-IDF over texts. A longer phrase gains with its length and a name loses, because it
    says who speaks more often than what of. The most usual spelling is given, and ties go to the
    phrase that is said first.
    """
    inside, spellings = _counted(texts, words)
    outside, _ = _counted(others, words)
    total = len(texts) + len(others)

    def usual(phrase: Stems) -> str:
        return spellings[phrase].most_common(1)[0][0]

    def score(phrase: Stems) -> float:
        everywhere = inside[phrase] + outside[phrase]
        as_name = NAME_AS_LABEL if usual(phrase)[0].isupper() else 1.0
        length = (1 + len(phrase)) / 2 if inside[phrase] > 1 else 1.0
        return as_name * inside[phrase] * log(1 + total / everywhere) * length

    best = max(inside, key=score, default=None)
    return None if best is None else usual(best)


def _counted(
    texts: Collection[str], words: Words
) -> tuple[Counter[Stems], defaultdict[Stems, Counter[str]]]:
    """In how many texts each phrase occurs, and how it is written there."""
    counts: Counter[Stems] = Counter()
    spellings: defaultdict[Stems, Counter[str]] = defaultdict(Counter)
    for text in texts:
        here = {
            tuple(words.terms(part)): part
            for phrase in noun_phrases(text, words)
            for part in _parts(phrase)
        }
        here.pop((), None)
        counts.update(here.keys())
        for stems, written in here.items():
            spellings[stems][written] += 1
    return counts, spellings


def _parts(phrase: str) -> Iterator[str]:
    """A phrase, and the shorter ones in it: "choir" in "choir director"."""
    written = phrase.split()
    for size in range(1, len(written) + 1):
        yield from (" ".join(written[at : at + size]) for at in range(len(written) - size + 1))


def _phrase(run: Sequence[str]) -> Iterator[str]:
    rest = list(run)
    while rest and rest[0].casefold() in _PLAIN:
        rest.pop(0)
    if not 1 <= len(rest) <= LONGEST or len(rest[-1]) < 3 or rest[-1].isdigit():
        return
    plain = any(word.casefold() in _PLAIN for word in rest)
    modified = any(_NO_MODIFIER.search(word) for word in rest[:-1])
    if not plain and not modified and not _NO_HEAD.search(rest[-1]):
        yield " ".join(rest)
