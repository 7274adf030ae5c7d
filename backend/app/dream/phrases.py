"""Key phrases: what a few texts speak of, in one to three words."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from math import log

from app.language.words import Words

LONGEST = 3
MOST_WORDS_READ = 5_000

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_BREAK = re.compile(r"[.,;:!?()\[\]{}\"“”*#|\n]+|\s[-–—]\s")

Phrase = tuple[str, ...]


def phrases_in(text: str, words: Words) -> Iterator[tuple[Phrase, str]]:
    """Every run of 1 to ``LONGEST`` words without a stop word in it, as stems and as written.

    The candidate rule is RAKE's (Rose et al., 2010).
    """
    for clause in _BREAK.split(text):
        run: list[str] = []
        for word in [*_WORD.findall(clause)[:MOST_WORDS_READ], ""]:
            if word and not words.is_stop_word(word):
                run.append(word)
                continue
            yield from _parts(run, words)
            run = []


def _parts(run: Sequence[str], words: Words) -> Iterator[tuple[Phrase, str]]:
    for size in range(1, LONGEST + 1):
        for start in range(len(run) - size + 1):
            written = " ".join(run[start : start + size])
            if stems := tuple(words.terms(written)):
                yield stems, written


def key_phrase(texts: Sequence[str], others: Sequence[str], words: Words) -> str | None:
    """The phrase that most of ``texts`` share and few of ``others``; None without any.

    Scored as TF-IDF over texts, a longer phrase gaining with its length; the most usual spelling
    is given, and ties go to the phrase that is said first.
    """
    inside, spellings = _counted(texts, words)
    outside, _ = _counted(others, words)
    total = len(texts) + len(others)

    def score(phrase: Phrase) -> float:
        everywhere = inside[phrase] + outside[phrase]
        return inside[phrase] * log(1 + total / everywhere) * (1 + 0.5 * (len(phrase) - 1))

    best = max(filter(_can_stand_alone, inside), key=score, default=None)
    return None if best is None else spellings[best].most_common(1)[0][0]


def _counted(
    texts: Collection[str], words: Words
) -> tuple[Counter[Phrase], defaultdict[Phrase, Counter[str]]]:
    """In how many texts each phrase occurs, and how it is written there."""
    counts: Counter[Phrase] = Counter()
    spellings: defaultdict[Phrase, Counter[str]] = defaultdict(Counter)
    for text in texts:
        here = dict(phrases_in(text, words))
        counts.update(here.keys())
        for stems, written in here.items():
            spellings[stems][written] += 1
    return counts, spellings


def _can_stand_alone(phrase: Phrase) -> bool:
    return len(phrase) > 1 or (len(phrase[0]) > 2 and not phrase[0].isdigit())
