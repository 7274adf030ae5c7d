"""The web app: its pages under ``/app``, its files, and the way to it.

No path of the API begins with ``/app``, so a page never answers for a route, nor a route for a page
(ADR 0018).
"""

import gzip
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.errors import NotFoundError

HOME = "/app"
PAGE = "index.html"
ASSETS = "assets/"  # their names hold a hash of what is in them
FOREVER = "public, max-age=31536000, immutable"
SMALLEST_COMPRESSED = 1_024
COMPRESSIBLE = frozenset({"text/html", "text/css", "text/javascript", "image/svg+xml"})
# Scripts, styles, fonts and answers of our own, and nothing of anybody else's.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


@dataclass(frozen=True)
class File:
    """A file of the build, in memory, and compressed where that is worth it."""

    name: str
    body: bytes

    @property
    def media_type(self) -> str:
        """What a browser is told that it is."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @cached_property
    def compressed(self) -> bytes | None:
        """None for what is small or compressed already."""
        if len(self.body) < SMALLEST_COMPRESSED or self.media_type not in COMPRESSIBLE:
            return None
        return gzip.compress(self.body, mtime=0)


def web_app_router(folder: Path) -> APIRouter:
    """Routes for the build in a folder, which is read once; without one they say how to make it."""
    files = _files_in(folder)
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def home() -> RedirectResponse:
        """What a browser sees first."""
        return RedirectResponse(HOME if PAGE in files else "/docs")

    @router.get(HOME)
    async def first_page(request: Request) -> Response:
        """The app itself."""
        return _answer(files, PAGE, request)

    @router.get(HOME + "/{path:path}")
    async def page_or_file(path: str, request: Request) -> Response:
        """A file of the build; any other path is a page, which the app knows how to show."""
        is_file = path in files or path.startswith(ASSETS)
        return _answer(files, path if is_file else PAGE, request)

    return router


def _files_in(folder: Path) -> Mapping[str, File]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in paths]
    return {name: File(name, path.read_bytes()) for name, path in zip(names, paths, strict=True)}


def _answer(files: Mapping[str, File], name: str, request: Request) -> Response:
    file = files.get(name)
    if file is None:
        raise NotFoundError(
            "There is no such file in the web app."
            if files
            else "The web app is not built here: install Node.js 20 or newer with npm, and start "
            "with `make run`."
        )
    headers = {"Cache-Control": FOREVER if name.startswith(ASSETS) else "no-cache"}
    if name == PAGE:
        headers["Content-Security-Policy"] = POLICY
    if file.compressed is not None:
        headers["Vary"] = "Accept-Encoding"
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(file.compressed, media_type=file.media_type, headers=headers)
    return Response(file.body, media_type=file.media_type, headers=headers)
