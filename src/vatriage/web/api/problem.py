"""Errors as programs read them: application/problem+json (RFC 9457), with what to do and which fields are wrong."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

API = "/api/"
"""What lies below answers programs."""
MEDIA_TYPE = "application/problem+json"
TITLES: Mapping[int, str] = {
    400: "The request cannot be read",
    401: "Who are you?",
    403: "Not allowed",
    404: "Not here",
    405: "This method is not known here",
    409: "Somebody was faster",
    413: "Too large",
    415: "This content type is not known here",
    422: "That cannot be meant",
    429: "Too many failed attempts",
    500: "A bug of ours",
    502: "The VA server did not do it",
    503: "Not at the moment",
}
"""The title says the same of every error of a status; the detail is about this one."""


class ProblemError(Exception):
    """An answer that ends a request.

    Args:
        status: of HTTP.
        detail: one sentence about this error, without secrets.
        hint: what to do.
        errors: what is wrong with which field: `{"field": "body.url", "message": "..."}`.
        headers: of the answer.
    """

    def __init__(
        self, status: int, detail: str, hint: str = "", *, errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(detail)
        self.status, self.detail, self.hint = status, detail, hint
        self.errors, self.headers = errors, headers or {}
        self.exit_code = {401: 5, 429: 7}.get(status, 2)


def content(
    status: int, detail: str, hint: str = "", *, errors: Sequence[Mapping[str, str]] = (), exit_code: int = 2
) -> dict[str, Any]:
    """Return a problem's JSON: the members of RFC 9457 and ours (hint, errors, exit_code)."""
    return {
        "type": f"urn:vatriage:problem:{HTTPStatus(status).phrase.lower().replace(' ', '-')}",
        "title": TITLES.get(status, HTTPStatus(status).phrase), "status": status, "detail": detail, "hint": hint,
        "errors": [dict(error) for error in errors], "exit_code": exit_code,
    }  # fmt: skip


def bug(reference: str) -> dict[str, Any]:
    """Return the problem of a bug of ours; its hint names the reference under which the log has it."""
    return content(
        500, "The request broke. What was stored before stands.",
        f"Try again; if it happens again, report it with this reference: {reference}", exit_code=70,
    )  # fmt: skip


def answer(problem: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return a problem's JSON as the answer of a request."""
    return HttpResponse(
        json.dumps(problem, ensure_ascii=False), status=problem["status"], content_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )  # fmt: skip


def said(error: ProblemError) -> HttpResponse:
    """Return the answer of a problem that was raised."""
    return answer(
        content(error.status, error.detail, error.hint, errors=error.errors, exit_code=error.exit_code), error.headers
    )
