"""People who use a service over HTTP."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

PASSWORD = "correct horse battery"
PATIENCE_SECONDS = 60


class Person(httpx.Client):
    """A client that is signed in as somebody new."""

    def __init__(self, base_url: str, *, email: str | None = None) -> None:
        super().__init__(base_url=base_url, timeout=60)
        self.email = email or f"{uuid4().hex}@example.com"
        answer = self.post("/auth/signup", json={"email": self.email, "password": PASSWORD})
        answer.raise_for_status()
        self.cookies.clear()
        self.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def remember(self, content: str, **fields: Any) -> str:
        """Write one trace; its id."""
        answer = self.post("/memory/trace", json={"content": content, **fields})
        answer.raise_for_status()
        return str(answer.json()["trace_id"])

    def remember_many(self, items: list[dict[str, Any]]) -> list[str]:
        """Write many traces at once; their ids."""
        answer = self.post("/memory/traces", json=items)
        answer.raise_for_status()
        return [item["trace_id"] for item in answer.json()["results"]]

    def recall(self, question: str, **parameters: Any) -> dict[str, Any]:
        """Recall without leaving a mark."""
        answer = self.get(
            "/memory/recall", params={"q": question, "strengthen": False, **parameters}
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def contents(self, question: str, **parameters: Any) -> list[str]:
        """What comes to mind, best first."""
        return [result["content"] for result in self.recall(question, **parameters)["results"]]

    def until_embedded(self) -> None:
        """Wait for the durable queue."""
        until(lambda: self.get("/memory/stats").json()["pending_embeddings"] == 0)


def until(is_true: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for the thing itself.

    Raises:
        AssertionError: it did not come true in time.
    """
    looking = Retrying(
        retry=retry_if_result(lambda answer: not answer),
        wait=wait_fixed(0.02),
        stop=stop_after_delay(seconds),
        retry_error_callback=lambda _: False,
    )
    assert looking(is_true), "it did not come true in time"
