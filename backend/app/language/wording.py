"""What two texts share that say the same in the same words, whatever their case and punctuation."""

import re
import unicodedata
from hashlib import blake2b

_WORD = re.compile(r"\w+")


def wording(text: str) -> int:
    """64 bits of the words in their order, as a signed integer for PostgreSQL.

    Every word counts: "not" and a changed figure make another statement, which is why this is no
    similarity hash. A text without words is known by its characters.
    """
    normal = unicodedata.normalize("NFKC", text).casefold()
    words = " ".join(_WORD.findall(normal)) or normal
    return int.from_bytes(blake2b(words.encode(), digest_size=8).digest(), signed=True)
