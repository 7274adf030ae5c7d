"""Vectors for questions, which repeat, and for passages, which do not."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from app.embedders.protocol import Embedder, Urgency, Vectors, fit
from app.embedders.tokens import TokenCounter
from app.errors import EmbedderUnavailableError
from app.language.words import Words
from app.services.in_use import InUse
from app.services.stored_model import is_of_length, other_model

CACHED_QUESTIONS = 1_000


class EmbeddingService:
    """The embedder, with a small cache of questions that is keyed by digest and keeps no text.

    ``stored`` tells the length of the model's vectors that are stored already, None when there are none;
    vectors of another length never leave here. ``is_available`` says how the latest call went.
    """

    def __init__(
        self,
        embedder: Embedder,
        words: Words,
        *,
        stored: Callable[[], Awaitable[int | None]] | None = None,
    ) -> None:
        self._embedders = InUse(embedder)
        self._words = words
        self._stored = stored
        self._length: int | None = None
        self._questions: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self.is_available = True

    @property
    def model(self) -> str:
        """The name stored beside every vector."""
        return self._embedders.now.model

    @property
    def dimension(self) -> int | None:
        """How long the model's own vectors are; None while an endpoint has not answered yet."""
        return self._embedders.now.dimension

    @property
    def tokens(self) -> TokenCounter:
        """Counts tokens with the model's own tokenizer where that is at hand."""
        return self._embedders.now.tokens

    async def question(self, text: str) -> NDArray[np.float32]:
        """One vector of shape (EMBEDDING_DIM,): the middle between the question and its gist, which
        leaves out the words that only ask. Of a text too long to read whole, its beginning.

        Raises:
            EmbedderUnavailableError: the model cannot be reached.
        """
        key = sha256(text.encode()).digest()
        if (known := self._questions.get(key)) is not None:
            self._questions.move_to_end(key)
            return known
        whole, gist = await self.passages([text, self._words.gist(text)], urgency=Urgency.QUESTION)
        found: NDArray[np.float32] = fit(whole[:1] + gist[:1], whole.shape[1])[0]
        self._questions[key] = found
        if len(self._questions) > CACHED_QUESTIONS:
            self._questions.popitem(last=False)
        return found

    async def passages(self, texts: Sequence[str], *, urgency: Urgency) -> list[Vectors]:
        """One array of shape (chunks, EMBEDDING_DIM) per text.

        Raises:
            EmbedderUnavailableError: the model cannot be reached, or is another one than that of the
                stored vectors.
        """
        if not texts:
            return []
        try:
            async with self._embedders.held() as embedder:
                vectors = await embedder.embed(texts, urgency=urgency)
                await self._require_length(embedder, dim=vectors[0].shape[1])
        except EmbedderUnavailableError:
            self.is_available = False
            raise
        self.is_available = True
        return vectors

    async def _require_length(self, embedder: Embedder, *, dim: int) -> None:
        """An endpoint may come up, or come back, with another model under the same name."""
        if self._length is None and self._stored is not None:
            self._length = await self._stored()
        self._length = self._length or embedder.dimension
        if not is_of_length(self._length, embedder.dimension, dim=dim):
            stored = f"{embedder.model} with {self._length} dimensions"
            raise EmbedderUnavailableError(
                other_model(stored, f"a model at that address with {embedder.dimension}")
            )

    async def exchange(self, embedder: Embedder) -> None:
        """Embed with another one of the same model from now on; what is under way ends as it began."""
        self._questions.clear()
        await self._embedders.exchange(embedder)

    async def close(self) -> None:
        """Let go of the model."""
        await self._embedders.close()
