"""What kind of sentence it is, by its words: a decision, a plan, an open question, or what happened."""

import re
from collections.abc import Collection
from enum import Enum
from uuid import UUID

from app.dream.sentences import Sentence
from app.language.words import word_list

_SELF = r"(?:I|we)"
_DECISION = re.compile(
    rf"\b(?:{_SELF}(?:'ve| have)?(?: both| finally| just)? (?:decided|chose|chosen|agreed|settled on"
    rf"|signed up|booked|picked|made up (?:my|our) minds?)|(?:my|our) decision|{_SELF}(?:'m| am|'re| are)"
    r" going with)\b",
    re.IGNORECASE,
)
_PLAN = re.compile(
    rf"(?:\b{_SELF}(?:'m| am|'re| are)?(?: also| still| really| just| definitely)? (?:going to|gonna"
    r"|planning|plan (?:to|on)|about to|hoping to|hope to|intend to|aim to|want to|need to|have to"
    r"|thinking (?:of|about)|looking forward to|will)\b|\b(?:I|we)'ll\b|^(?:gonna|planning|hoping) )",
    re.IGNORECASE,
)
_UNDECIDED = re.compile(
    rf"\b(?:{_SELF} (?:wonder|don't know|can't decide|haven't decided|need to find out)"
    rf"|{_SELF}(?:'m| am|'re| are) (?:not sure|unsure|torn))\b",
    re.IGNORECASE,
)
_OWN = re.compile(r"\b(?:i|i'm|i've|i'd|i'll|my|mine|we|we're|we've|our)\b", re.IGNORECASE)
_FIGURE = re.compile(r"\d")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w'’-]*[a-z]")

_YOU = re.compile(r"\b(?:you|your|you're|you've|you'll|yours)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_SAYS_LITTLE = frozenset().union(
    *(word_list(name, "english") for name in ("plain_words", "no_names", "stop_words"))
)
FEWEST_WORDS_OF_SUBSTANCE = 2

_POINTS_BACK = re.compile(
    r"^(?:that|it|this|these|those|they|he|she|that's|it's|sounds?|glad|good luck)\b", re.IGNORECASE
)


class Kind(Enum):
    """The sections of a summary, by what their sentences do."""

    HAPPENED = "happened"
    DECISION = "decision"
    PLAN = "plan"
    OPEN_QUESTION = "open question"
    QUESTION = "question"


def kind_of(sentence: Sentence, *, last_words: Collection[UUID]) -> Kind:
    """A question is open when nothing follows it: its trace is one of the ``last_words``.

    Only what the person says decides or plans something; an assistant's "I will" does not.
    """
    text = sentence.text.replace("’", "'")
    if text.rstrip("\"')").endswith("?"):
        is_last = sentence.trace.trace_id in last_words
        return Kind.OPEN_QUESTION if is_last else Kind.QUESTION
    if sentence.trace.role == "assistant":
        return Kind.HAPPENED
    if _UNDECIDED.search(text):
        return Kind.OPEN_QUESTION
    if _DECISION.search(text):
        return Kind.DECISION
    return Kind.PLAN if _PLAN.search(text) else Kind.HAPPENED


def telling(sentence: Sentence, kind: Kind) -> float:
    """How much a sentence tells by itself, around 1: the person's own doings, names and figures add;
    questions, small talk, talk about the other and what an assistant says take away."""
    text = sentence.text.replace("’", "'")
    value = 0.8 + 0.4 * sentence.trace.salience
    for holds, factor in (
        (_OWN.search(text), 1.2),
        (_YOU.search(text) and not _OWN.search(text), 0.7),
        (_POINTS_BACK.search(text), 0.8),
        (_FIGURE.search(text), 1.1),
        (_NAME.search(text), 1.1),
        (kind in {Kind.DECISION, Kind.PLAN}, 1.1),
        (kind in {Kind.QUESTION, Kind.OPEN_QUESTION}, 0.3),
        (sentence.trace.role == "assistant", 0.5),
        (is_small_talk(text), 0.1),
    ):
        value *= factor if holds else 1.0
    return value


def is_small_talk(text: str) -> bool:
    """Whether a sentence says next to nothing: "Wow, that's great, Ana!"

    Names alone have substance only in what people say of themselves ("I met Ana in Porto").
    """
    words = [word for word in _WORD.findall(text) if len(word) > 2]
    substance = {
        word.casefold()
        for word in words
        if word.casefold() not in _SAYS_LITTLE and (word[0].islower() or _OWN.search(text))
    }
    return len(substance) < FEWEST_WORDS_OF_SUBSTANCE and not _FIGURE.search(text)
