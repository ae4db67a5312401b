"""Users: made, changed, let in and shut out."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from vatriage.model.viewer import Right, Role
from vatriage.usecases.user_changes import (
    UserForm,
    change_user,
    create_user,
    delete_user,
    end_all_sessions,
    new_password,
    unlock,
    user_for,
    users_for,
)
from vatriage.usecases.users import shown_user
from vatriage.web import house
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint
from vatriage.web.api.shapes import Name, Sent


class UserShown(Schema):
    """A user, as `vatriage user list --json` has it."""

    login: str
    role: str
    email: str
    active: bool
    zones: list[str]


class UserList(Schema):
    """The users whom you may change, in order of login."""

    users: list[UserShown]


class UserMade(UserShown):
    """A user who was made; the password is told this once."""

    one_time_password: str


class UserContent(Sent):
    """What a user is."""

    role: Annotated[Role, Field(strict=False)]
    email: Annotated[str, Field(max_length=254)] = ""
    zones: Annotated[list[Name], Field(max_length=1000, description="None = all.")] = Field(default=[])
    active: bool = True


class UserNew(Sent):
    """A new user."""

    login: Name
    role: Annotated[Role, Field(strict=False)]
    email: Annotated[str, Field(max_length=254)] = ""
    zones: Annotated[list[Name], Field(max_length=1000, description="None = all.")] = Field(default=[])


class UserNamed(Sent):
    """The user whom something is done to."""

    login: Name


class NewPassword(Schema):
    """A one-time password; it is told this once."""

    login: str
    one_time_password: str


class Ended(Schema):
    """Sessions that were ended."""

    login: str
    sessions: int


class Unlocked(Schema):
    """A login that is let in again."""

    login: str


@endpoint("GET", "/users", right=Right.NOTIFIED_USERS, answer=UserList)
def list_users(request: ApiRequest) -> Any:
    """List the users whom you may change."""
    return {"users": [shown_user(user) for user in users_for(request.viewer)]}


@endpoint("POST", "/users", right=Right.NOTIFIED_USERS, answer=UserMade, status=201, body=JSON)
def add_a_user(request: ApiRequest, user: UserNew) -> Any:
    """Make a user; the one-time password is told this once, and must be changed at the first login."""
    form = UserForm(role=user.role, email=user.email, zones=frozenset(user.zones))
    password = create_user(user.login, form, viewer=request.viewer, clock=house.clock())
    return shown_user(user_for(request.viewer, user.login)) | {"one_time_password": password.reveal()}


@endpoint("GET", "/users/{path:login}", right=Right.NOTIFIED_USERS, answer=UserShown, errors=(404,))
def get_a_user(request: ApiRequest, login: str) -> Any:
    """Show one user."""
    return shown_user(user_for(request.viewer, login))


@endpoint("PUT", "/users/{path:login}", right=Right.NOTIFIED_USERS, answer=UserShown, errors=(404,), body=JSON)
def change_a_user(request: ApiRequest, login: str, user: UserContent) -> Any:
    """Change a user at once; what takes rights away ends the user's sessions."""
    form = UserForm(role=user.role, email=user.email, zones=frozenset(user.zones), active=user.active)
    change_user(login, form, viewer=request.viewer, clock=house.clock())
    return shown_user(user_for(request.viewer, login))


@endpoint("DELETE", "/users/{path:login}", right=Right.NOTIFIED_USERS, answer=None, status=204, errors=(404,))
def delete_a_user(request: ApiRequest, login: str) -> None:
    """Delete a user with their sessions and tokens; the audit log keeps what they did."""
    delete_user(login, viewer=request.viewer, clock=house.clock())


@endpoint("POST", "/user-passwords", right=Right.NOTIFIED_USERS, answer=NewPassword, errors=(404,), body=JSON)
def set_a_password(request: ApiRequest, named: UserNamed) -> Any:
    """Set a new one-time password; it is told this once, and the user's sessions end."""
    password = new_password(named.login, viewer=request.viewer, clock=house.clock())
    return {"login": named.login, "one_time_password": password.reveal()}


@endpoint("POST", "/session-ends", right=Right.NOTIFIED_USERS, answer=Ended, errors=(404,), once=True, body=JSON)
def end_the_sessions(request: ApiRequest, named: UserNamed) -> Any:
    """End all sessions of a user."""
    ended = end_all_sessions(named.login, viewer=request.viewer, clock=house.clock())
    return {"login": named.login, "sessions": ended}


@endpoint("POST", "/user-unlocks", right=Right.NOTIFIED_USERS, answer=Unlocked, errors=(404,), once=True, body=JSON)
def unlock_a_user(request: ApiRequest, named: UserNamed) -> Any:
    """Let a login in again that failed too often."""
    unlock(named.login, viewer=request.viewer, clock=house.clock())
    return {"login": named.login}
