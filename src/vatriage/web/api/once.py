"""Idempotency keys: the same key gets the same answer, not a second action.

The key is claimed first, in a transaction of its own, so that of two at the same time one is told to wait. What the
action stores and its answer are then committed together: a process that dies in between leaves neither.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction

from vatriage.errors import VatriageError
from vatriage.store.users import DoneAction, User
from vatriage.web import house
from vatriage.web.api import problem
from vatriage.web.api.endpoint import ApiRequest, Endpoint
from vatriage.web.api.known import problem_of

KEPT_S = 86_400
"""An answer is remembered so long."""
TAKEN_OVER_S = 600
"""An action that did not end so long after it began died, and left nothing: it may be tried again."""


def done_once(known: Endpoint, request: ApiRequest, key: str, act: Callable[[], Any]) -> Any:
    """Return the answer to an action, doing it only if the key is new.

    Raises: ProblemError: 422, the key came with another request before; 409, its action is under way.
    """
    owner = User.objects.get(username=request.viewer.name)
    asked = sha256(f"{known.method} {request.get_full_path()}\n".encode() + request.body).hexdigest()
    row, is_new = _claimed(owner, key, asked)
    if not is_new:
        return _again(row, asked)
    try:
        with transaction.atomic():
            result = act()
            DoneAction.objects.filter(pk=row.pk).update(status=known.status, answer=result)
    except VatriageError as error:
        told = problem_of(error)
        if told["status"] < 500:
            DoneAction.objects.filter(pk=row.pk).update(status=told["status"], answer=told)
        else:
            row.delete()
        raise
    except BaseException:
        row.delete()
        raise
    return result


def _claimed(owner: User, key: str, asked: str) -> tuple[DoneAction, bool]:
    """Return the key's row and whether the action is ours to do."""
    now = house.now_s()
    DoneAction.objects.filter(owner=owner, at__lt=now - KEPT_S).delete()
    try:
        with transaction.atomic():
            return DoneAction.objects.create(owner=owner, key=key, request=asked, at=now), True
    except IntegrityError:
        row = DoneAction.objects.get(owner=owner, key=key)
    died = row.status == 0 and row.request == asked and row.at < now - TAKEN_OVER_S
    return row, bool(died and DoneAction.objects.filter(pk=row.pk, status=0, at=row.at).update(at=now))


def _again(row: DoneAction, asked: str) -> Any:
    if row.request != asked:
        raise problem.ProblemError(
            422, "This Idempotency-Key came with another request before.", "Use a new key for every action."
        )
    if row.status == 0:
        raise problem.ProblemError(
            409, "The action of this Idempotency-Key is under way.", "Ask again in a moment.",
            headers={"Retry-After": "1"},
        )  # fmt: skip
    return problem.answer(dict(row.answer or {})) if row.status >= 400 else row.answer
