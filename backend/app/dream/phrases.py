"""Noun phrases, and which of them says best what a few texts are about."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
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


def key_phrases(groups: Sequence[Sequence[str]], words: Words) -> list[str | None]:
    """For each group of texts the noun phrase that most of them share and few of the others; None
    for a group without any.

    Scored as TF-IDF over texts. A longer phrase gains with its length and a name loses, because it
    says who speaks more often than what of. The most usual spelling is given, and ties go to the
    phrase that is said first.
    """
    counted = [_counted(texts, words) for texts in groups]
    everywhere = sum((counts for counts, _ in counted), Counter[Stems]())
    total = sum(map(len, groups))

    def best(counts: Counter[Stems], spellings: Mapping[Stems, Counter[str]]) -> str | None:
        def usual(phrase: Stems) -> str:
            return spellings[phrase].most_common(1)[0][0]

        def score(phrase: Stems) -> float:
            as_name = NAME_AS_LABEL if usual(phrase)[0].isupper() else 1.0
            length = (1 + len(phrase)) / 2 if counts[phrase] > 1 else 1.0
            return as_name * counts[phrase] * log(1 + total / everywhere[phrase]) * length

        phrase = max(counts, key=score, default=None)
        return None if phrase is None else usual(phrase)

    return [best(counts, spellings) for counts, spellings in counted]


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
