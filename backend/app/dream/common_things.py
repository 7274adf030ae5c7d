"""Things without a name: the noun phrases that a day comes back to, "guest room" for example."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.dream.material import DayTrace
from app.dream.phrases import Stems, noun_phrases
from app.language.words import Words

FEWEST_TRACES = 2
FEWEST_WORDS = 2  # "support group" means something another day; "group" alone means anything


@dataclass(frozen=True, slots=True)
class CommonThing:
    """A phrase as it is mostly written, and the traces that speak of it."""

    text: str
    traces: tuple[UUID, ...]


def common_things(traces: Sequence[DayTrace], words: Words) -> Iterator[CommonThing]:
    """Phrases of several words, none of them capitalised, in ``FEWEST_TRACES`` traces or more."""
    spellings: defaultdict[Stems, Counter[str]] = defaultdict(Counter)
    speaking: defaultdict[Stems, dict[UUID, None]] = defaultdict(dict)
    for trace in traces:
        for written in noun_phrases(trace.content, words):
            if written.islower() and not written.endswith("ing"):
                stems = tuple(words.terms(written))
                spellings[stems][written] += 1
                speaking[stems][trace.trace_id] = None
    for stems, ids in speaking.items():
        if len(ids) >= FEWEST_TRACES and len(stems) >= FEWEST_WORDS:
            yield CommonThing(spellings[stems].most_common(1)[0][0], tuple(ids))
