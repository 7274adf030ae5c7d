"""A deterministic embedder: texts that share words are near each other."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from app.embedders.protocol import Urgency, Vectors, fit
from app.embedders.tokens import EstimatedTokens, TokenCounter
from app.language.words import Words

DIM = 768


class HashingEmbedder:
    """Every word adds one fixed random direction (feature hashing, Weinberger et al., 2009)."""

    def __init__(self, model: str = "hashing", *, dim: int = DIM, pause: float = 0.0) -> None:
        self.model = model
        self.dimension: int | None = 384
        self.tokens: TokenCounter = EstimatedTokens()
        self._dim = dim
        self._pause = pause
        self._words = Words("english")

    async def embed(self, texts: Sequence[str], *, urgency: Urgency) -> list[Vectors]:
        if self._pause:
            await asyncio.sleep(self._pause)
        return [fit(embed_one(text, self._words)[None, :], self._dim) for text in texts]

    async def close(self) -> None:
        """Nothing to let go of."""


def embed_one(text: str, words: Words) -> np.ndarray:
    """A vector of shape (384,); a text without words points nowhere in particular."""
    vector = np.full(384, 1e-3, dtype=np.float32)
    for term, count in Counter(words.terms(text)).items():
        seed = int.from_bytes(blake2b(term.encode(), digest_size=8).digest())
        vector += count * np.random.default_rng(seed).standard_normal(384).astype(np.float32)
    return vector
