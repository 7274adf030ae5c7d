"""The part of a text that shows why it was found, and where the words stand in it.

Pure. Places are counted in characters (Unicode code points) of the plain text that is shown, so that
nobody needs to trust markup.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.language.words import Words

SNIPPET = 240
BEFORE = 60  # how much is shown before the first word that was found
ELLIPSIS = "…"
MOST_LOOKED_AT = 50

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text, and the ``highlights`` in it: the first character of each and the one after
    its last, in order and apart from each other."""

    text: str
    highlights: Sequence[Span]


def marked(text: str, weights: Mapping[str, float], *, words: Words) -> Snippet:
    """All of a text, with the words that were found."""
    spans = [(begin, end) for begin, end, term in words.spans(text) if term in weights]
    return Snippet(text, joined(spans))


def snippet(text: str, weights: Mapping[str, float], *, words: Words) -> Snippet:
    """At most ``SNIPPET`` characters around the place where the most telling words stand together, and
    an ellipsis where something is left out; the beginning when none stands there. ``weights`` are
    those of the terms that were looked for."""
    hits: list[tuple[int, int, str]] = []
    for hit in words.spans(text):
        if hit[2] in weights:
            hits.append(hit)
            if len(hits) == MOST_LOOKED_AT:
                break
    begin = _best_place(hits, weights)
    begin = 0 if begin <= BEFORE or len(text) <= SNIPPET else _at_a_word(text, begin - BEFORE)
    begin = max(0, min(begin, len(text) - SNIPPET))
    end = min(len(text), begin + SNIPPET)
    front = ELLIPSIS if begin > 0 else ""
    back = ELLIPSIS if end < len(text) else ""
    inside = [
        (first - begin + len(front), last - begin + len(front))
        for first, last, _ in hits
        if begin <= first and last <= end
    ]
    return Snippet(f"{front}{text[begin:end]}{back}", joined(inside))


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same places in order, those that touch as one."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def _best_place(hits: Sequence[tuple[int, int, str]], weights: Mapping[str, float]) -> int:
    """Where a window begins whose different words weigh most; of equals the first."""
    best, best_weight = 0, 0.0
    for at, (begin, _, _) in enumerate(hits):
        near = {term for first, last, term in hits[at:] if last <= begin + SNIPPET - BEFORE}
        weight = sum(weights[term] for term in near)
        if weight > best_weight:
            best, best_weight = begin, weight
    return best


def _at_a_word(text: str, at: int) -> int:
    """The beginning of the next word, if it is near."""
    space = text.find(" ", at, at + BEFORE)
    return at if space < 0 else space + 1
