"""One controller at a time works on a store; the row that says so expires by itself if its process is gone."""

from django.db import transaction

from vatriage.errors import UsageError
from vatriage.store.leases import holder, is_dead
from vatriage.store.update_rules import Controller

EXPIRES_S = 30
"""A controller that was not heard of for so long is taken for dead."""
NAME = "controller"


class ControllerRunsError(UsageError):
    """Another controller works on the store."""


def take_control(now: int) -> None:
    """Become the controller. Raises: ControllerRunsError: another one is, and lives."""
    with transaction.atomic():
        Controller.objects.get_or_create(name=NAME, defaults={"holder": "", "started_at": 0, "seen_at": 0})
        row = Controller.objects.select_for_update().get(name=NAME)
        fresh = now - EXPIRES_S < row.seen_at <= now + EXPIRES_S
        if fresh and row.holder not in ("", holder()) and not is_dead(row.holder):
            raise ControllerRunsError(
                f"Another controller runs already ({row.holder}).",
                f"One is enough; if it is gone, this one may begin {EXPIRES_S} s after it was last heard of.",
            )
        Controller.objects.filter(pk=row.pk).update(holder=holder(), started_at=now, seen_at=now)


def keep_control(now: int) -> None:
    """Say that we still live. Raises: ControllerRunsError: another one took over."""
    if not Controller.objects.filter(name=NAME, holder=holder()).update(seen_at=now):
        raise ControllerRunsError(
            "Another controller took over: this one was not heard of for too long.",
            "Nothing is lost; let the other run.",
        )


def give_up_control() -> None:
    """Stop being the controller."""
    Controller.objects.filter(name=NAME, holder=holder()).update(holder="", seen_at=0)
