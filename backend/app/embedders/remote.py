"""Any OpenAI-compatible ``/v1/embeddings`` endpoint."""

import asyncio
from collections.abc import Sequence

import httpx
import numpy as np
from pydantic import BaseModel, SecretStr, ValidationError
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

from app.embedders.protocol import Urgency, Vectors, fit
from app.embedders.tokens import EstimatedTokens, TokenCounter
from app.endpoints import endpoint_client, reason, refused_with
from app.errors import AddressRefusedError, EmbedderRefusedError, EmbedderUnavailableError

BATCH_SIZE = 64
CHUNK_CHARACTERS = 1_500  # under 2,048 tokens, the shortest window served, even at a token each
REFUSALS = (httpx.codes.BAD_REQUEST, httpx.codes.REQUEST_ENTITY_TOO_LARGE, 422)
ATTEMPTS = {Urgency.QUESTION: 1, Urgency.WRITE: 2, Urgency.BACKGROUND: 1}
TIMEOUT = httpx.Timeout(10, connect=3)


class _Item(BaseModel):
    index: int
    embedding: list[float]


class _Answer(BaseModel):
    data: list[_Item]


class _PassingFaultError(Exception):
    """Worth another try: no connection, a time-out, 429 or 5xx."""


class RemoteEmbedder:
    """Embeds over HTTP; long texts are cut at ``CHUNK_CHARACTERS``."""

    def __init__(self, model: str, *, base_url: str, api_key: SecretStr | None, dim: int) -> None:
        self.model = model
        self.tokens: TokenCounter = EstimatedTokens()
        self.dimension: int | None = None
        self._dim = dim
        self._client = endpoint_client(base_url, api_key=api_key, timeout=TIMEOUT)

    async def embed(self, texts: Sequence[str], *, urgency: Urgency) -> list[Vectors]:
        """See ``Embedder.embed``."""
        chunks = [
            [text[at : at + CHUNK_CHARACTERS] for at in range(0, len(text), CHUNK_CHARACTERS)]
            for text in texts
        ]
        flat = [chunk for text_chunks in chunks for chunk in text_chunks]
        batches = [flat[at : at + BATCH_SIZE] for at in range(0, len(flat), BATCH_SIZE)]
        answers = [await self._embed_batch(batch, urgency) for batch in batches]
        self.dimension = answers[0].shape[1]
        vectors = fit(np.concatenate(answers), self._dim)
        ends = np.cumsum([len(text_chunks) for text_chunks in chunks])
        return [np.asarray(part) for part in np.split(vectors, ends[:-1])]

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _embed_batch(self, batch: list[str], urgency: Urgency) -> np.ndarray:
        retrying = AsyncRetrying(
            stop=stop_after_attempt(ATTEMPTS[urgency]),
            wait=wait_exponential_jitter(multiplier=0.2, max=2),
            retry=retry_if_exception_type(_PassingFaultError),
            reraise=True,
        )
        try:
            return await retrying(self._post, batch)
        except _PassingFaultError as error:
            raise EmbedderUnavailableError(
                f"The embedding endpoint does not answer: {error}"
            ) from error

    async def _post(self, batch: list[str]) -> np.ndarray:
        try:
            response = await self._client.post(
                "/v1/embeddings", json={"model": self.model, "input": batch}
            )
        except httpx.TransportError as error:
            raise _PassingFaultError(reason(error)) from error
        except AddressRefusedError as error:
            raise EmbedderUnavailableError(error.detail) from error
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
            raise _PassingFaultError(f"HTTP {response.status_code}")
        if response.status_code in REFUSALS:
            raise EmbedderRefusedError(
                f"The embedding endpoint answers HTTP {response.status_code}."
            )
        if not response.is_success:
            raise EmbedderUnavailableError(
                f"The embedding endpoint refuses model {self.model} with "
                f"{refused_with(response.status_code)}. Check EMBEDDING_BASE_URL, EMBEDDING_API_KEY and "
                "EMBEDDING_MODEL."
            )
        return await asyncio.to_thread(_read, response.content, len(batch))


def _read(body: bytes, expected: int) -> np.ndarray:
    """The vectors in the order asked for, whatever order the endpoint gave them in."""
    try:
        items = sorted(_Answer.model_validate_json(body).data, key=lambda item: item.index)
        vectors = np.array([item.embedding for item in items], dtype=np.float32)
    except (ValidationError, ValueError) as error:
        raise EmbedderUnavailableError(
            "The embedding endpoint's answer is not in OpenAI's form."
        ) from error
    if (
        vectors.ndim != 2
        or len(vectors) != expected
        or not (vectors.size and np.isfinite(vectors).all())
    ):
        raise EmbedderUnavailableError(
            f"The embedding endpoint gave vectors of shape {vectors.shape} for {expected} texts."
        )
    if not vectors.any(axis=1).all():
        raise EmbedderUnavailableError("The embedding endpoint gave a vector of nothing but zeros.")
    return vectors
