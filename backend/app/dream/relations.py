"""Relations that a sentence states outright: who lives where, works where, is whose sister."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.dream.kinds import FAMILY, ORGANISATION, PERSON, PLACE

PERSON_SPEAKING = "user"
FUNCTIONAL = frozenset({"lives_in", "works_at", "is_married_to", "studies_at"})

_NAME = r"[A-Z][\w'’-]*(?: (?:of |de |da )?[A-Z][\w'’-]*){0,3}"
_THING = r"(?:(?:an?|the|my|our) )?(?P<object>[a-z][a-z'-]+(?: [a-z][a-z'-]+){0,2})"
_NAMED = rf"(?:the )?(?P<object>{_NAME})"
_WHO = rf"(?P<subject>I|{_NAME})"
_OWNED = r"(?P<object>[a-z][a-z-]+(?: [a-z][a-z-]+)?)"
_STOPS = r"(?=[.,;!?]|$| (?:and|but|because|since|now|so|when|which|where|with|for|as|in|at|on|today|too)\b)"
_BE = r"(?: am|'m| is|'s)"


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
    subject_kind: str | None = None
    object_kind: str | None = None


def _patterns() -> Iterator[_Pattern]:
    def pattern(
        predicate: str, regex: str, *, subject: str | None = PERSON, object: str | None = None
    ) -> _Pattern:
        return _Pattern(predicate, re.compile(rf"(?:^|(?<=[\s(\"“])){regex}"), subject, object)

    now = r"(?: now| currently| still)?"
    yield pattern("lives_in", rf"{_WHO}{now} lives?{now} in {_NAMED}", object=PLACE)
    yield pattern("lives_in", rf"{_WHO}{_BE}{now} living in {_NAMED}", object=PLACE)
    yield pattern(
        "lives_in",
        rf"{_WHO}(?:'ve| have| has)?(?: just)? moved (?:back )?to {_NAMED}",
        object=PLACE,
    )
    yield pattern("comes_from", rf"{_WHO}{_BE}(?: originally)? from {_NAMED}", object=PLACE)
    yield pattern("works_at", rf"{_WHO}{now} works?{now} (?:at|for) {_NAMED}", object=ORGANISATION)
    yield pattern("works_at", rf"{_WHO}{_BE}{now} working (?:at|for) {_NAMED}", object=ORGANISATION)
    yield pattern(
        "works_at",
        rf"{_WHO}(?:'ve| have| has)?(?: just)? (?:started|got) (?:a|my|his|her) (?:new )?(?:job|position) at {_NAMED}",
        object=ORGANISATION,
    )
    yield pattern(
        "studies_at", rf"{_WHO}(?:{_BE} studying| study| studies) at {_NAMED}", object=ORGANISATION
    )
    yield pattern("is_married_to", rf"{_WHO}{_BE} married to {_NAMED}", object=PERSON)
    yield pattern("is_married_to", rf"{_WHO} (?:just )?married {_NAMED}", object=PERSON)
    yield pattern(
        "is_allergic_to", rf"{_WHO}{_BE} (?:very |severely )?allergic to {_THING}{_STOPS}"
    )
    yield pattern(
        "owns", rf"{_WHO}(?:'ve)?(?: just)? (?:own|owns|bought) an? (?:new )?{_OWNED}{_STOPS}"
    )
    yield pattern(
        "likes",
        rf"{_WHO}(?: really| absolutely)? (?:love|loves|enjoy|enjoys|like|likes) {_NAMED}{_STOPS}",
    )


_PATTERNS = tuple(_patterns())
_KIN = re.compile(
    rf"\b[Mm]y (?:[a-z-]+ )?(?P<kin>{FAMILY}),? (?:is |is called |named |called )?(?P<subject>{_NAME})"
)
_KIN_AFTER = re.compile(
    rf"(?:^|(?<=[\s(\"“]))(?P<subject>{_NAME}),?(?: is|'s)? my (?:[a-z-]+ )?(?P<kin>{FAMILY})\b"
)
_UNSURE = re.compile(
    r"\b(?:if|would|wouldn't|could|might|may|maybe|perhaps|not|never|n't|don't|doesn't|didn't|isn't|wish|hope"
    r"|hoping|want|wants|dream|used to|thinking|considering|plan|planning|will|'ll|gonna|going to|almost"
    r"|imagine|pretend|until|no longer|joke|kidding|suppose|unless|should|rather|before|says|said|heard)\b"
    r"|n't\b",
    re.IGNORECASE,
)


def relations_in(sentence: str) -> Iterator[Relation]:
    """Relations that the sentence states as true now; questions, wishes, denials and hearsay state none."""
    text = sentence.replace("’", "'").strip()
    if text.endswith("?") or _UNSURE.search(text):
        return
    for pattern in _PATTERNS:
        for match in pattern.regex.finditer(text):
            yield Relation(
                _subject(match["subject"]),
                pattern.predicate,
                _trimmed(match["object"]),
                pattern.subject_kind,
                pattern.object_kind,
            )
    for regex in (_KIN, _KIN_AFTER):
        for match in regex.finditer(text):
            kin = match["kin"].replace("-", "").replace("é", "e")
            predicate = "is_married_to" if kin in {"husband", "wife"} else f"is_{kin}_of"
            yield Relation(_trimmed(match["subject"]), predicate, PERSON_SPEAKING, PERSON, None)


def _subject(text: str) -> str:
    return PERSON_SPEAKING if text == "I" else _trimmed(text)


def _trimmed(text: str) -> str:
    return re.sub(r"'s?$", "", text.strip())
