"""People: made, changed, let in and shut out; every change is in the audit log."""

import secrets
from collections.abc import Collection
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.name import checked_name
from vatriage.model.secret import Secret
from vatriage.model.viewer import Role, Who
from vatriage.store.audit import note
from vatriage.store.places import Zone
from vatriage.store.users import User


def one_time_password() -> Secret:
    """Return a password that its owner must change at the first login: 80 random bits, easy to type."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ["".join(secrets.choice(letters) for _ in range(4)) for _ in range(4)]
    return Secret("-".join(groups))


def all_users() -> list[User]:
    """Return all users, in order of login."""
    return list(User.objects.prefetch_related("zones").order_by("username"))


def find_user(name: str) -> User:
    """Return a user. Raises: NotFoundError: there is none of that login."""
    found = User.objects.filter(username=name).first()
    if found is None:
        raise NotFoundError(f"There is no user named {name!r}.", "The user page lists all.")
    return found


def login_of(number: int) -> str:
    """Return the login of the user with a number. Raises: NotFoundError: there is none."""
    found = User.objects.filter(pk=number).first()
    if found is None:
        raise NotFoundError(f"There is no user {number}.", "The user page lists all.")
    return found.username


def add_user(
    name: str, role: Role, password: Secret, *, zones: Collection[str] = (), email: str = "", who: Who, clock: Clock
) -> User:
    """Make a user who must change the password at the first login.

    Args:
        name: the login, 1 to 64 characters.
        role: what they may.
        password: the first one.
        zones: names of the zones they see; none = all.
        email: where to notify them.
        who: for the log.
        clock: for the log.

    Raises:
        UsageError: the login is taken, the password too weak, or a zone unknown.
    """
    checked_name("login", name)
    user = User(username=name, role=role.value, email=email, must_change_password=True)
    check_password_strength(password, user)
    user.set_password(password.reveal())
    try:
        with transaction.atomic():
            user.save()
            user.zones.set(zones_named(zones))
            note(who, now_us(clock) // 1_000_000, "user added", name, None, shown_user(user))
    except IntegrityError as error:
        raise UsageError(f"A user named {name!r} is here already.", "Choose another login.") from error
    return user


def is_administered() -> bool:
    """Whether somebody can administer."""
    return User.objects.filter(role=Role.ADMIN.value, is_active=True).exists()


def first_administrator(*, who: Who, clock: Clock) -> Secret | None:
    """Make the user `admin` where nobody can administer yet; return the password to print once, None if somebody can."""
    if is_administered():
        return None
    password = one_time_password()
    add_user("admin", Role.ADMIN, password, who=who, clock=clock)
    return password


def check_password_strength(password: Secret, user: User) -> None:
    """Raise: UsageError: the password is too weak for this user."""
    try:
        validate_password(password.reveal(), user)
    except ValidationError as error:
        raise UsageError(f"The password is too weak: {' '.join(error.messages)}", "Choose a longer one.") from None


def shown_user(user: User) -> dict[str, Any]:
    """Return what may be shown of a user."""
    return {
        "login": user.username, "role": user.role, "email": user.email, "active": user.is_active,
        "zones": sorted(zone.name for zone in user.zones.all()),
    }  # fmt: skip


def zones_named(names: Collection[str]) -> list[Zone]:
    """Return the zones of these names. Raises: UsageError: one is unknown."""
    found = {zone.name: zone for zone in Zone.objects.filter(name__in=list(names))}
    missing = sorted(set(names) - set(found))
    if missing:
        raise UsageError(f"There is no zone named {missing[0]!r}.", "Make the zone first.")
    return list(found.values())
