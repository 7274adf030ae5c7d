"""The public HTTP API as a measurement uses it: sign up, remember, wait for the queue, recall."""

import json
import secrets
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from recall_set import Question, Turn

MAX_CONTENT_CHARACTERS = 100_000
MAX_BATCH_ITEMS = 1_000
MAX_BATCH_BYTES = 4_000_000
BUSY_ATTEMPTS = 20
POLL_SECONDS = 0.1
STALLED_SECONDS = 300
TIMEOUT = httpx.Timeout(900, connect=10)  # a thousand long texts on a small machine

Answer = TypeVar("Answer", bound=BaseModel)


class ServiceError(Exception):
    """The service did not answer as its contract says."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is sent of a turn in one item: all of it as a rule."""

    turn: Turn
    source_id: str
    content: str


@dataclass(frozen=True, slots=True)
class Batch:
    """The parts of one request and its body."""

    parts: Sequence[Part]
    body: bytes


class Written(BaseModel):
    """One item of a bulk write's answer."""

    trace_id: str
    heads: list[str]
    stored: bool


class _WriteAnswer(BaseModel):
    results: list[Written]


class Result(BaseModel):
    """One result of a recall; ``copies`` are further traces that it stands for."""

    trace_id: str
    copies: list[str] = []


class RecallAnswer(BaseModel):
    """What a measurement needs of a recall's answer."""

    results: list[Result]
    took_ms: dict[str, float]
    degraded: list[str] = []


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody signs in with."""

    email: str
    password: str


class _SignedInAnswer(BaseModel):
    access_token: str


class _StatsAnswer(BaseModel):
    pending_embeddings: int


class Account:
    """An account of the service, and what one can do with it."""

    def __init__(self, http: httpx.Client, credentials: Credentials, *, token: str) -> None:
        self._http = http
        self.credentials = credentials
        self.headers = {"Authorization": f"Bearer {token}"}

    @classmethod
    def sign_up(cls, http: httpx.Client) -> Self:
        """Make an account under a random address."""
        email = f"bench-{uuid.uuid4().hex}@example.com"
        return cls._enter(http, "/auth/signup", Credentials(email, secrets.token_urlsafe(24)))

    @classmethod
    def sign_in(cls, http: httpx.Client, credentials: Credentials) -> Self:
        """Come back to an account that was made before."""
        return cls._enter(http, "/auth/login", credentials)

    @classmethod
    def _enter(cls, http: httpx.Client, path: str, credentials: Credentials) -> Self:
        response, _ = _send(http, http.build_request("POST", path, json=asdict(credentials)))
        http.cookies.clear()  # the next account shares the connection, not the session
        return cls(http, credentials, token=_parsed(_SignedInAnswer, response).access_token)

    def remember(self, batch: Batch) -> list[Written]:
        """Write one batch; the answer is in the order of its parts."""
        headers = {**self.headers, "Content-Type": "application/json"}
        request = self._http.build_request(
            "POST", "/memory/traces", content=batch.body, headers=headers
        )
        response, _ = _send(self._http, request)
        written = _parsed(_WriteAnswer, response).results
        if len(written) != len(batch.parts):
            raise ServiceError(f"{len(batch.parts)} traces sent, {len(written)} acknowledged")
        return written

    def wait_for_heads(self) -> None:
        """Return when no embedding of this account is pending.

        Raises:
            ServiceError: the queue has not moved for ``STALLED_SECONDS``.
        """
        least, moved_at = self._pending(), time.monotonic()
        pending = least
        while pending > 0:
            time.sleep(POLL_SECONDS)
            pending = self._pending()
            if pending < least:
                least, moved_at = pending, time.monotonic()
            elif time.monotonic() - moved_at > STALLED_SECONDS:
                raise ServiceError(f"{pending} embeddings stay pending for {STALLED_SECONDS} s")

    def recall(
        self, question: Question, *, k: int, heads: str | None = None
    ) -> tuple[RecallAnswer, float]:
        """Ask without strengthening; the answer and the whole call's milliseconds."""
        asked = {"q": question.text, "k": str(k), "strengthen": "false"}
        if question.at:
            asked["now"] = question.at
        if heads:
            asked["heads"] = heads
        request = self._http.build_request(
            "GET", "/memory/recall", params=asked, headers=self.headers
        )
        response, ms = _send(self._http, request)
        return _parsed(RecallAnswer, response), ms

    def _pending(self) -> int:
        request = self._http.build_request("GET", "/memory/stats", headers=self.headers)
        response, _ = _send(self._http, request)
        return _parsed(_StatsAnswer, response).pending_embeddings


def connect(url: str) -> httpx.Client:
    """One connection for all accounts, past any proxy."""
    return httpx.Client(base_url=url, timeout=TIMEOUT, trust_env=False)


def parts_of(turns: Iterable[Turn]) -> Iterator[Part]:
    """Turns as the service takes them: none blank, none over ``MAX_CONTENT_CHARACTERS``.

    Every part has a source id of its own: the turn's, and from the second part on a numbered one.
    """
    seen: Counter[str] = Counter()
    for turn in turns:
        for at in range(0, len(turn.text), MAX_CONTENT_CHARACTERS):
            content = turn.text[at : at + MAX_CONTENT_CHARACTERS]
            if not content.strip():
                continue
            seen[turn.id] += 1
            number = seen[turn.id]
            yield Part(turn, turn.id if number == 1 else f"{turn.id}~{number}", content)


def batches_of(parts: Iterable[Part]) -> Iterator[Batch]:
    """Share parts out to requests within ``MAX_BATCH_ITEMS`` and ``MAX_BATCH_BYTES``."""
    batch: list[Part] = []
    items: list[bytes] = []
    size = 1  # a bracket; every item brings the comma or bracket after it
    for part in parts:
        item = _item(part)
        if batch and (len(batch) == MAX_BATCH_ITEMS or size + len(item) + 1 > MAX_BATCH_BYTES):
            yield Batch(batch, _json_list(items))
            batch, items, size = [], [], 1
        batch.append(part)
        items.append(item)
        size += len(item) + 1
    if batch:
        yield Batch(batch, _json_list(items))


def _item(part: Part) -> bytes:
    item = {
        "content": part.content,
        "role": part.turn.role,
        "source": {"type": "chat", "id": part.source_id, "conversation_id": part.turn.session},
        "meta": {},
    }
    if part.turn.at:
        item["created_at"] = part.turn.at
    return json.dumps(item, ensure_ascii=False).encode()


def _json_list(items: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(items) + b"]"


def _send(http: httpx.Client, request: httpx.Request) -> tuple[httpx.Response, float]:
    """Send, again while the service asks to wait; the answer and its own milliseconds."""
    for _ in range(BUSY_ATTEMPTS):
        started = time.perf_counter()
        response = http.send(request)
        ms = (time.perf_counter() - started) * 1_000
        if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
            break
        wait = response.headers.get("Retry-After", "")
        time.sleep(int(wait) if wait.isdecimal() else 1)
    if response.is_error:
        raise ServiceError(
            f"{request.method} {request.url.path} answered {response.status_code}: "
            f"{response.text[:500]}"
        )
    return response, ms


def _parsed(model: type[Answer], response: httpx.Response) -> Answer:
    try:
        return model.model_validate_json(response.content)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        raise ServiceError(
            f"{response.request.url.path} answered out of contract: "
            f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
        ) from error
