"""Every error as one shape: ``{"detail": …, "error": …}``, and what the document says of them."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.errors import ContentTooLargeError, NotFoundError, SaraError
from app.schemas.problem import ProblemOut, message_of

MOST_ERRORS_TOLD = 20

_NAMES = {
    400: "InvalidInputError",
    404: NotFoundError.__name__,
    405: "MethodNotAllowedError",
    413: ContentTooLargeError.__name__,
}

# What any route may answer with besides what it is for.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": ProblemOut, "description": "The body cannot be read"},
    401: {"model": ProblemOut, "description": "Not signed in"},
    403: {"model": ProblemOut, "description": "Not allowed"},
    404: {"model": ProblemOut, "description": "Not there, or not yours"},
    409: {"model": ProblemOut, "description": "Contradicts what is stored"},
    413: {"model": ProblemOut, "description": "Too large"},
    422: {"model": ProblemOut, "description": "Cannot be understood"},
    429: {"model": ProblemOut, "description": "Too many requests"},
    503: {"model": ProblemOut, "description": "A part does not answer"},
}


def answer_problems(app: FastAPI) -> None:
    """Turn whatever routes raise into answers."""
    app.add_exception_handler(SaraError, _sara_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)


async def _sara_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SaraError)  # noqa: S101  registered for this class alone
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else None
    return _problem(error.status, error.detail, type(error).__name__, headers=headers)


async def _validation_error(_request: Request, error: Exception) -> JSONResponse:
    """Say where and what, without repeating what was sent: it may not even be encodable."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this class alone
    found = error.errors()
    told = "; ".join(_told(item, error.body) for item in found[:MOST_ERRORS_TOLD])
    rest = len(found) - MOST_ERRORS_TOLD
    return _problem(422, told + (f"; and {rest} more" if rest > 0 else ""), "InvalidInputError")


def _told(item: Any, body: Any) -> str:
    if item["type"] == "json_invalid":
        is_line = bool(item["loc"]) and isinstance(item["loc"][0], int)
        return f"{_place(item['loc'][:1]) if is_line else 'the body'}: this is not valid JSON"
    if item["loc"][:1] == ("body",) and item["input"] == body and not isinstance(body, dict):
        return f"body: {item['msg']} (is the Content-Type application/json?)"
    return f"{_place(item['loc'])}: {message_of(item)}"


def _place(location: tuple[str | int, ...]) -> str:
    parts = location[1:] if location and location[0] in ("body", "query", "path") else location
    return ".".join(f"item {part}" if isinstance(part, int) else part for part in parts) or "body"


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this class alone
    return _problem(
        error.status_code,
        str(error.detail),
        _NAMES.get(error.status_code, "HTTPError"),
        headers=error.headers,
    )


def _problem(
    status: int, detail: str, name: str, *, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    encodable = detail.encode("utf-8", "replace").decode()
    return JSONResponse({"detail": encodable, "error": name}, status_code=status, headers=headers)
