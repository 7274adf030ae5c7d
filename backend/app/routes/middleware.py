"""What happens to every request before a route sees it."""

from uuid import uuid4

import structlog
from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 8 * 1024 * 1024
TOO_LARGE = f"The body is larger than {MAX_BODY_BYTES // 1024 // 1024} MiB: send it in parts."


class RequestContext:
    """Gives every request an id, which its log lines and its answer carry, and takes a slash at the
    end of a path as if it were not there."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid4().hex

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._app({**scope, "path": _without_slash(scope["path"])}, receive, send_with_id)


class BodyLimit:
    """Refuses a body over ``MAX_BODY_BYTES``, announced or not, before it fills the memory.

    FastAPI's own ``max_body_size`` answers in plain text, and does not say what to do.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        read = 0

        async def receive_within_limit() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MAX_BODY_BYTES:
                raise HTTPException(413, TOO_LARGE)
            return message

        await self._app(scope, receive_within_limit, send)


def _without_slash(path: str) -> str:
    return path.rstrip("/") or "/"
