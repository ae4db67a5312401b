"""Changes of users by those who may: Admins of anybody, Security Analysts of Notifications Only users.

Nobody changes their own role; the last active Admin stays one; who sees some zones only gives no more than those. What
takes rights away ends the sessions that were begun with them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from axes.models import AccessAttempt
from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.errors import NotAllowedError, UsageError
from vatriage.model.secret import Secret
from vatriage.model.viewer import Right, Role, Viewer
from vatriage.store.audit import note
from vatriage.store.users import User
from vatriage.usecases.sessions import end_sessions
from vatriage.usecases.users import add_user, all_users, find_user, one_time_password, shown_user, zones_named

_ASK = "Ask an administrator if you need it."


@dataclass(frozen=True, slots=True, kw_only=True)
class UserForm:
    """What is said of a user."""

    role: Role
    email: str = ""
    zones: frozenset[str] = frozenset()
    """None named = all."""
    active: bool = True


def users_for(viewer: Viewer) -> list[User]:
    """Return the users whom a viewer may change, in order of login."""
    return [user for user in all_users() if _refusal(viewer, Role(user.role), _zones_of(user)) is None]


def roles_for(viewer: Viewer) -> list[Role]:
    """Return the roles that a viewer may give."""
    return list(Role) if viewer.may(Right.ADMIN) else [Role.NOTIFIED]


def user_for(viewer: Viewer, name: str) -> User:
    """Return a user whom the viewer may change. Raises: NotFoundError; NotAllowedError: they may not."""
    user = find_user(name)
    _check(viewer, Role(user.role), _zones_of(user))
    return user


def create_user(name: str, form: UserForm, *, viewer: Viewer, clock: Clock) -> Secret:
    """Make a user and return the one-time password, which is kept nowhere else.

    Raises: NotAllowedError: of that role or those zones they may make none; UsageError: see `add_user`.
    """
    _check(viewer, form.role, form.zones)
    password = one_time_password()
    add_user(name, form.role, password, zones=form.zones, email=form.email, who=viewer.who, clock=clock)
    return password


def change_user(name: str, form: UserForm, *, viewer: Viewer, clock: Clock) -> None:
    """Change a user; their sessions end where the role changes or they may not log in any more.

    Raises: NotFoundError, NotAllowedError; UsageError: a zone is unknown, or it would leave no Admin.
    """
    now = now_us(clock) // 1_000_000
    with transaction.atomic():
        admins = _active_admins()
        user = user_for(viewer, name)
        _check(viewer, form.role, form.zones)
        before = shown_user(user)
        if name == viewer.name and (form.role.value != user.role or not form.active):
            raise NotAllowedError("Nobody can change their own role, or shut themselves out.", "Ask another Admin.")
        if form.role is not Role.ADMIN or not form.active:
            _check_not_last(user, admins)
        user.role, user.email, user.is_active = form.role.value, form.email, form.active
        user.save(update_fields=["role", "email", "is_active"])
        user.zones.set(zones_named(form.zones))
        after = shown_user(user)
        if before == after:
            return
        note(viewer.who, now, "user changed", name, before, after)
        if (before["role"], before["active"]) != (after["role"], after["active"]):
            end_sessions(user, "role changed" if form.active else "deactivated", who=viewer.who, now=now)


def new_password(name: str, *, viewer: Viewer, clock: Clock) -> Secret:
    """Set and return a new one-time password; the user's sessions end. Raises: NotFoundError, NotAllowedError."""
    now, password = now_us(clock) // 1_000_000, one_time_password()
    with transaction.atomic():
        user = user_for(viewer, name)
        user.set_password(password.reveal())
        user.must_change_password = True
        user.save(update_fields=["password", "must_change_password"])
        note(viewer.who, now, "one-time password set", name, None, None)
        end_sessions(user, "password changed", who=viewer.who, now=now)
    return password


def end_all_sessions(name: str, *, viewer: Viewer, clock: Clock) -> int:
    """End all sessions of a user; return how many. Raises: NotFoundError, NotAllowedError."""
    with transaction.atomic():
        user = user_for(viewer, name)
        return end_sessions(user, "ended by an administrator", who=viewer.who, now=now_us(clock) // 1_000_000)


def delete_user(name: str, *, viewer: Viewer, clock: Clock) -> None:
    """Delete a user with their sessions and tokens; the audit log keeps what they did.

    Raises: NotFoundError, NotAllowedError; UsageError: it is the last Admin.
    """
    with transaction.atomic():
        admins = _active_admins()
        user = user_for(viewer, name)
        if name == viewer.name:
            raise NotAllowedError("Nobody can delete themselves.", "Ask another Admin.")
        _check_not_last(user, admins)
        before = shown_user(user)
        user.delete()
        note(viewer.who, now_us(clock) // 1_000_000, "user deleted", name, before, None)


def failed_logins(name: str) -> list[tuple[str, int, int]]:
    """Return from where a login failed lately, and may be shut out: (address, failures, instant in seconds)."""
    return [
        (str(row.ip_address or ""), row.failures_since_start, int(row.attempt_time.timestamp()))
        for row in AccessAttempt.objects.filter(username=name).order_by("-attempt_time")
    ]


def unlock(name: str, *, viewer: Viewer, clock: Clock) -> None:
    """Let a login in again that failed too often. Raises: NotFoundError, NotAllowedError."""
    with transaction.atomic():
        user_for(viewer, name)
        AccessAttempt.objects.filter(username=name).delete()
        note(viewer.who, now_us(clock) // 1_000_000, "user unlocked", name, None, None)


def _active_admins() -> list[str]:
    """Return the logins of the Admins who may log in, and hold them: two who demote each other come one by one."""
    rows = User.objects.select_for_update().filter(role=Role.ADMIN.value, is_active=True).order_by("pk")
    return [user.username for user in rows]


def _check_not_last(user: User, admins: list[str]) -> None:
    if admins == [user.username]:
        raise UsageError(
            f"{user.username!r} is the last active Admin, so nobody could administer afterwards.",
            "Make another user an Admin first.",
        )


def _check(viewer: Viewer, role: Role, zones: Collection[str]) -> None:
    if (text := _refusal(viewer, role, zones)) is not None:
        raise NotAllowedError(text, _ASK)


def _refusal(viewer: Viewer, role: Role, zones: Collection[str]) -> str | None:
    """Return why a viewer may not make, or change, a user of a role who sees these zones (none = all)."""
    right = Right.NOTIFIED_USERS if role is Role.NOTIFIED else Right.ADMIN
    if not viewer.may(right):
        return f"A {viewer.role.label} makes and changes Notifications Only users, nobody of role {role.label}."
    if viewer.zones is not None and not (zones and set(zones) <= viewer.zones):
        return f"You see the zones {', '.join(sorted(viewer.zones))} only, and cannot give or change more than those."
    return None


def _zones_of(user: User) -> set[str]:
    return {zone.name for zone in user.zones.all()}


def facts_of(user: User) -> dict[str, Any]:
    """Return what a page shows of a user."""
    return shown_user(user) | {"role_label": Role(user.role).label, "must_change": user.must_change_password}
