"""Words as the lexical channel counts them: lower-cased, without stop words, stemmed by language.

Names, numbers, code and scripts without spaces still match: a number keeps its separators, an
identifier is split at its underscores, and ideographs are taken in overlapping pairs.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import Stemmer
import stop_words

from app.errors import StartupError

MAX_TERM_LENGTH = 64

# Vowel signs and accents of their own are no \w, and belong to the word all the same.
_MARK = (
    "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e\u0eb1-\u0ecd"
)
_LETTERS = rf"[^\W_](?:[^\W_]|[{_MARK}])*"
_TOKEN = re.compile(rf"\d+(?:[.,:/-]\d+)+|{_LETTERS}(?:['’]{_LETTERS})*")
_WORD = re.compile(rf"{_LETTERS}(?:['’-]{_LETTERS})*")
_CONTRACTION = re.compile(r"'(?:s|t|d|m|re|ve|ll)$")
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f]+")


class Words:
    """Turns text into terms in one language.

    Args:
        language: a Snowball language name, ``english`` for example. Words of a language that has no
            list of stop words are all kept.

    Raises:
        StartupError: Snowball does not know the language.
    """

    def __init__(self, language: str) -> None:
        if language not in Stemmer.algorithms():
            known = ", ".join(sorted(Stemmer.algorithms()))
            raise StartupError(f"MEMORY_LANGUAGE={language} is unknown; choose one of: {known}")
        self._stem: Callable[[str], str] = Stemmer.Stemmer(language).stemWord
        self._term = lru_cache(maxsize=50_000)(self._term_of)
        self._stop_words = _stop_words(language)
        self._asking = frozenset(map(self._stem, word_list("asking_words", language)))

    def is_stop_word(self, word: str) -> bool:
        """Whether a word carries no meaning of its own."""
        word = word.casefold().replace("’", "'")
        return word in self._stop_words or _CONTRACTION.sub("", word) in self._stop_words

    def terms(self, text: str) -> list[str]:
        """The terms of ``text``, in order."""
        return list(self._terms(text))

    def spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where each term of ``text`` stands: its first character, the one after its last, the term."""
        for match in _TOKEN.finditer(text):
            token, begin = match.group(), match.start()
            if token.isascii():
                if term := self._term(token.casefold()):
                    yield begin, match.end(), term
            elif _IDEOGRAPHS.search(token) and len(token) > 1:
                for at in range(len(token) - 1):
                    yield begin + at, begin + at + 2, token[at : at + 2].casefold()
            else:
                for term in self._terms(token):
                    yield begin, match.end(), term

    def asked(self, question: str) -> list[str]:
        """The terms that a question is about, in order: words that only ask, such as "tell" or
        "mention", are left out unless there are no others."""
        terms = self.terms(question)
        return [term for term in terms if term not in self._asking] or terms

    def gist(self, question: str) -> str:
        """The question without its stop words and asking words, or as it is if nothing is left."""
        words = (match.group() for match in _WORD.finditer(question))
        kept = [
            word
            for word in words
            if not self.is_stop_word(word) and self._stem(word.casefold()) not in self._asking
        ]
        return " ".join(kept) or question

    def _terms(self, text: str) -> Iterator[str]:
        for match in _TOKEN.finditer(unicodedata.normalize("NFKC", text).casefold()):
            token = match.group()
            if not token.isascii() and _IDEOGRAPHS.search(token):
                yield from _pairs(token)
            elif term := self._term(token):
                yield term

    def _term_of(self, token: str) -> str | None:
        """The term of a case-folded token, or None for a stop word."""
        if self.is_stop_word(token):
            return None
        return self._stem(_CONTRACTION.sub("", token.replace("’", "'")))[:MAX_TERM_LENGTH]


def _pairs(token: str) -> Iterator[str]:
    """``東京都`` -> ``東京``, ``京都``: scripts without spaces are indexed by overlapping pairs."""
    if len(token) == 1:
        yield token
    yield from (token[at : at + 2] for at in range(len(token) - 1))


@lru_cache
def word_list(name: str, language: str) -> frozenset[str]:
    """A list of words that we keep ourselves; empty for a language that has none."""
    path = Path(__file__).parent / f"{name}_{language}.txt"
    return frozenset(path.read_text().split() if path.exists() else ())


def _stop_words(language: str) -> frozenset[str]:
    """Our own list of English function words, because the common ones hold "fire", "bill" and
    "system" as well; the stop-words library's for other languages."""
    if own := word_list("stop_words", language):
        return own
    try:
        listed = stop_words.get_stop_words(language)
    except stop_words.StopWordError:
        return frozenset()
    return frozenset(word.casefold() for word in listed)
