"""ROUGE-N (Lin, 2004): how many n-grams of a reference a summary has."""

import re
from collections import Counter

import Stemmer

_WORD = re.compile(r"[a-z0-9]+")
_stem = Stemmer.Stemmer("porter").stemWord


def rouge_recall(summary: str, reference: str, *, n: int) -> float:
    """The share of the reference's n-grams that the summary has, each as often as it has it.

    Words are lower-cased, split at everything but letters and digits, and stemmed (Porter) when they
    have more than three letters, as in Google's ``rouge_score`` with ``use_stemmer=True``.
    """
    wanted = _ngrams(reference, n)
    found = wanted & _ngrams(summary, n)
    return found.total() / wanted.total() if wanted else 0.0


def _ngrams(text: str, n: int) -> Counter[tuple[str, ...]]:
    words = [_stem(word) if len(word) > 3 else word for word in _WORD.findall(text.lower())]
    return Counter(zip(*(words[at:] for at in range(n)), strict=False))
