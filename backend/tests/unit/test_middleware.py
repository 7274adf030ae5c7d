"""What nobody expected becomes an answer and a log line, and neither repeats what was sent."""

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from app.routes.middleware import RequestContext

pytestmark = pytest.mark.anyio


async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise RuntimeError("Failing row contains (my diary)")


async def test_an_unexpected_error_is_told_without_its_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    transport = httpx.ASGITransport(RequestContext(broken))
    async with httpx.AsyncClient(transport=transport, base_url="http://sara") as client:
        answer = await client.get("/memory/stats")
    assert (answer.status_code, answer.json()["error"]) == (500, "SaraError")
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    told = answer.text + capsys.readouterr().out + capsys.readouterr().err
    assert "diary" not in told
