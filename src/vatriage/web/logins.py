"""Logins, failed ones, logouts and lockouts go into the audit log; passwords never do.

People type their password into the wrong field: a login that nobody has is not written down.
"""

from typing import Any

from axes.helpers import get_failure_limit
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from vatriage.model.viewer import Who
from vatriage.store.audit import note
from vatriage.store.users import User
from vatriage.usecases.sessions import begin_session, note_logout
from vatriage.web import house
from vatriage.web.address_lock import LIMIT, failures_from
from vatriage.web.sessions import KEY, address_of, session_number

UNKNOWN = "(unknown login)"


def throttled_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return under which name failures of a login are counted: an unknown one's hash, for it may be a password."""
    name = str((credentials or {}).get("username") or request.POST.get("username", ""))
    return name if _known(name) != UNKNOWN else f"unknown {salted_hmac('vatriage.logins', name).hexdigest()}"


def listen() -> None:
    """Connect to Django's and axes' signals; connecting twice changes nothing."""
    user_logged_in.connect(_logged_in, dispatch_uid="vatriage.logged_in")
    user_login_failed.connect(_failed, dispatch_uid="vatriage.login_failed")
    user_logged_out.connect(_logged_out, dispatch_uid="vatriage.logged_out")
    user_locked_out.connect(_locked_out, dispatch_uid="vatriage.locked_out")


def _logged_in(request: HttpRequest, user: User, **_values: Any) -> None:
    request.session[KEY] = begin_session(
        user, who=_who(user.get_username(), request), browser=request.headers.get("User-Agent", ""), now=house.now_s()
    )


def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_values: Any) -> None:
    if getattr(request, "axes_locked_out", False):
        return  # the lockout has its own line, once
    name = _known(str(credentials.get("username", "")))
    note(_who(name, request), house.now_s(), "login failed", name, None, None)
    if request is not None and failures_from(request) == LIMIT:  # once: no login is tried from there after it
        note(_who(UNKNOWN, request), house.now_s(), "address shut out", address_of(request), None, None)


def _logged_out(request: HttpRequest, user: User | None, **_values: Any) -> None:
    if user is not None:
        who = _who(user.get_username(), request)
        note_logout(user, session_number(request), who=who, now=house.now_s())


def _locked_out(request: HttpRequest, username: str, **_values: Any) -> None:
    if getattr(request, "axes_failures_since_start", None) != get_failure_limit(request, None):
        return  # it was shut out before: a line for each further try would let anybody fill the log
    name = username if User.objects.filter(username=username).exists() else UNKNOWN
    note(_who(name, request), house.now_s(), "login shut out", name, None, None)


def _who(name: str, request: HttpRequest | None) -> Who:
    return Who(name, "" if request is None else address_of(request))


def _known(name: str) -> str:
    return name if User.objects.filter(username=name).exists() else UNKNOWN
