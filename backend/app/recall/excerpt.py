"""The part of a long text that answers, in whole words."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import accumulate
from operator import itemgetter

from app.embedders.tokens import TokenCounter

ELLIPSIS = "…"
LEAD = 6  # this part of an excerpt comes before the first word asked for
CHARACTERS_A_TOKEN = 5

# A word is what stands between spaces; scripts without spaces may be cut between any two signs.
_SIGNS = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_SIGN = re.compile(f"[{_SIGNS}]")
_WORD = re.compile(rf"[{_SIGNS}]|[^\s{_SIGNS}]+")
_SPACE = re.compile(r"\s")


def vicinity(text: str, terms: Collection[str], *, characters: int) -> str:
    """The ``characters`` around the place where most of the ``terms`` occur, cut at spaces, with an
    ellipsis where something is left out: a cheap first step for very long texts."""
    if len(text) <= characters:
        return text
    begin = max(0, _densest(text, terms, width=characters) - characters // LEAD)
    end = begin + characters
    if begin > 0 and (space := _SPACE.search(text, begin, end)):
        begin = space.end()
    near = text[begin:end]
    if end < len(text):
        near = near[: max((space.start() for space in _SPACE.finditer(near)), default=len(near))]
    return f"{ELLIPSIS} " * (begin > 0) + near + f" {ELLIPSIS}" * (end < len(text))


def excerpt(text: str, terms: Collection[str], *, most: int, tokens: TokenCounter) -> str | None:
    """The words around the place where most of the ``terms`` occur, in at most about ``most`` tokens,
    with an ellipsis where something is left out; None when not one word has room.

    ``terms`` are stemmed; a word that begins with a term is taken for it.
    """
    words = [match.span() for match in _WORD.finditer(text)]
    room = most - 2 * tokens.count([ELLIPSIS])[0]
    if not words or room < 1:
        return None
    densest = _densest(text, terms, width=room * CHARACTERS_A_TOKEN)
    place = max(0, bisect_right(words, densest, key=itemgetter(0)) - 1)
    begin = max(0, place - room // LEAD)
    first = max(0, begin - room)  # every word has a token at least
    near = [text[start:end] for start, end in words[first : begin + room]]
    first_kept, end = _widest(_costs(near, tokens), begin - first, room=room)
    if first_kept == end:
        return None
    begin, end = first + first_kept, first + end
    return " ".join(
        [ELLIPSIS] * (begin > 0)
        + [text[words[begin][0] : words[end - 1][1]]]
        + [ELLIPSIS] * (end < len(words))
    )


def _densest(text: str, terms: Collection[str], *, width: int) -> int:
    """Where the stretch of ``width`` characters begins that has most of the terms in it."""
    hits = _hits(text, terms)
    inside: Counter[str] = Counter()
    best, found, left = 0, 0, 0
    for at, term in hits:
        inside[term] += 1
        while hits[left][0] <= at - width:
            inside[hits[left][1]] -= 1
            left += 1
        distinct = sum(count > 0 for count in inside.values())
        if distinct > found:
            best, found = hits[left][0], distinct
    return best


def _hits(text: str, terms: Collection[str]) -> list[tuple[int, str]]:
    """Where words begin like a term. A stem may end in another letter than its word: happi, happy."""
    beginnings = {term[:-1] if len(term) > 4 else term for term in terms}
    if not beginnings:
        return []
    longest_first = sorted(beginnings, key=lambda word: (-len(word), word))
    either = "|".join(
        re.escape(word) if _SIGN.match(word) else rf"\b{re.escape(word)}" for word in longest_first
    )
    return [(m.start(), m[0].casefold()) for m in re.finditer(either, text, re.IGNORECASE)]


def _costs(words: Sequence[str], tokens: TokenCounter) -> list[int]:
    """Sums of tokens before each word, counted once a different word."""
    different = list(dict.fromkeys(words))
    cost = dict(zip(different, tokens.count(different), strict=True))
    return list(accumulate((max(1, cost[word]) for word in words), initial=0))


def _widest(before: Sequence[int], begin: int, *, room: int) -> tuple[int, int]:
    """From which word until which there is room: on from ``begin``, and what is left, back from it."""
    end = bisect_right(before, before[begin] + room) - 1
    while begin > 0 and before[end] - before[begin - 1] <= room:
        begin -= 1
    return begin, end
