"""Relations that a sentence states outright: who lives where, works where, is whose sister."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.dream.kinds import FAMILY
from app.language.entity_kinds import ORGANISATION, PERSON, PLACE

PERSON_SPEAKING = "user"
FUNCTIONAL = frozenset({"lives_in", "works_at", "is_married_to", "studies_at"})

_NAME = r"[A-Z][\w'’-]*(?: (?:of |de |da )?[A-Z][\w'’-]*){0,3}"
_NAMED = rf"(?:the )?(?P<object>{_NAME})"
_THING = r"(?:an? |the |my |our )?(?P<object>[a-z][a-z'-]+(?: [a-z][a-z'-]+){0,2}?)"
_END = (
    r"(?=[.,;!?]|$| (?:and|but|because|since|now|so|when|which|where|with|for|as|in|at|on|from|last"
    r"|today|too|yesterday|recently)\b)"
)
_NOW = r"(?: now| currently| still| also| both)?"
_JUST = r"(?:'ve| have| has)?(?: just| recently| finally)?"
_IS = r"(?(first)(?: am|'m)|(?: is|'s))"


@dataclass(frozen=True, slots=True)
class Relation:
    """A stated relation. ``subject`` is ``user`` for the person who speaks; a kind is None unless the
    relation says it."""

    subject: str
    predicate: str
    object: str
    subject_kind: str | None
    object_kind: str | None


@dataclass(frozen=True, slots=True)
class _Pattern:
    predicate: str
    regex: re.Pattern[str]
    object_kind: str | None


def _pattern(predicate: str, said: str, object_kind: str | None = None) -> _Pattern:
    """``said`` comes right behind the subject, which is "I" or a name."""
    subject = rf"(?:^|(?<=[\s(\"“]))(?:(?P<first>I)|(?P<subject>{_NAME}))"
    return _Pattern(predicate, re.compile(subject + said), object_kind)


def _verb(plain: str) -> str:
    """``live`` after "I", ``lives`` after a name."""
    return rf"{_NOW} {plain}(?(first)|s){_NOW}"


_PATTERNS = (
    _pattern("lives_in", rf"{_verb('live')} in {_NAMED}", PLACE),
    _pattern("lives_in", rf"{_IS}{_NOW} living in {_NAMED}", PLACE),
    _pattern("lives_in", rf"{_JUST} moved (?:back )?to {_NAMED}", PLACE),
    _pattern("comes_from", rf"{_IS}(?: originally)? from {_NAMED}", PLACE),
    _pattern(
        "works_at", rf"{_verb('work')}(?: as an? [a-z ]+?)? (?:at|for) {_NAMED}", ORGANISATION
    ),
    _pattern("works_at", rf"{_IS}{_NOW} working (?:at|for) {_NAMED}", ORGANISATION),
    _pattern(
        "works_at",
        rf"{_JUST} (?:started|got) (?:an?|my|his|her) (?:new )?(?:job|position) at {_NAMED}",
        ORGANISATION,
    ),
    _pattern("studies_at", rf"{_IS}{_NOW} studying(?: [a-z]+)? at {_NAMED}", ORGANISATION),
    _pattern(
        "studies_at", rf"{_NOW} (?(first)study|studies)(?: [a-z]+)? at {_NAMED}", ORGANISATION
    ),
    _pattern("is_married_to", rf"{_IS} married to {_NAMED}", PERSON),
    _pattern("is_married_to", rf"{_JUST} married {_NAMED}", PERSON),
    _pattern("is_allergic_to", rf"{_IS} (?:very |severely |also )?allergic to {_THING}{_END}"),
    _pattern("owns", rf"(?:{_verb('own')}|{_JUST} bought) an? (?:new |used )?{_THING}{_END}"),
    _pattern(
        "likes", rf"(?: really| absolutely| also)? (?:love|like|enjoy)(?(first)|s) {_NAMED}{_END}"
    ),
)
_KIN = re.compile(
    rf"\b[Mm]y (?:[a-z-]+ )?(?P<kin>{FAMILY}),? (?:is |is called |named |called )?(?P<subject>{_NAME})"
)
_KIN_AFTER = re.compile(
    rf"(?:^|(?<=[\s(\"“]))(?P<subject>{_NAME})(?: is|'s) my (?:[a-z-]+ )?(?P<kin>{FAMILY})\b"
)
_UNSURE = re.compile(
    r"\b(?:if|would|could|might|may|maybe|perhaps|not|never|cannot|no longer|wish|hope|hoping|wants?"
    r"|dream|used to|thinking|considering|plan|planning|will|gonna|going to|almost|nearly"
    r"|imagine|pretend|until|joke|kidding|suppose|unless|should|rather|before|says?|said|heard|apparently"
    r"|when I was|once|ever)\b"
    r"|n't\b|'ll\b|'d\b",
    re.IGNORECASE,
)


def relations_in(sentence: str) -> Iterator[Relation]:
    """Relations that the sentence states as true now.

    Questions, wishes, denials, hearsay and what used to be state none.
    """
    text = sentence.replace("’", "'").strip()
    if text.endswith("?") or _UNSURE.search(text):
        return
    for pattern in _PATTERNS:
        for match in pattern.regex.finditer(text):
            subject = PERSON_SPEAKING if match["first"] else _bare(match["subject"])
            yield Relation(
                subject, pattern.predicate, _bare(match["object"]), PERSON, pattern.object_kind
            )
    for regex in (_KIN, _KIN_AFTER):
        for match in regex.finditer(text):
            kin = match["kin"].replace("-", "").replace("é", "e")
            predicate = "is_married_to" if kin in {"husband", "wife"} else f"is_{kin}_of"
            yield Relation(_bare(match["subject"]), predicate, PERSON_SPEAKING, PERSON, None)


def _bare(name: str) -> str:
    return re.sub(r"'s?$", "", name.strip())
