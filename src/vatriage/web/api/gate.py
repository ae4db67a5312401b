"""The gate before every endpoint: who asks, may they, and does the endpoint know what they send.

A token opens what its scopes and its owner's role allow. Who is logged in at a browser may read (GET) with the session;
whatever changes something needs a token, so that no page from elsewhere can make a browser change anything here.
"""

from typing import Any, ClassVar

from django.http import HttpRequest

from vatriage.model.viewer import Viewer
from vatriage.store.users import User
from vatriage.usecases.tokens import viewer_of_token
from vatriage.web import house
from vatriage.web.api.endpoint import LINES, MOST_LINES_BYTES, Endpoint
from vatriage.web.api.failures import FAILURES
from vatriage.web.api.problem import ProblemError
from vatriage.web.gate import viewer_of
from vatriage.web.sessions import address_of

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="vatriage"'}
_TOKEN_HINT = "Send `Authorization: Bearer TOKEN` with a token that works; the account page makes them."  # noqa: S105 - no token


class Token:
    """One endpoint's gate; the name is that of the security scheme in the OpenAPI document."""

    openapi_security_schema: ClassVar = {
        "type": "http", "scheme": "bearer", "description":
        "A token (`vt_...`), made on the account page or by `vatriage token add`. GET also takes a browser's session.",
    }  # fmt: skip

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def __call__(self, request: HttpRequest) -> Viewer:
        """Return who asks; the request knows it from now on. Raises: ProblemError: it ends here."""
        viewer = who_asks(request)
        if not viewer.may(self._endpoint.right):
            raise ProblemError(
                403, f"This needs the right {self._endpoint.right.value!r}, which {_whose(viewer)} does not have.",
                "Use another token, or ask an administrator.",
            )  # fmt: skip
        self._check_query(request)
        self._check_body(request)
        setattr(request, "viewer", viewer)  # noqa: B010 - the attribute is declared on ApiRequest, not on HttpRequest
        return viewer

    def _check_query(self, request: HttpRequest) -> None:
        unknown = sorted(set(request.GET) - self._endpoint.query)
        if unknown:
            raise ProblemError(
                422, f"The query has a parameter {unknown[0][:40]!r}, which is not known here.",
                f"Known are: {', '.join(sorted(self._endpoint.query)) or 'none'}.",
                errors=[{"field": f"query.{name[:40]}", "message": "is not known here"} for name in unknown[:20]],
            )  # fmt: skip
        if "\0" in request.path or any("\0" in value for name in request.GET for value in request.GET.getlist(name)):
            raise ProblemError(422, "The address holds a NUL character.", "Leave it out.")

    def _check_body(self, request: HttpRequest) -> None:
        wanted, sent = self._endpoint.body, request.content_type
        if wanted is not None and sent and sent != wanted:
            raise ProblemError(415, f"The body is {sent[:80]!r}.", f"Send it as {wanted}.")
        if wanted == LINES:
            _read_lines(request)


def _read_lines(request: HttpRequest) -> None:
    """Read a body of events, which may be larger than any other. Raises: ProblemError: it is too large."""
    parts, size = [], 0
    while part := request.read(1 << 16):
        size += len(part)
        if size > MOST_LINES_BYTES:
            raise ProblemError(413, f"The events take more than {MOST_LINES_BYTES:,} bytes.", "Send them in parts.")
        parts.append(part)
    setattr(request, "_body", b"".join(parts))  # noqa: B010 - where Django keeps a body that was read


def who_asks(request: HttpRequest) -> Viewer:
    """Return whom a token or (reading only) a session lets in. Raises: ProblemError: nobody, or not now."""
    header = request.headers.get("Authorization", "")
    if header:
        return _bearer(request, header)
    user: Any = request.user
    if request.method in ("GET", "HEAD") and isinstance(user, User) and user.is_active:
        if user.must_change_password:
            raise ProblemError(403, "Your first password must be changed.", "Log in with a browser and change it.")
        return viewer_of(user, request)
    raise ProblemError(401, "The request says not who asks.", _TOKEN_HINT, headers=_CHALLENGE)


def _bearer(request: HttpRequest, header: str) -> Viewer:
    address, now = address_of(request), house.now_s()
    wait = FAILURES.wait_s(address, now)
    if wait:
        raise ProblemError(
            429, "Too many tokens from this address did not work.", f"Try again in {wait} seconds.",
            headers={"Retry-After": str(wait)},
        )  # fmt: skip
    scheme, _, text = header.partition(" ")
    viewer = viewer_of_token(text.strip(), address, house.clock()) if scheme.lower() == "bearer" else None
    if viewer is None:
        FAILURES.note(address, now)
        raise ProblemError(
            401, "The token does not work: unknown, expired or revoked.", _TOKEN_HINT, headers=_CHALLENGE
        )
    return viewer


def _whose(viewer: Viewer) -> str:
    return f"a token of {viewer.name}" if viewer.scopes is not None else f"the role {viewer.role.label}"
