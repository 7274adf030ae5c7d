"""Counts and times every request, and, in logs for machines, tells of it."""

from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.meters import Meters

NO_ROUTE = "none"  # whatever was typed into the path stays out of labels and logs
FAILED = 500
PROBES = frozenset(
    {"/health", "/ready", "/metrics"}
)  # asked every few seconds: told when they fail

log = structlog.get_logger()


class RequestMeter:
    """Sits inside ``RequestContext``: the request's id is known and the route is found below."""

    def __init__(self, app: ASGIApp, *, tells: bool) -> None:
        self._app = app
        self._tells = tells

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began = FAILED, perf_counter()

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noting_status)
        finally:
            self._note(scope, status, seconds=perf_counter() - began)

    def _note(self, scope: Scope, status: int, *, seconds: float) -> None:
        method, route = scope["method"], _template(scope)
        meters: Meters = scope["app"].state.resources.meters
        meters.answered(method, route, status, seconds=seconds)
        if self._tells and not (route in PROBES and status < 400):
            log.info(
                "request.answered",
                method=method,
                route=route,
                status=status,
                ms=round(seconds * 1_000, 1),
            )


def _template(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", NO_ROUTE))
