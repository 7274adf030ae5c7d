"""Names in what people write: which capitalised words are names, and of what kind of thing."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from app.dream.kinds import kind_votes
from app.dream.material import DayTrace
from app.dream.sentences import split
from app.language.entity_kinds import THING
from app.language.words import Words, word_list

MOST_NAME_WORDS = 5
SHOUTING = 0.7  # a line with this share of capitalised words is a heading, or shouted

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|&")
_POSSESSIVE = re.compile(r"['’]s?$")
_TITLE = re.compile(r"[\"“]([A-Z0-9][\w '’&,-]{1,60}\w)[\"”]")
_JOINS = frozenset(
    {"of", "de", "da", "do", "di", "del", "van", "von", "der", "la", "le", "&", "the"}
)
_BEFORE_A_SENTENCE = '.!?:;…—–-"“‘(*['
_TITLE_OF = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St)\.$")
_NO_NAMES = word_list("no_names", "english")
_I = re.compile(r"I(?:['’](?:m|ve|ll|d))?$")


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
        Name(text, trace.trace_id, _votes(sentence, start, text))
        for trace, sentence, tokens in read
        for text, start in _named(sentence, tokens, seen, words)
    ]


def _votes(sentence: str, start: int, name: str) -> tuple[str, ...]:
    end = start + len(name)
    is_quoted = sentence[start - 1 : start] in {'"', "“"} and sentence[end : end + 1] in {'"', "”"}
    return (THING,) * 3 if is_quoted else kind_votes(sentence, start, end, name=name)


def _tokens(sentence: str) -> list[_Token]:
    tokens: list[_Token] = []
    for match in _WORD.finditer(sentence):
        text = _POSSESSIVE.sub("", match.group())
        before = sentence[: match.start()].rstrip()
        closed = not before or before[-1] in _BEFORE_A_SENTENCE
        opens = closed and _TITLE_OF.search(before) is None
        tokens.append(_Token(text, match.start(), match.start() + len(text), opens))
    return tokens


def _is_heading(tokens: Sequence[_Token]) -> bool:
    capitals = sum(_is_capital(token.text) and not _I.match(token.text) for token in tokens)
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


def _named(
    sentence: str, tokens: Sequence[_Token], seen: _Seen, words: Words
) -> Iterator[tuple[str, int]]:
    """Names in one sentence with where they begin: titles in quotation marks, then runs of capitals."""
    titles = [match for match in _TITLE.finditer(sentence) if _is_title(match.group(1))]
    yield from ((match.group(1), match.start(1)) for match in titles)
    for run in _runs(sentence, tokens):
        in_title = any(title.start() < run[0].start < title.end() for title in titles)
        if not in_title and (kept := _trimmed(run, seen, words)):
            yield sentence[kept[0].start : kept[-1].end], kept[0].start


def _is_title(quoted: str) -> bool:
    """``"The Third Man"``: two words or more, most of them with a capital."""
    written = quoted.split()
    capitals = sum(_is_capital(word) or word.casefold() in _JOINS for word in written)
    return 2 <= len(written) <= MOST_NAME_WORDS + 1 and capitals >= len(written) - 1


def _runs(sentence: str, tokens: Sequence[_Token]) -> Iterator[list[_Token]]:
    """Capitalised words that touch, with the small words of ``Museum of Modern Art`` between them."""
    run: list[_Token] = []
    for token in tokens:
        touches = bool(run) and sentence[run[-1].end : token.start] in {" ", ". ", "'s ", "’s "}
        if touches and (_is_capital(token.text) or token.text in _JOINS):
            run.append(token)
            continue
        if run:
            yield run
        run = [token] if _is_capital(token.text) else []
    if run:
        yield run


def _trimmed(run: list[_Token], seen: _Seen, words: Words) -> list[_Token]:
    """The name within a run; empty when nothing in it surely is one."""

    def is_edge(token: _Token) -> bool:
        word = token.text.casefold()
        return (
            len(word) == 1
            or token.text in _JOINS
            or word in _NO_NAMES
            or words.is_stop_word(word)
            or (token.opens and not seen.inside[word])
        )

    kept = list(run)
    while kept and is_edge(kept[0]):
        kept.pop(0)
    while kept and is_edge(kept[-1]):
        kept.pop()
    sure = any(_is_sure(token, seen, words) for token in kept)
    long_enough = len(kept) <= MOST_NAME_WORDS and sum(len(token.text) for token in kept) > 1
    return kept if sure and long_enough and not any(_I.match(t.text) for t in kept) else []


def _is_sure(token: _Token, seen: _Seen, words: Words) -> bool:
    """Whether a word is a name for itself: it is not written small as well, nor shouted once."""
    word = token.text.casefold()
    if not _is_capital(token.text) or words.is_stop_word(word) or word in _NO_NAMES:
        return False
    if token.text.isupper() and seen.capitals[word] < 2:
        return False
    return seen.inside[word] > 0 and seen.small[word] * 2 <= seen.inside[word]
