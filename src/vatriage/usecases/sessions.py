"""Sessions: begun at a login, ended by their owner, by an administrator, by idleness or by age.

The cookie and its row in Django's table only carry the session's number; what counts is the row here.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import models, transaction

from vatriage.errors import NotFoundError
from vatriage.model.viewer import Who
from vatriage.store.audit import note
from vatriage.store.in_passing import note_in_passing
from vatriage.store.sessions import UserSession
from vatriage.store.users import User

IDLE_S = 30 * 60
"""A session in which nobody did anything for so long is over."""
LONGEST_S = 12 * 3600
"""A session is over so long after its login, whatever was done in it."""
MOST = 5
"""Sessions of one person at a time; a further login ends the oldest."""
_SEEN_EVERY_S = 60
"""How often it is noted that somebody is still there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A session, as its owner may see it."""

    number: int
    started_at: int
    seen_at: int
    address: str
    browser: str
    here: bool
    """It is the one that asks."""


def begin_session(user: User, *, who: Who, browser: str, now: int) -> int:
    """Note a login and return the new session's number; the oldest sessions beyond MOST end."""
    with transaction.atomic():
        note(who, now, "logged in", user.username, None, None)
        row = UserSession.objects.create(
            owner=user, started_at=now, seen_at=now, address=who.address, browser=_printable(browser)
        )
        for old in _alive(user, now).order_by("-pk")[MOST:]:
            old.delete()
            note(who, now, "session ended", user.username, None, {"why": f"more than {MOST} sessions"})
        UserSession.objects.filter(owner=user).exclude(pk__in=_alive(user, now).values("pk")).delete()
    return int(row.pk)


def go_on(number: int, user: User, *, who: Who, now: int, awake: bool) -> bool:
    """Return whether a session goes on; one that is too old or too long idle is ended.

    Args:
        number: the session's.
        user: who says it is theirs.
        who: for the log.
        now: seconds.
        awake: a person did something (a piece of a page that refreshes by itself is not that).
    """
    row = UserSession.objects.filter(pk=number, owner=user).first()
    if row is None:
        return False
    why = _over(row, now)
    if why:
        with transaction.atomic():
            if row.delete()[0]:
                note(who, now, "session ended", user.username, None, {"why": why})
        return False
    if awake and now - row.seen_at >= _SEEN_EVERY_S:
        note_in_passing("UPDATE user_sessions SET seen_at = %s WHERE id = %s", [now, number])
    return True


def sessions_of(user: User, *, here: int, now: int) -> list[Seen]:
    """Return a person's sessions that go on, newest first; `here` is the number of the one that asks."""
    return [
        Seen(
            number=row.pk, started_at=row.started_at, seen_at=row.seen_at, address=row.address, browser=row.browser,
            here=row.pk == here,
        )
        for row in _alive(user, now).order_by("-pk")
    ]  # fmt: skip


def end_own_session(user: User, number: int, *, who: Who, now: int) -> None:
    """End one of one's own sessions. Raises: NotFoundError: it is over already, or somebody else's."""
    with transaction.atomic():
        if not UserSession.objects.filter(pk=number, owner=user).delete()[0]:
            raise NotFoundError("That session is over already.", "Your account page lists those that are not.")
        note(who, now, "session ended", user.username, None, {"why": "ended by its owner"})


def end_sessions(user: User, why: str, *, who: Who, now: int, but: Collection[int] = ()) -> int:
    """End a person's sessions (except some) and return how many; in the caller's transaction."""
    ended = UserSession.objects.filter(owner=user).exclude(pk__in=list(but)).delete()[0]
    if ended:
        note(who, now, "sessions ended", user.username, None, {"why": why, "sessions": ended})
    return ended


def note_logout(user: User, number: int, *, who: Who, now: int) -> None:
    """Note that a person logged out."""
    with transaction.atomic():
        UserSession.objects.filter(pk=number, owner=user).delete()
        note(who, now, "logged out", user.username, None, None)


def _alive(user: User, now: int) -> models.QuerySet[UserSession]:
    return UserSession.objects.filter(owner=user, seen_at__gt=now - IDLE_S, started_at__gt=now - LONGEST_S)


def _over(row: UserSession, now: int) -> str:
    if now - row.started_at >= LONGEST_S:
        return f"{LONGEST_S // 3600} hours after the login"
    return f"idle for {IDLE_S // 60} minutes" if now - row.seen_at >= IDLE_S else ""


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:200]
