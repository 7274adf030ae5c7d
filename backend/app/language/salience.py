"""How much a text matters when nobody says so: a guess from its words alone, 0 to 1."""

import re
from collections.abc import Sequence

_FIGURE = re.compile(r"\d")
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][a-z]+")
_COMMITMENT = re.compile(
    r"\b(?:decid|plan|promis|prefer|love|hate|favou?rite|allerg|birthday|deadline|remember|never|always|"
    r"married|born|died|moved|bought|started|quit|hired|password|appointment)",
    re.IGNORECASE,
)


def estimate_salience(text: str, terms: Sequence[str]) -> float:
    """``"ok, thanks!"`` stays under 0.2; a sentence with something to remember is 0.4 and more.

    Content words carry it with falling returns; names, figures and words of decision, preference
    or life events add to it. The result stays under 1: only a person can say that much.
    """
    substance = 0.5 * (1 - 0.6 ** len(terms))
    particulars = 0.12 * bool(_FIGURE.search(text)) + 0.12 * bool(_NAME.search(text))
    commitment = 0.2 * bool(_COMMITMENT.search(text))
    return round(0.05 + substance + particulars + commitment, 3)
