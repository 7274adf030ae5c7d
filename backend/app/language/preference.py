"""What somebody likes, and when that matters: advice should be to their taste."""

import re

_PREFERENCE = re.compile(
    r"\b(?:prefer(?:s|red)?|always|never|favou?rite|usually|rather|instead|love|enjoy|hate|dislike"
    r"|like to|interested in|i'm into|don't like)\b",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"\b(?:suggest|recommend|advice|should i|tips|ideas|help me|can you|could you)\b", re.IGNORECASE
)


def states_preference(text: str) -> bool:
    """Whether a text says what somebody likes or habitually does."""
    return _PREFERENCE.search(text) is not None


def asks_for_advice(question: str) -> bool:
    """Whether a question would be answered better by somebody who knows one's taste."""
    return _ADVICE.search(question) is not None
