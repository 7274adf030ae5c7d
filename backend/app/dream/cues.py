"""What kind of sentence it is, by its words: a decision, a plan, an open question, or what happened."""

import re
from collections.abc import Collection
from enum import Enum
from uuid import UUID

from app.dream.sentences import Sentence

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

QUESTION, ASSISTANT, SHORT = 0.5, 0.5, 0.4


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
    """How much a sentence tells by itself, around 1: names, figures and the person's own doings add,
    questions, small talk and what an assistant says take away."""
    text = sentence.text.replace("’", "'")
    value = 0.8 + 0.4 * sentence.trace.salience
    value *= 1 + 0.15 * bool(_OWN.search(text))
    value *= 1 + 0.1 * bool(_FIGURE.search(text)) + 0.1 * bool(_NAME.search(text))
    value *= 1 + 0.15 * (kind in {Kind.DECISION, Kind.PLAN})
    value *= QUESTION if kind in {Kind.QUESTION, Kind.OPEN_QUESTION} else 1.0
    value *= ASSISTANT if sentence.trace.role == "assistant" else 1.0
    return value * (SHORT if len(sentence.terms) < 3 else 1.0)
