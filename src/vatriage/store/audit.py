"""The audit log: what people changed, who logged in. Rows are only ever added: the database refuses anything else."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from vatriage.model.viewer import Who


class Audit(models.Model):
    """One change that a person made: who, when, what, before and after, secrets left out."""

    at = models.BigIntegerField()
    actor = models.CharField(max_length=255)
    address = models.CharField(max_length=45, default="")
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=255)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        """Django's options."""

        db_table = "audit"
        indexes = [models.Index(fields=["at"], name="audit_at"), models.Index(fields=["subject"], name="audit_subject")]


def note(
    who: Who, at: int, action: str, subject: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> None:
    """Add a line to the audit log, in the caller's transaction.

    Args:
        who: the person or process.
        at: seconds.
        action: what was done, in the past tense: "device changed".
        subject: the name of what it was done to.
        before: as it may be shown, secrets masked; None if it was not there.
        after: the same, None if it is not there any more.
    """
    Audit.objects.create(
        at=at, actor=who.name, address=who.address, action=action, subject=subject[:255],
        before=None if before is None else _masked(before), after=None if after is None else _masked(after),
    )  # fmt: skip


_SECRET_NAMES = ("password", "secret", "token")
_TOLD = ("", "changed", "set", "unchanged")
"""What may be said of a secret."""


def _masked(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is noted with secrets masked, should a caller have left one in: the log can never be mended."""
    masked: dict[str, Any] = {}
    for name, value in content.items():
        if isinstance(value, Mapping):
            masked[name] = _masked(value)
        elif isinstance(value, str) and any(part in name.lower() for part in _SECRET_NAMES) and value not in _TOLD:
            masked[name] = "***"
        else:
            masked[name] = value
    return masked
