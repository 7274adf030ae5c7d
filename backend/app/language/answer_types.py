"""What kind of entity would answer a question: the expected answer type of question answering.

"Who" asks for a person and "where" for a place; "which city" and "the names of the children" say it with
a noun. A question that asks for none of these, like most, has no answer type.
"""

import re
from collections.abc import Iterable

from app.language.entity_kinds import ORGANISATION, PERSON, PLACE, THING

_PLACES = (
    r"address(?:es)?|areas?|beach(?:es)?|cit(?:y|ies)|countr(?:y|ies)|destinations?|hotels?|islands?|locations?"
    r"|museums?|neighbou?rhoods?|parks?|places?|regions?|restaurants?|streets?|towns?|venues?|villages?"
)
_PEOPLE = (
    r"actors?|artists?|authors?|bands?|brothers?|child(?:ren)?|colleagues?|doctors?|friends?|musicians?"
    r"|names?|neighbou?rs?|people|persons?|singers?|sisters?|teachers?"
)
_ORGANISATIONS = (
    r"agenc(?:y|ies)|bands?|banks?|brands?|charit(?:y|ies)|clubs?|colleges?|compan(?:y|ies)|employers?|firms?"
    r"|hotels?|museums?|organi[sz]ations?|restaurants?|schools?|shops?|stores?|teams?|universit(?:y|ies)"
)
# What goes by a name and is none of the others. Names of which no kind is known are things as well.
_THINGS = (
    r"albums?|apps?|artists?|bands?|books?|brands?|cars?|cats?|dogs?|films?|frameworks?|games?|instruments?"
    r"|languages?|librar(?:y|ies)|movies?|names?|novels?|pets?|podcasts?|products?|series|shows?|songs?"
    r"|titles?|tools?"
)
_ASKED = r"\b(?:what|which|how many|(?:names?|one|some|any|kinds?|types?) of|favou?rite)"
_WORDS_BETWEEN = r"(?: [\w'-]+){0,3}? "


def _asking(nouns: str, *, pronouns: str = "") -> re.Pattern[str]:
    alone = rf"\b(?:{pronouns})\b|" if pronouns else ""
    return re.compile(rf"{alone}{_ASKED}{_WORDS_BETWEEN}(?:{nouns})\b")


_ASKING = {
    PERSON: _asking(_PEOPLE, pronouns="who|whom|whose"),
    PLACE: _asking(_PLACES, pronouns="where"),
    ORGANISATION: _asking(_ORGANISATIONS),
    THING: _asking(_THINGS),
}


def answer_types(question: str) -> frozenset[str]:
    """The kinds of entities that an English question asks for."""
    said = " ".join(question.casefold().replace("’", "'").split())
    return frozenset(kind for kind, asking in _ASKING.items() if asking.search(said))


def is_named(names: Iterable[str], *, question: str) -> bool:
    """Whether a question says one of these names itself, so that it cannot be the answer."""
    said = f" {_words(question)} "
    return any(f" {_words(name)} " in said for name in names)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
