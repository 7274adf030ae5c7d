"""Names in what people write: which capitalised words are names, and of what kind of thing."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from app.dream.kinds import kind_votes
from app.dream.material import DayTrace
from app.dream.sentences import split
from app.language.words import Words, word_list

MOST_NAME_WORDS = 5
SHOUTING = 0.6  # a line with this share of capitalised words is a heading, or shouted

_WORD = re.compile(r"[^\W_]+(?:[’'-][^\W_]+)*\.?(?<=\w)|&")
_POSSESSIVE = re.compile(r"['’]s?$")
_JOINS = frozenset(
    {"of", "de", "da", "do", "di", "del", "van", "von", "der", "la", "le", "&", "the"}
)
_NO_NAMES = word_list("no_names", "english")
_VERB_FORM = re.compile(r"(?:ed|ing)$")


@dataclass(frozen=True, slots=True)
class Name:
    """One occurrence of a name. ``votes`` are the kinds that the words around it speak for."""

    text: str
    trace_id: UUID
    votes: tuple[str, ...]


@dataclass(slots=True)
class _Seen:
    """How a day writes a word: small, capitalised inside a sentence, capitalised anywhere."""

    small: Counter[str] = field(default_factory=Counter)
    inside: Counter[str] = field(default_factory=Counter)
    capitals: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int
    opens: bool


def names_of(traces: Iterable[DayTrace], words: Words) -> list[Name]:
    """Every occurrence of a name that surely is one, in order.

    A capital at the opening of a sentence proves nothing: the word must be written so inside a
    sentence too, and not be written small more often. Weekdays, months, greetings, languages and
    headings are no names.
    """
    read = [
        (trace, sentence, tokens)
        for trace in traces
        for sentence in split(trace.content)
        if not _is_heading(tokens := _tokens(sentence))
    ]
    seen = _look(tokens for _, _, tokens in read)
    return [
        Name(text, trace.trace_id, kind_votes(sentence, start, end, name=text))
        for trace, sentence, tokens in read
        for text, start, end in _runs(sentence, tokens, seen, words)
    ]


def _tokens(sentence: str) -> list[_Token]:
    tokens: list[_Token] = []
    for match in _WORD.finditer(sentence):
        text = _POSSESSIVE.sub("", match.group())
        before = sentence[: match.start()].rstrip(" \"“'‘(*")
        opens = not before or before[-1] in ".!?:…—–-;" or "\n" in before[-1:]
        tokens.append(_Token(text, match.start(), match.start() + len(text), opens))
    return tokens


def _is_heading(tokens: Sequence[_Token]) -> bool:
    capitals = sum(_is_capital(token.text) for token in tokens)
    return len(tokens) > 3 and capitals / len(tokens) >= SHOUTING


def _is_capital(word: str) -> bool:
    return word[:1].isupper()


def _look(sentences: Iterable[Sequence[_Token]]) -> _Seen:
    seen = _Seen()
    for tokens in sentences:
        for token in tokens:
            word = token.text.casefold()
            if not _is_capital(token.text):
                seen.small[word] += 1
                continue
            seen.capitals[word] += 1
            seen.inside[word] += not token.opens
    return seen


def _runs(
    sentence: str, tokens: Sequence[_Token], seen: _Seen, words: Words
) -> Iterator[tuple[str, int, int]]:
    """Names in one sentence, with where they begin and end."""
    run: list[_Token] = []
    for at, token in enumerate(tokens):
        if _can_be_name(token, seen, words):
            if run and not _touch(sentence, run[-1], token):
                yield from _named(run, seen, sentence)
                run = []
            run.append(token)
        elif run and _joins(sentence, tokens, at, seen, words):
            run.append(token)
        elif run:
            yield from _named(run, seen, sentence)
            run = []
    yield from _named(run, seen, sentence)


def _can_be_name(token: _Token, seen: _Seen, words: Words) -> bool:
    word = token.text
    if not _is_capital(word) or words.is_stop_word(word) or word.casefold() in _NO_NAMES:
        return False
    if token.opens and not seen.inside[word.casefold()]:
        return False
    return seen.small[word.casefold()] * 2 <= seen.inside[word.casefold()]


def _touch(sentence: str, left: _Token, right: _Token) -> bool:
    return sentence[left.end : right.start] in {" ", ". ", "-"}


def _joins(sentence: str, tokens: Sequence[_Token], at: int, seen: _Seen, words: Words) -> bool:
    """``Museum of Modern Art``: a small word inside a name, with a capital on either side."""
    following = tokens[at + 1 : at + 2]
    return (
        tokens[at].text in _JOINS
        and bool(following)
        and _can_be_name(following[0], seen, words)
        and _touch(sentence, tokens[at - 1], tokens[at])
        and _touch(sentence, tokens[at], following[0])
    )


def _named(run: Sequence[_Token], seen: _Seen, sentence: str) -> Iterator[tuple[str, int, int]]:
    if not run or len(run) > MOST_NAME_WORDS:
        return
    if run[0].opens and len(run) > 1 and _VERB_FORM.search(run[0].text):
        run = run[1:]
    text = sentence[run[0].start : run[-1].end]
    is_short = len(text) < 2 or text.isdigit()
    if not is_short and not (len(run) == 1 and _is_doubtful(run[0].text, seen)):
        yield text, run[0].start, run[-1].end


def _is_doubtful(word: str, seen: _Seen) -> bool:
    """A single word all in capitals may be shouted: it is a name when it comes again."""
    return word.isupper() and seen.capitals[word.casefold()] < 2
