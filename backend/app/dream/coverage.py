"""Which sentences say the most in few words: a submodular choice within a budget of words.

What is worth covering are concepts, the stems and pairs of neighbouring stems of a day, each weighing
as many traces as speak of it (Gillick & Favre, 2009). Every further mention of a concept counts less,
which is what makes a choice diverse (Lin & Bilmes, 2011).
"""

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import log1p

from app.dream.sentences import Sentence

Concept = tuple[str, ...]

LENGTH_PENALTY = 0.7  # gain per word to this power: 1 prefers the short, 0 the long
MOST_CANDIDATES = 2_000


def choose(
    sentences: Sequence[Sentence], *, budget: int, value: Mapping[int, float]
) -> list[Sentence]:
    """Sentences of at most ``budget`` words together, in their own order.

    Args:
        value: by a sentence's position, how much it matters by itself, as a factor.
    """
    weights = _weights(sentences)
    candidates = sorted(sentences, key=lambda s: (-value[s.position], s.position))[:MOST_CANDIDATES]
    covered: Counter[Concept] = Counter()

    def gain(sentence: Sentence) -> float:
        total = sum(
            weights[concept] / (1 + covered[concept]) ** 2 for concept in set(_concepts(sentence))
        )
        return float(total * value[sentence.position] / sentence.length**LENGTH_PENALTY)

    chosen: list[Sentence] = []
    left = budget
    queue = [(-gain(sentence), sentence.position, sentence) for sentence in candidates]
    heapq.heapify(queue)
    while queue:
        _, position, sentence = heapq.heappop(queue)
        if sentence.length > left:
            continue
        now = gain(sentence)
        if queue and now < -queue[0][0] - 1e-12:
            heapq.heappush(queue, (-now, position, sentence))
            continue
        chosen.append(sentence)
        covered.update(set(_concepts(sentence)))
        left -= sentence.length
    return sorted(chosen, key=lambda sentence: sentence.position)


def _weights(sentences: Sequence[Sentence]) -> dict[Concept, float]:
    """How many traces speak of each concept, with falling returns."""
    speaking: dict[Concept, set[object]] = {}
    for sentence in sentences:
        for concept in _concepts(sentence):
            speaking.setdefault(concept, set()).add(sentence.trace.trace_id)
    return {concept: log1p(len(traces)) for concept, traces in speaking.items()}


def _concepts(sentence: Sentence) -> Iterator[Concept]:
    yield from ((term,) for term in sentence.terms)
    yield from pairwise(sentence.terms)
