"""What kind of thing a name is, by the words right around it."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from app.dream.places import is_known_place
from app.language.entity_kinds import ORGANISATION, PERSON, PLACE, THING
from app.language.words import word_list

FAMILY = (
    r"sister|brother|mom|mum|mother|dad|father|husband|wife|son|daughter|cousin|aunt|uncle|grandma|grandpa"
    r"|grandmother|grandfather|niece|nephew|girlfriend|boyfriend|fianc[eé]e?|roommate|flatmate|friend"
    r"|colleague|coworker|co-worker|boss|manager|neighbou?r|mentor|teacher|doctor|dentist|therapist|coach"
)
_GIVEN_NAMES = word_list("given_names", "english")
_WHOSE = r"(?:my|our|his|her|their|[a-z]+'s)"
_PERSON_BEFORE = re.compile(
    rf"(?:\b{_WHOSE} (?:[a-z-]+ )?(?:{FAMILY}),? (?:named |called )?"
    r"|\b(?:Mr|Mrs|Ms|Dr|Prof|Aunt|Uncle|Grandma|Grandpa)\.? "
    r"|\b(?:hey|hi|hello|thanks|thank you|congrats|congratulations|dear|bye),? "
    r"|\b(?:told|asked|texted|thank|thanked|married|hugged|introduced me to|dinner with"
    r"|lunch with|coffee with|met|engaged to|talked to|talk to|talked with|spoke to|met up with"
    r"|hang out with|hung out with) )$",
    re.IGNORECASE,
)
_PERSON_AFTER = re.compile(
    r"^(?:'s (?:birthday|wedding|husband|wife|mom|mum|dad|sister|brother|kids|daughter|son)\b"
    r"| and I\b| (?:said|says|told|tells|asked|thinks|texted|called me|loves|hates|lives?|works"
    r"|(?:just )?got (?:married|engaged)|turned \d|and (?:her|his) (?:husband|wife|kids|son|daughter)"
    r"|is my (?:[a-z]+ )?(?:" + FAMILY + r"))\b|,? who\b)",
    re.IGNORECASE,
)
_OWNED = r"(?:dog|puppy|cat|kitten|horse|rabbit|parrot|hamster|guinea pig|turtle|pet|car|boat|bike)"
_OWNED_BEFORE = re.compile(rf"\b(?:{_WHOSE}|a) (?:[a-z-]+ )?{_OWNED},? (?:named |called )?$")
_OWNED_AFTER = re.compile(rf"^,? (?:is |was )?{_WHOSE} (?:[a-z-]+ )?{_OWNED}\b")
_VOCATIVE_BEFORE = re.compile(r"(?:^|[a-z!?]), $")
_VOCATIVE_AFTER = re.compile(r"^[.!?…]+[\"”']?$")
_PLACE_WORD = re.compile(
    r"(?:^(?:Mount|Lake|San|Santa|Saint|St\.|Los|Las|New)\b .|\b(?:Park|Beach|Lake|Mountains?|Islands?"
    r"|River|Street|Avenue|Road|Square|Bridge|Valley|Canyon|Bay|Coast|County|City|Falls|Airport|Station|Garden|Gardens)$)"
)
_PLACE_BEFORE = re.compile(
    r"(?:\b(?:live|lives|lived|living|born|stay|stayed|staying|based|vacation|trip|holiday|weekend"
    r"|apartment|house|hotel|restaurant|museum|office|arrived|arrive|settled|flat|home|here|back|grew up"
    r"|roots|travel+ing|summer|winter|met [\w'-]+|wedding|conference"
    r"|concert|festival|family|friends|(?:aunt|uncle|sister|brother|cousin)) in "
    r"|\b(?:go|goes|going|went|gone|move|moved|moving|travel+ed|travel+ing|travel|trip|fly|flew|flying"
    r"|flight|drive|drove|driving|visit|return|returned|headed|heading|trips|tickets|train|been)"
    r"(?: back)? to "
    r"|\b(?:visit|visited|visiting|explore|explored|exploring|tour of|streets of|city of"
    r"|outside of|across|around|moved from|originally from|came from"
    r"|flew from|(?:ferry|train|bus|flight) from) )(?:the )?$",
    re.IGNORECASE,
)
_TECHNICAL = re.compile(r"\d|[a-z][A-Z]|^[A-Z]{3,}s?$")  # one visits GitHub, and it is no place
_ORGANISATION_WORD = re.compile(
    r"\b(?:University|College|School|Institute|Academy|Inc|Corp|Corporation|Ltd|LLC|GmbH|Company|Bank"
    r"|Foundation|Hospital|Clinic|Agency|Association|Society|Club|Church|Studios?|Labs?|Council|Ministry)\b"
    r"(?! Street| Road| Avenue)"
)
_ORGANISATION_BEFORE = re.compile(
    r"\b(?:work|works|worked|working|job|interview|intern|interned|internship|position|role|career|hired"
    r"|employed|studied|studying|study|graduated|enrolled|volunteer|volunteered|volunteering|offer|started)"
    r"(?: [a-z]+)? (?:at|for|by) (?:the )?$"
    r"|\b(?:CEO|founder|employees?|headquarters) of (?:the )?$",
    re.IGNORECASE,
)


def kind_votes(sentence: str, start: int, end: int, *, name: str) -> tuple[str, ...]:
    """The kinds that the words before and after one occurrence of a name speak for."""
    before = sentence[max(0, start - 60) : start].replace("’", "'")
    after = sentence[end : end + 40].replace("’", "'")
    votes = list(_votes_of_name(name))
    if _OWNED_BEFORE.search(before) or _OWNED_AFTER.search(after):
        votes += [THING] * 3
    elif _PERSON_BEFORE.search(before) or _PERSON_AFTER.search(after):
        votes += [PERSON] * 2
    elif _VOCATIVE_BEFORE.search(before) and _VOCATIVE_AFTER.search(after):
        votes += [] if PLACE in votes else [PERSON]
    elif _PLACE_BEFORE.search(before) and not _TECHNICAL.search(name):
        votes.append(PLACE)
    elif _ORGANISATION_BEFORE.search(before):
        votes.append(ORGANISATION)
    return tuple(votes)


def _votes_of_name(name: str) -> Sequence[str]:
    """What a name says by itself: "Lake", "University", a country, a common first name."""
    if _ORGANISATION_WORD.search(name):
        return [ORGANISATION] * 3
    if _PLACE_WORD.search(name):
        return [PLACE] * 3
    if is_known_place(name):
        return [PLACE]
    return [PERSON] * 2 if name.split(maxsplit=1)[0].casefold() in _GIVEN_NAMES else []


def kind_by(votes: Iterable[str]) -> str:
    """The kind with the most votes; a thing when there are none or two kinds are level, and when a
    person is only called by name once: people call out to cities as well."""
    first_two = Counter(votes).most_common(2)
    if not first_two or (len(first_two) == 2 and first_two[0][1] == first_two[1][1]):
        return THING
    kind, count = first_two[0]
    return kind if kind != PERSON or count >= 2 else THING
