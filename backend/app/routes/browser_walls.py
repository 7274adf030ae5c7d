"""What browsers are told and asked, so that no other page acts in somebody's name."""

from collections.abc import Collection
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import ForbiddenError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OUR_SITE = frozenset({"same-origin", "none"})
YEAR_SECONDS = 31_536_000


class OriginCheck:
    """Refuses an unsafe request that brings the cookie from a page of another origin.

    A browser says where a request comes from: in ``Origin``, or else in ``Sec-Fetch-Site``. Programs
    say neither, and are let through; so is whoever signs in with a header, which no page can set for
    another. Our own origin is the ``Host`` of the request; ``CORS_ORIGINS`` are allowed as well.
    """

    def __init__(self, app: ASGIApp, *, cookie: str, allowed: Collection[str]) -> None:
        self._app = app
        self._cookie = cookie
        self._allowed = frozenset(origin.rstrip("/").lower() for origin in allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._may_pass(scope["method"], Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        body = {
            "detail": "This request comes from a page of another origin: add it to CORS_ORIGINS.",
            "error": ForbiddenError.__name__,
        }
        await JSONResponse(body, status_code=ForbiddenError.status)(scope, receive, send)

    def _may_pass(self, method: str, headers: Headers) -> bool:
        if method in SAFE_METHODS or "authorization" in headers or not self._has_cookie(headers):
            return True
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site", "none") in OUR_SITE
        is_ours = urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
        return is_ours or origin.lower() in self._allowed

    def _has_cookie(self, headers: Headers) -> bool:
        try:
            return any(self._cookie in SimpleCookie(line) for line in headers.getlist("cookie"))
        except CookieError:
            return True


class SecurityHeaders:
    """Tells browsers not to guess types, frame, cache or pass on anything, and to load nothing from an
    answer that is data. ``/docs`` may load its scripts; the web app says itself what it loads."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message), is_tls=scope["scheme"] == "https")
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _add_headers(headers: MutableHeaders, *, is_tls: bool) -> None:
    is_page = headers.get("content-type", "").startswith("text/html")
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "no-referrer"
    headers.setdefault(
        "Content-Security-Policy",
        "frame-ancestors 'none'" if is_page else "default-src 'none'; frame-ancestors 'none'",
    )
    if not is_page:
        headers.setdefault("Cache-Control", "no-store")
    if is_tls:
        headers["Strict-Transport-Security"] = f"max-age={YEAR_SECONDS}"
