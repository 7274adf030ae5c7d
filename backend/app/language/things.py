"""The names and things a text is about, as the ``entity`` head embeds them."""

import re
from collections.abc import Iterator

from app.language.words import Words

MAX_THINGS = 24

_QUOTED = re.compile(r"[\"“]([^\"“”\n]{2,60})[\"”]")
_NUMBER = re.compile(r"\b\d[\d.,:/-]*(?:\s?(?:%|[A-Za-z]+))?")
_PHRASE_BREAK = re.compile(r"[.,;:!?()\[\]{}\"“”\n]+|\s-\s")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
LOOK_AHEAD = 2_000


def things_in(text: str, words: Words) -> list[str]:
    """Names, quoted titles, numbers with their unit, and key phrases; each once, in this order.

    A key phrase is the longest run of words without a stop word in it, which is the candidate rule
    of RAKE (Rose et al., 2010). At most ``MAX_THINGS`` are given.
    """
    found: dict[str, str] = {}
    for thing in (*names_in(text, words), *_quoted(text), *_numbers(text), *_phrases(text, words)):
        found.setdefault(thing.casefold(), thing)
    return list(found.values())[:MAX_THINGS]


def _quoted(text: str) -> Iterator[str]:
    return (match.group(1).strip() for match in _QUOTED.finditer(text))


def _numbers(text: str) -> Iterator[str]:
    return (match.group().rstrip(".,:/-") for match in _NUMBER.finditer(text))


def names_in(text: str, words: Words) -> Iterator[str]:
    """Runs of capitalised words; one that only opens a sentence has to prove itself."""
    run: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        word = match.group()
        touches = text[end : match.start()] in (" ", "")
        if run and not (touches and word[0].isupper()):
            yield " ".join(run)
            run = []
        if word[0].isupper() and not words.is_stop_word(word):
            opens = not run and _opens_sentence(text, match.start())
            if run or not opens or _is_surely_a_name(word, text, match.end(), words):
                run.append(word)
        end = match.end()
    if run:
        yield " ".join(run)


def _opens_sentence(text: str, start: int) -> bool:
    """Whether a word stands at the beginning of the text, of a sentence or of a line."""
    before = text[max(0, start - 8) : start]
    said = before.rstrip()
    return not said or "\n" in before[len(said) :] or said[-1] in ".!?:"


def _is_surely_a_name(word: str, text: str, end: int, words: Words) -> bool:
    """A capital at the start of a sentence proves little: all capitals, another capital right
    behind it, or the same word capitalised in mid-sentence does."""
    following = _WORD.match(text, end + 1) if text[end : end + 1] == " " else None
    continues = (
        following is not None
        and following.group()[0].isupper()
        and not words.is_stop_word(following.group())
    )
    return (
        (word.isupper() and len(word) > 1)
        or continues
        or f" {word}" in text[end : end + LOOK_AHEAD]
    )


def _phrases(text: str, words: Words) -> Iterator[str]:
    phrases: list[list[str]] = []
    for clause in _PHRASE_BREAK.split(text):
        run: list[str] = []
        for word in _WORD.findall(clause):
            if words.is_stop_word(word):
                phrases.append(run)
                run = []
            else:
                run.append(word)
        phrases.append(run)
    keyed = (phrase for phrase in phrases if phrase and len(" ".join(phrase)) > 2)
    return (" ".join(phrase[:5]) for phrase in sorted(keyed, key=len, reverse=True))
