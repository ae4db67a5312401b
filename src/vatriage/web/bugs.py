"""A bug of ours: one line in the log with a reference, the same on the page; the traceback goes where the log is told to.

The record carries what the request brought as secrets, so that whoever writes the traceback down can mask them.
"""

import json
import logging
import secrets
from collections.abc import Iterator, Mapping
from traceback import walk_tb
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.request import RawPostDataException

from vatriage.model.secret import Secret

_log = logging.getLogger("vatriage.web")
_WORDS = ("password", "secret", "token", "authorization", "cookie")
"""A field, header or variable that has one of these in its name holds a secret."""


def report_bug(request: HttpRequest, error: BaseException | None) -> str:
    """Log that a request broke; return the reference that is shown to who asked."""
    reference = secrets.token_hex(5)
    _log.error(
        "%s %s broke; its traceback has the reference %s", request.method, request.path, reference,
        exc_info=error, extra={"secrets": {*_secrets_of(request), *_secrets_in(error)}},
    )  # fmt: skip
    return reference


def _secrets_of(request: HttpRequest) -> Iterator[str]:
    """Yield the secrets that a request brought, and that of our own database."""
    for name, value in request.META.items():
        if name.startswith("HTTP_") and _is_secret(name):
            yield from (str(value), *str(value).split())
    yield from request.COOKIES.values()
    try:
        yield from (value for name, values in request.POST.lists() if _is_secret(name) for value in values)
        yield from _inside(json.loads(request.body or b"null"))
    except (ValueError, OSError, RawPostDataException):  # no form, no JSON, or no body any more: nothing to find in it
        pass
    yield str(settings.DATABASES["default"].get("PASSWORD") or "")


def _secrets_in(error: BaseException | None) -> Iterator[str]:
    """Yield the secrets that were at hand where an error arose, and in the errors that it follows."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        for frame, _line in walk_tb(error.__traceback__):
            for name, value in frame.f_locals.items():
                if isinstance(value, str) and _is_secret(name):
                    yield value
                for part in (value, *getattr(value, "__dict__", {}).values()):
                    if isinstance(part, Secret):
                        yield part.reveal()
        error = error.__cause__ or error.__context__


def _inside(value: Any, *, secret: bool = False) -> Iterator[str]:
    """Yield the texts of JSON that stand under a secret's name."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _inside(part, secret=secret or _is_secret(str(name)))
    elif isinstance(value, list):
        for part in value:
            yield from _inside(part, secret=secret)
    elif secret and isinstance(value, str):
        yield value


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in _WORDS)
