"""Sessions of browsers: one's own, and those of users whom one may change."""

from typing import Any

from ninja import Schema
from pydantic import Field

from vatriage.model.instant import US, format_instant
from vatriage.model.viewer import Right
from vatriage.store.users import User
from vatriage.usecases.sessions import Seen, end_own_session, sessions_of
from vatriage.usecases.user_changes import failed_logins, user_for
from vatriage.web import house
from vatriage.web.api.endpoint import ApiRequest, endpoint
from vatriage.web.api.shapes import Instant


class SessionShown(Schema):
    """A session that goes on."""

    number: int
    started_at: Instant
    seen_at: Instant
    address: str
    browser: str


class SessionList(Schema):
    """Sessions, newest first."""

    sessions: list[SessionShown]


class FailedLogin(Schema):
    """From where a login failed lately."""

    address: str
    failures: int
    at: Instant


class UserSessions(SessionList):
    """A user's sessions, and the failures that may shut the login out."""

    login: str
    failed: list[FailedLogin] = Field(description="POST /user-unlocks forgets them.")


@endpoint("GET", "/me/sessions", right=Right.OWN, answer=SessionList)
def list_sessions(request: ApiRequest) -> Any:
    """List your own sessions."""
    return {"sessions": list(map(_shown, sessions_of(_owner(request), here=0, now=house.now_s())))}


@endpoint("DELETE", "/me/sessions/{int:number}", right=Right.OWN, answer=None, status=204, errors=(404,))
def end_a_session(request: ApiRequest, number: int) -> None:
    """End one of your own sessions."""
    end_own_session(
        _owner(request), number if number < 1 << 31 else 0, who=request.viewer.who, now=house.now_s()
    )  # fmt: skip


@endpoint("GET", "/user-sessions/{path:login}", right=Right.NOTIFIED_USERS, answer=UserSessions, errors=(404,))
def list_user_sessions(request: ApiRequest, login: str) -> Any:
    """List the sessions and failed logins of a user whom you may change."""
    sessions = sessions_of(user_for(request.viewer, login), here=0, now=house.now_s())
    failed = [
        {"address": address, "failures": failures, "at": format_instant(at * US)}
        for address, failures, at in failed_logins(login)
    ]
    return {"login": login, "sessions": list(map(_shown, sessions)), "failed": failed}


def _owner(request: ApiRequest) -> User:
    return User.objects.get(username=request.viewer.name)


def _shown(session: Seen) -> dict[str, Any]:
    return {
        "number": session.number, "started_at": format_instant(session.started_at * US),
        "seen_at": format_instant(session.seen_at * US), "address": session.address, "browser": session.browser,
    }  # fmt: skip
