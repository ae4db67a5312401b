"""Sessions that are over are over here, whatever the browser still sends."""

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse

from vatriage.model.viewer import Who
from vatriage.store.users import User
from vatriage.usecases.sessions import go_on
from vatriage.web import house
from vatriage.web.page import page_of

KEY = "session"
"""Where a session keeps its number."""


class SessionMiddleware:
    """Takes the login away from a request whose session was ended, idle for too long, or is too old."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request through."""
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], _args: object, _values: object
    ) -> None:
        """Look whether the session goes on, before anybody asks who it is."""
        if not isinstance(request.user, User):
            return
        page = page_of(view)
        awake = page is None or not page.live
        who = Who(request.user.get_username(), address_of(request))
        if not go_on(session_number(request), request.user, who=who, now=house.now_s(), awake=awake):
            request.session.flush()
            request.user = AnonymousUser()


def session_number(request: HttpRequest) -> int:
    """Return the number of the session a request belongs to, 0 = none."""
    return int(request.session.get(KEY, 0))


def address_of(request: HttpRequest) -> str:
    """Return the IP address a request came from."""
    return str(request.META.get("REMOTE_ADDR") or "")
