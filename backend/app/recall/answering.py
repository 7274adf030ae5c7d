"""Which candidates may hold the answer: those that mention an entity of the kind that is asked for."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import log2
from uuid import UUID

from app.storage.candidates import TraceFact
from app.storage.edges import Mentioned


def answer_shares(
    entities: Sequence[Mentioned], facts: Sequence[TraceFact], *, question: str
) -> Mapping[UUID, float]:
    """How much (0 to 1) each of these traces may hold the answer. An entity that the question names
    itself is none. The more texts mention an entity, the less it says of each; copies are one text."""
    said = f" {_words(question)} "
    wording = {fact.trace_id: fact.wording for fact in facts}
    found: defaultdict[UUID, float] = defaultdict(float)
    for entity in entities:
        if any(f" {_words(name)} " in said for name in entity.names):
            continue
        texts = {wording[trace_id] for trace_id in entity.trace_ids}
        share = 1 / log2(1 + len(texts))
        for trace_id in entity.trace_ids:
            found[trace_id] = max(found[trace_id], share)
    return found


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))
