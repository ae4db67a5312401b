"""Errors as pages: one sentence, a remedy, no traceback."""

import logging
import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from vatriage.errors import NotAllowedError, NotFoundError, UsageError, VatriageError
from vatriage.store.opening import StoreError
from vatriage.usecases.changes import ConflictError
from vatriage.vault import VaultError
from vatriage.web.api import problem
from vatriage.web.bugs import report_bug

BROKEN = "The page broke. What was stored before stands."
_log = logging.getLogger("vatriage.web")


def status_of(error: VatriageError) -> int:
    """Return the HTTP status that says best what an error says."""
    if isinstance(error, ConflictError):
        return 409
    if isinstance(error, NotAllowedError):
        return 403
    if isinstance(error, NotFoundError):
        return 404
    if isinstance(error, UsageError):
        return 400
    return 503 if isinstance(error, StoreError | VaultError) else 502


def shown_error(request: HttpRequest, error: VatriageError) -> HttpResponse:
    """Return the page of an error."""
    title = "Not for your zones or role" if isinstance(error, NotAllowedError) else "That did not work"
    return _page(request, status_of(error), title, error.message, error.hint)


def shown_forbidden(request: HttpRequest) -> HttpResponse:
    """Return the page of somebody who may not see it."""
    return _page(
        request, 403, "Not for your role", "Your role does not have the right to see this page or to do this.",
        "Ask an administrator if you need it.",
    )  # fmt: skip


def shown_not_found(request: HttpRequest) -> HttpResponse:
    """Return the page of an address that leads nowhere."""
    return _page(
        request,
        404,
        "Nothing here",
        "There is no page at this address.",
        "Check the address, or begin at the first page.",
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Return the page of a refusal by Django."""
    return shown_forbidden(request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Return the page of a request that makes no sense."""
    return _page(request, 400, "That cannot be read", "The request makes no sense to us.", "Go back and try again.")


def broken(request: HttpRequest) -> HttpResponse:
    """Return the page of a bug of ours, with the reference under which its traceback is logged."""
    reference = report_bug(request, sys.exception())
    hint = f"Try again; if it happens again, report it with this reference: {reference}"
    if request.path.startswith(problem.API):
        return problem.answer(problem.bug(reference))
    try:
        return _page(request, 500, "This should not have happened", BROKEN, hint)
    except Exception:  # noqa: BLE001 - what broke the page may break this one as well; the reference must be told
        return HttpResponse(f"{BROKEN} {hint}\n", status=500, content_type="text/plain; charset=utf-8")


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Return the page of a form that did not come from us, or is too old."""
    return _page(
        request, 403, "The form is too old", "The form did not come from this session, so nothing was stored.",
        "Open the page again and send it once more.",
    )  # fmt: skip


def locked_out(request: HttpRequest, credentials: object = None, *_args: object, **_values: object) -> HttpResponse:  # noqa: ARG001 - axes' signature
    """Return the page of a login that failed too often."""
    return _page(
        request, 429, "Too many failed logins", "This login, or others, failed too often from this address.",
        "Wait a quarter of an hour, or ask an administrator.",
    )  # fmt: skip


def _page(request: HttpRequest, status: int, title: str, text: str, hint: str) -> HttpResponse:
    _log.info("%s %s answered %s: %s", request.method, request.path, status, title)
    if getattr(request, "htmx", False):
        values = {"text": text, "hint": hint}
        return render(request, "parts/problem.html", values, status=status)
    values = {"title": title, "text": text, "hint": hint, "status": str(status)}
    return render(request, "error.html", values, status=status)
