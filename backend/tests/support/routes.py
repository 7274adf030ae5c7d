"""The application's own list of routes: a new route is in it at once."""

from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import Route

from app.main import create_app
from app.settings import Settings

# What shows the web app and describes the API: nothing of anybody's is in it.
PAGES = {
    ("GET", "/"),
    ("GET", "/app"),
    ("GET", "/app/{path:path}"),
    ("GET", "/docs"),
    ("GET", "/docs/oauth2-redirect"),
    ("GET", "/openapi.json"),
    ("GET", "/redoc"),
}


def routes_of(found: list[Any]) -> Iterator[tuple[str, str]]:
    """The method and the path of each."""
    for route in found:
        if isinstance(route, Route | APIRoute):
            for method in sorted(route.methods or ()):
                if method != "HEAD":
                    yield (method, route.path)
        else:
            yield from routes_of(route.original_router.routes)  # an included router


ROUTES = sorted(set(routes_of(create_app(Settings()).routes)))
