"""Any OpenAI-compatible ``/v1/chat/completions`` endpoint."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import httpx
from pydantic import BaseModel, SecretStr, ValidationError
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

from app.endpoints import endpoint_client, reason, refused_with
from app.errors import AddressRefusedError

ATTEMPTS = 3
CONNECT_SECONDS = 3
MOST_BYTES = 1_000_000


class ChatUnavailableError(Exception):
    """The language model gives no answer; the message says why, without a word of what was asked."""


class _PassingFaultError(Exception):
    """Worth another try: no connection, a time-out, 429 or 5xx."""


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Answer(BaseModel):
    choices: list[_Choice]


class RemoteChat:
    """Asks over HTTP. ``timeout`` limits one question with all its attempts."""

    def __init__(
        self, model: str, *, base_url: str, api_key: SecretStr | None, timeout: timedelta
    ) -> None:
        self.model = model
        self._seconds = timeout.total_seconds()
        self._client = endpoint_client(
            base_url,
            api_key=api_key,
            timeout=httpx.Timeout(self._seconds, connect=CONNECT_SECONDS),
        )

    async def complete(self, request: Mapping[str, object]) -> str:
        """The answer's text. ``request`` is the body of a chat completion without the model's name.

        Raises:
            ChatUnavailableError: there is no whole answer in time.
        """
        retrying = AsyncRetrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential_jitter(multiplier=0.2, max=2),
            retry=retry_if_exception_type(_PassingFaultError),
            reraise=True,
        )
        try:
            async with asyncio.timeout(self._seconds):
                return await retrying(self._post, {"model": self.model, **request})
        except TimeoutError as error:
            raise ChatUnavailableError(f"no answer within {self._seconds:g} s") from error
        except _PassingFaultError as error:
            raise ChatUnavailableError(str(error)) from error

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _post(self, body: Mapping[str, object]) -> str:
        try:
            response = await self._client.post("/v1/chat/completions", json=body)
        except httpx.TransportError as error:
            raise _PassingFaultError(reason(error)) from error
        except AddressRefusedError as error:
            raise ChatUnavailableError(error.detail) from error
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
            raise _PassingFaultError(f"HTTP {response.status_code}")
        if not response.is_success:
            raise ChatUnavailableError(refused_with(response.status_code))
        return _read(response.content)


def _read(body: bytes) -> str:
    if len(body) > MOST_BYTES:
        raise ChatUnavailableError("an answer too long to read")
    try:
        choices = _Answer.model_validate_json(body).choices
    except ValidationError as error:
        raise ChatUnavailableError("an answer that is not in OpenAI's form") from error
    if not choices or choices[0].finish_reason not in (None, "stop"):
        raise ChatUnavailableError("an answer that was cut short")
    return choices[0].message.content
