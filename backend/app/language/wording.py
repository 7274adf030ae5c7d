"""What two texts share that say the same in the same words, whatever their case and punctuation."""

import unicodedata
from hashlib import blake2b

PUNCTUATION = ".,;:!?\"'…“”‘’()"


def wording(text: str) -> int:
    """64 bits of the words in their order, as a signed integer for PostgreSQL.

    Only case, spaces and the punctuation around words are left out. Everything else counts, because a
    sign, a figure or "not" makes another statement; that is why this is no similarity hash.
    """
    normal = unicodedata.normalize("NFKC", text).casefold()
    words = " ".join(filter(None, (word.strip(PUNCTUATION) for word in normal.split()))) or normal
    return int.from_bytes(blake2b(words.encode(), digest_size=8).digest(), signed=True)
