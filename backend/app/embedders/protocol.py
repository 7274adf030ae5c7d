"""What the service asks of an embedder, whichever it is."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.embedders.tokens import TokenCounter

Vectors = NDArray[np.float32]


class Urgency(IntEnum):
    """Who waits for a vector. A question overtakes an import; both overtake the background."""

    QUESTION = 0
    WRITE = 1
    BACKGROUND = 2


class Embedder(Protocol):
    """Embeds texts of any length.

    Attributes:
        model: the name stored beside every vector; vectors of two models never meet in a recall.
        dimension: how long the model's own vectors are; None while an endpoint has not answered yet.
        tokens: counts the tokens of a text as the model does, or as well as can be from here.
    """

    model: str
    dimension: int | None
    tokens: TokenCounter

    async def embed(self, texts: Sequence[str], *, urgency: Urgency) -> list[Vectors]:
        """One float32 array of shape (chunks, EMBEDDING_DIM) per text, rows of length 1.

        Raises:
            EmbedderUnavailableError: the model cannot be reached.
        """
        ...

    async def close(self) -> None:
        """Let go of threads and connections."""
        ...


def fit(vectors: NDArray[np.floating], dim: int) -> Vectors:
    """Pad with zeros or truncate to ``dim``, then L2-normalise each row.

    Cosines do not change by padding. Truncation suits models trained for it (Matryoshka, Kusupati
    et al., 2022) and costs the others some quality.
    """
    kept = np.asarray(vectors, dtype=np.float32)[:, :dim]
    fitted = np.zeros((len(kept), dim), dtype=np.float32)
    fitted[:, : kept.shape[1]] = kept
    norms = np.linalg.norm(fitted, axis=1, keepdims=True)
    fitted /= np.maximum(norms, np.finfo(np.float32).tiny)
    return fitted
