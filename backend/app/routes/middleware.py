"""What happens to every request before a route sees it."""

import asyncio
import socket
from collections.abc import Sequence
from time import monotonic
from uuid import uuid4

import structlog
from fastapi import HTTPException
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.log import places

log = structlog.get_logger()

MEBIBYTE = 1024 * 1024
MAX_BODY_BYTES = 8 * MEBIBYTE
MAX_BODY_BYTES_OF = {"/memory/import": 1024 * MEBIBYTE}  # it goes to a file as it comes
LOOK_UP_AGAIN_SECONDS = 10.0


class RequestContext:
    """Gives every request an id, which its log lines and its answer carry; takes a slash at the end
    of a path as if it were not there; turns what nobody expected into an answer and a log line."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid4().hex
        has_started = False

        async def send_with_id(message: Message) -> None:
            nonlocal has_started
            if message["type"] == "http.response.start":
                has_started = True
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                scope = {**scope, "path": _without_slash(scope["path"])}
                await self._app(scope, receive, send_with_id)
            except Exception as error:  # the last place where it can become an answer
                log.error("request.failed", path=scope["path"], **places(error))
                if not has_started:
                    await _unexpected(request_id)(scope, receive, send_with_id)


class BodyLimit:
    """Refuses a body over ``MAX_BODY_BYTES``, announced or not, before it fills the memory. What is
    streamed into a file may be longer.

    FastAPI's own ``max_body_size`` answers in plain text, and does not say what to do.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        read = 0
        most = MAX_BODY_BYTES_OF.get(scope.get("path", ""), MAX_BODY_BYTES)

        async def receive_within_limit() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                size = most // MEBIBYTE
                raise HTTPException(413, f"The body is larger than {size:,} MiB: send it in parts.")
            return message

        await self._app(scope, receive_within_limit, send)


class TrustedProxies:
    """Takes the word of the proxies named for where a request came from and whether by TLS
    (``X-Forwarded-For`` and ``X-Forwarded-Proto``), and of nobody else.

    A proxy is a network, an address, or a host's name, which is looked up again every
    ``LOOK_UP_AGAIN_SECONDS``: a container that is replaced has another address.
    """

    def __init__(self, app: ASGIApp, *, proxies: Sequence[str]) -> None:
        self._app = app
        self._proxies = proxies
        self._behind: ASGIApp = app
        self._looked_up = -LOOK_UP_AGAIN_SECONDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._proxies:
            await self._look_up()
        await self._behind(scope, receive, send)

    async def _look_up(self) -> None:
        if monotonic() - self._looked_up < LOOK_UP_AGAIN_SECONDS:
            return
        self._looked_up = monotonic()
        addresses = await asyncio.gather(*map(_addresses_of, self._proxies))
        trusted = [address for found in addresses for address in found]
        self._behind = ProxyHeadersMiddleware(self._app, trusted)  # type: ignore[assignment,arg-type]


async def _addresses_of(proxy: str) -> list[str]:
    """The addresses of a host; none while it is unknown. What is an address or a network stays it."""
    if "/" in proxy:
        return [proxy]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(proxy, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(address[0]) for *_, address in found]


def _unexpected(request_id: str) -> JSONResponse:
    detail = f"Something unexpected went wrong; the log has it under request {request_id}."
    return JSONResponse({"detail": detail, "error": "SaraError"}, status_code=500)


def _without_slash(path: str) -> str:
    return path.rstrip("/") or "/"
