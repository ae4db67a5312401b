"""The gate before every page: deny by default, errors become pages, first passwords are changed first."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

from vatriage.errors import VatriageError
from vatriage.model.viewer import Right, Role, Viewer
from vatriage.store.opening import as_store_error
from vatriage.store.users import User
from vatriage.web.errors import shown_error, shown_forbidden, shown_not_found
from vatriage.web.page import Page, page_of
from vatriage.web.sessions import address_of

API = "/api/"
"""What lies below has its own gate: tokens, and answers that programs read."""


class GateMiddleware:
    """See the module."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request through."""
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], _args: object, _values: object
    ) -> HttpResponse | None:
        """Return None to go on, or the answer that takes the page's place."""
        if request.path.startswith(API):
            return None
        page = page_of(view)
        if page is None:
            raise Http404
        if request.method not in page.methods and not (request.method == "HEAD" and "GET" in page.methods):
            return HttpResponseNotAllowed(page.methods)
        return None if page.right is None else _turned_away(request, page, page.right)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return a page for an error that has a sentence; anything else is a bug and is logged as one."""
        if isinstance(error, VatriageError):
            return shown_error(request, error)
        known = as_store_error(error)
        return None if known is None else shown_error(request, known)


def _turned_away(request: HttpRequest, page: Page, right: Right) -> HttpResponse | None:
    """Return None for who may see the page, whom the request then knows, or the answer for anybody else."""
    if not isinstance(request.user, User) or not request.user.is_active:
        return _to_login(request)
    viewer = viewer_of(request.user, request)
    setattr(request, "viewer", viewer)  # noqa: B010 - the attribute is declared on PageRequest, not on HttpRequest
    if not viewer.may(right):
        return shown_forbidden(request)
    if request.user.must_change_password and page.name not in ("password", "logout"):
        return HttpResponseRedirect(reverse("password"))
    return None


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Return the page of an address that leads nowhere, with the menu for who is logged in."""
    user = request.user
    if isinstance(user, User) and user.is_active and not user.must_change_password:
        setattr(request, "viewer", viewer_of(user, request))  # noqa: B010 - as in _turned_away
    return shown_not_found(request)


def viewer_of(user: User, request: HttpRequest) -> Viewer:
    """Return who a user is to the pages."""
    zones = frozenset(user.zones.values_list("name", flat=True))
    return Viewer(
        name=user.get_username(), role=Role(user.role), zones=zones or None, address=address_of(request)
    )  # fmt: skip


def _to_login(request: HttpRequest) -> HttpResponse:
    """Return the way to the login page and back; a piece of a page sends the whole page there."""
    address = reverse("login")
    if getattr(request, "htmx", False):
        answer: HttpResponse = HttpResponse(status=204)
        answer["HX-Redirect"] = address
        return answer
    back = request.get_full_path()
    query = {"next": back} if request.method in ("GET", "HEAD") and back != "/" else {}
    return HttpResponseRedirect(f"{address}?{urlencode(query)}" if query else address)
