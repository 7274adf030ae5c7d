"""Where a request came from is told by the proxies that are named, and by nobody else."""

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from support.http_server import serving

from app.routes import middleware
from app.routes.middleware import TrustedProxies

TOLD = {"X-Forwarded-For": "somebody-far-away", "X-Forwarded-Proto": "https"}
FROM_AFAR = ["somebody-far-away", "https"]


async def whence(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers where it thinks a request came from."""
    request = Request(scope)
    assert request.client is not None
    await JSONResponse([request.client.host, request.url.scheme])(scope, receive, send)


@pytest.mark.parametrize(
    ("proxies", "is_believed"),
    [
        (("localhost",), True),
        (("nobody.invalid", "localhost"), True),
        (("nobody.invalid",), False),
        ((), False),
    ],
)
def test_only_a_proxy_that_is_named_is_believed(
    proxies: tuple[str, ...], is_believed: bool
) -> None:
    with serving(TrustedProxies(whence, proxies=proxies)) as url:
        answer = httpx.get(url, headers=TOLD).json()
    assert (answer == FROM_AFAR) is is_believed


def test_a_client_cannot_pose_as_somebody_else_through_the_proxy() -> None:
    with serving(TrustedProxies(whence, proxies=("localhost",))) as url:
        told = {"X-Forwarded-For": "whoever-I-like, somebody-far-away"}
        assert httpx.get(url, headers=told).json()[0] == "somebody-far-away"


def test_a_proxy_that_has_another_address_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is that of a container, which nothing here can give another address: the answers are."""
    answers = iter([[], ["127.0.0.1"], []])

    async def addresses_of(_proxy: str) -> list[str]:
        return next(answers)

    monkeypatch.setattr(middleware, "_addresses_of", addresses_of)
    monkeypatch.setattr(middleware, "LOOK_UP_AGAIN_SECONDS", 0.0)
    with serving(TrustedProxies(whence, proxies=("frontend",))) as url:
        believed = [httpx.get(url, headers=TOLD).json() == FROM_AFAR for _ in range(3)]
    assert believed == [False, True, False]
