"""How an endpoint is declared: its method, its path, the right it asks for, what it answers.

Nothing below /api/v1 is reachable that is not declared here; the gate (`web/api/gate.py`) checks the right first.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from vatriage.errors import UsageError
from vatriage.model.viewer import Right, Viewer

JSON = "application/json"
LINES = "application/x-ndjson"
"""Events as a sensor writes them, one a line."""
FILE = {"type": "string", "format": "binary"}
"""The answer of what sends a file."""
BYTES = "application/octet-stream"
MOST_LINES_BYTES = 16_000_000
"""Of events in one request."""
MOST = 500
"""Items of a page of a list."""


class ApiRequest(HttpRequest):
    """A request that passed the gate."""

    viewer: Viewer
    """Who asks: the owner of the token, or who is logged in."""


@dataclass(slots=True, kw_only=True)
class Endpoint:
    """A declared endpoint."""

    method: str
    path: str
    right: Right
    view: Callable[..., Any]
    answer: Any
    """A schema (django-ninja's), or a JSON schema for what is encoded by the view itself."""
    status: int
    errors: tuple[int, ...]
    """Statuses that it answers beside those that every endpoint may."""
    once: bool
    """It is an action: an Idempotency-Key makes it happen once."""
    body: str | None
    """The content type of its body, None = it takes none."""
    media: tuple[str, ...]
    """Content types of its answer."""
    noun: str
    query: frozenset[str] = field(default=frozenset())
    """The query's parameters that it knows; filled by the site."""


ENDPOINTS: dict[tuple[str, str], Endpoint] = {}
"""Every endpoint by method and path; filled when `vatriage.web.api.nouns.*` are imported."""


def endpoint(
    method: str, path: str, *, right: Right, answer: Any, status: int = 200, errors: Iterable[int] = (),
    once: bool = False, body: str | None = None, media: tuple[str, ...] = (JSON,),
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # fmt: skip
    """Declare an endpoint.

    Args:
        method: GET, POST, PATCH, PUT or DELETE.
        path: below /api/v1, with parameters in braces: "/devices/{path:name}".
        right: what its caller must be allowed.
        answer: what it answers if all went well.
        status: with which status.
        errors: what else it may answer; 401, 403, 422, 429, 500 and 503 are every endpoint's.
        once: it is an action that an Idempotency-Key makes happen once.
        body: the content type of its body.
        media: content types of its answer; a file (FILE) has its own.
    """

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        if (method, path) in ENDPOINTS:
            raise ValueError(f"two endpoints are {method} {path}")
        beside = {*errors, *((409,) if once else ()), *((400, 413, 415) if body else ())}
        ENDPOINTS[method, path] = Endpoint(
            method=method, path=path, right=Right(right), view=view, answer=answer, status=status,
            errors=tuple(sorted(beside)), once=once, body=body, media=media, noun=view.__module__.rpartition(".")[2],
        )  # fmt: skip
        return view

    return declare


def key_of(after: str) -> int:
    """Return the place in a list that a page's `next` named, 0 = its beginning. Raises: UsageError: it is none."""
    if not after:
        return 0
    if not (after.isascii() and after.isdigit() and len(after) <= 18):
        raise UsageError(f"{after[:40]!r} is no place in this list.", "Send the `next` of the page before.")
    return int(after)
