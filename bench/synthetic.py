"""Made-up lives of any length, and an embedder that is fast enough for them.

Words follow Zipf's law, and every conversation has a topic with words of its own, so that rare words,
common words, neighbours and near misses are about as frequent as in real ones.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from app.embedders.protocol import Urgency, Vectors, fit
from app.embedders.tokens import EstimatedTokens, TokenCounter
from app.services.trace_draft import NewTrace

VOCABULARY = 30_000
TOPICS = 400
TOPIC_WORDS = 120
TURNS = 20
DIM = 384
# As measured on vectors of all-MiniLM-L6-v2: the variance of the i-th principal direction falls like
# i^-0.8, which makes an effective dimension of 91, and all vectors have a little in common.
SPECTRUM = np.arange(1, DIM + 1) ** -0.4
SHARED = 0.27

Floats = NDArray[np.float32]


def word(number: int) -> str:
    """The word of a rank: pronounceable, and no English one."""
    syllables = ("ba", "ke", "li", "mo", "nu", "ra", "si", "to", "vu", "ze", "fa", "go", "pi", "du")
    text = "x"
    number += 1
    while number:
        number, rest = divmod(number, len(syllables))
        text += syllables[rest]
    return text


class Life:
    """What somebody says, turn by turn, over a span of days that ends at ``until``."""

    def __init__(self, *, seed: int, until: datetime, days: int = 700) -> None:
        self._rng = np.random.default_rng(seed)
        self._until = until
        self._days = days
        weights = 1 / np.arange(1, VOCABULARY + 1)
        self._cumulative = np.cumsum(weights / weights.sum())

    def turns(self, count: int) -> list[NewTrace]:
        """``count`` turns, oldest first."""
        return list(islice(self._turns(count), count))

    def question(self, turn: NewTrace) -> str:
        """Some words of a turn and some of any: what one asks when one half remembers."""
        said = turn.content.split()
        kept = self._rng.choice(said, min(5, len(said)), replace=False)
        return " ".join([*kept, *(word(n) for n in self._common(2))])

    def _turns(self, count: int) -> Iterator[NewTrace]:
        conversations = count // TURNS + 1
        for number in range(conversations):
            begins = self._until - timedelta(days=self._days * (1 - number / conversations))
            topic = int(self._rng.integers(TOPICS))
            for turn in range(TURNS):
                yield NewTrace(
                    content=self._text(topic),
                    role="user" if turn % 2 == 0 else "assistant",
                    created_at=begins + timedelta(seconds=40 * turn),
                    salience=0.6,
                    source={"type": "chat", "conversation_id": f"c{number}"},
                    meta={},
                )

    def _text(self, topic: int) -> str:
        length = int(self._rng.integers(8, 30))
        own = self._rng.integers(TOPIC_WORDS, size=length // 2)
        ranks = [topic * TOPIC_WORDS % VOCABULARY + int(n) for n in own] + self._common(length // 2)
        return " ".join(word(n % VOCABULARY) for n in self._rng.permutation(ranks)) + "."

    def _common(self, count: int) -> list[int]:
        return [int(n) for n in np.searchsorted(self._cumulative, self._rng.random(count))]


class WordVectorEmbedder:
    """A text is the sum of its words' random directions, and of one that all texts share. The directions
    are spread as a real model's are: where all are alike, every vector is about as far as any other."""

    model = "synthetic"

    def __init__(self, *, dim: int) -> None:
        self.tokens: TokenCounter = EstimatedTokens()
        self.dimension: int | None = DIM
        self._dim = dim
        rng = np.random.default_rng(7)
        drawn = rng.standard_normal((VOCABULARY + 1, DIM)) * SPECTRUM
        self._directions = drawn.astype(np.float32)
        self._directions /= np.linalg.norm(self._directions, axis=1, keepdims=True)
        self._number = {word(n): n for n in range(VOCABULARY)}
        self._shared = (rng.standard_normal(DIM) * SPECTRUM).astype(np.float32)
        self._shared /= np.linalg.norm(self._shared)

    async def embed(self, texts: Sequence[str], *, urgency: Urgency) -> list[Vectors]:
        return [fit(self._one(text)[None, :], self._dim) for text in texts]

    async def close(self) -> None:
        """Nothing to let go of."""

    def _one(self, text: str) -> Floats:
        words = text.casefold().replace(".", " ").replace(",", " ").split()
        numbers = [self._number.get(each, VOCABULARY) for each in words] or [VOCABULARY]
        total: Floats = self._directions[numbers].sum(axis=0)
        total /= max(float(np.linalg.norm(total)), 1e-6)
        mixed: Floats = SHARED * self._shared + (1 - SHARED**2) ** 0.5 * total
        return mixed
