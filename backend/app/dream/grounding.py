"""Whether a written sentence says only what its sources say, as far as that can be checked for sure."""

import re
from collections.abc import Iterable, Sequence

from app.language.words import Words

FEWEST_SHARED = 0.5

_WORDS = Words("english")
_LINK = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\S+", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_REPORTING = frozenset(
    _WORDS.terms(
        """user assistant person said say says told tell tells mentioned asked ask wants wanted want plans
        plan planned decided decides decide chose choose explained described shared discussed talked spoke
        learned learnt found suggested suggests recommended proposed offered advised reported noted felt
        feels expressed hopes intends wondered wonders considering considered agreed confirmed remembered
        open question day morning evening"""
    )
)
_NUMBER_WORDS = frozenset(
    [
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "twenty",
        "thirty",
        "forty",
        "fifty",
        "hundred",
        "thousand",
        "million",
    ]
)


def invented(sentence: str, sources: Sequence[str]) -> str | None:
    """What kind of thing the sentence makes up: "link", "number", "name" or "statement"; else None.

    Links, numbers and capitalised words must be in the sources as they are, and of the other words of
    meaning at least half by their stems; words that only report ("mentioned") do not count.
    """
    source = "\n".join(sources)
    if _missing(_LINK.findall(sentence), _LINK.findall(source)):
        return "link"
    if _missing(_numbers(sentence), _numbers(source)):
        return "number"
    if _missing(_names(sentence), _plain(source)):
        return "name"
    said = [term for term in _WORDS.terms(sentence) if term not in _REPORTING]
    borne_out = set(_WORDS.terms(source))
    shared = sum(term in borne_out for term in said)
    return "statement" if not said or shared < FEWEST_SHARED * len(said) else None


def _missing(found: Iterable[str], known: Iterable[str]) -> bool:
    return not set(found) <= set(known)


def _numbers(text: str) -> set[str]:
    words = {word for word in _plain(text) if word in _NUMBER_WORDS}
    return {*_NUMBER.findall(text), *words}


def _names(text: str) -> set[str]:
    """Every capitalised word but stop words and "User" and "Assistant": also one that opens."""
    capitals = (match.group() for match in _TOKEN.finditer(text) if match.group()[0].isupper())
    return {
        _bare(word)
        for word in capitals
        if not _WORDS.is_stop_word(word) and _bare(word) not in {"user", "assistant"}
    }


def _plain(text: str) -> set[str]:
    return {_bare(match.group()) for match in _TOKEN.finditer(text)}


def _bare(word: str) -> str:
    return re.sub(r"['’]s?$", "", word.casefold())
