"""What kind of entity would answer a question: the expected answer type of question answering.

"Who" asks for a person and "where" for a place; "which city" and "the names of the children" say it with
a noun. A question that asks for none of these, like most, has no answer type.
"""

import re
import unicodedata

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
_ASKING_WORD = (
    r"\b(?:what(?:'s)?|which|how many|(?:names?|one|some|any|kinds?|types?) of|favou?rite)"
)
# "Which other cities", "what is her dog's name"; but "what colour is her car" asks for no car.
_OTHER_WORD = (
    r"(?!(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|time)\b)[\w'-]+"
)
_ASKED = rf"{_ASKING_WORD}(?: (?:is|are|was|were))?(?: {_OTHER_WORD}){{0,3}}? "


def _asking(nouns: str) -> re.Pattern[str]:
    return re.compile(rf"{_ASKED}(?:{nouns})\b(?!'s)")


_ASKING = {
    PERSON: (re.compile(r"\b(?:who|whom|whose)\b"), _asking(_PEOPLE)),
    PLACE: (re.compile(r"\bwhere\b"), _asking(_PLACES)),
    ORGANISATION: (_asking(_ORGANISATIONS),),
    THING: (_asking(_THINGS),),
}


def answer_types(question: str) -> frozenset[str]:
    """The kinds of entities that an English question asks for."""
    plain = unicodedata.normalize("NFKC", question).casefold().replace("’", "'")
    said = " ".join(plain.split())
    return frozenset(
        kind for kind, ways in _ASKING.items() if any(way.search(said) for way in ways)
    )
