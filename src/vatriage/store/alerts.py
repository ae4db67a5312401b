"""Alerts and their verdicts, kept on request. A new verdict stands beside the old one, never over it.

`alerts` holds what lists show, filter and sort by, and is narrow; what the sensor wrote lies in `alert_events`, and every
verdict's whole record in `verdicts`. Instants are microseconds. How many there are is never counted from `alerts`: see
`alert_counters`.
"""

from django.db import models
from django.db.models import Q

RANK_STEP = 1_000
"""An alert's rank is its verdict times this, and its priority (0 to 100): worst verdict first, then highest priority."""


class AlertRow(models.Model):
    """One alert and its newest verdict."""

    id = models.CharField(max_length=32, primary_key=True)
    zone = models.TextField()
    at_us = models.BigIntegerField()
    gid = models.BigIntegerField(default=1)
    sid = models.BigIntegerField(default=0)
    rev = models.BigIntegerField(default=0)
    source_address = models.CharField(max_length=45, default="")
    source_port = models.IntegerField(default=-1)
    destination_address = models.CharField(max_length=45, default="")
    destination_port = models.IntegerField(default=-1)
    protocol = models.TextField(default="")
    sensor = models.TextField(default="")
    disposition = models.CharField(max_length=16, default="")
    target_address = models.CharField(max_length=45, default="")
    target_port = models.IntegerField(default=-1)
    attacker_address = models.CharField(max_length=45, default="")
    host = models.TextField(default="")
    verdict = models.SmallIntegerField(default=0)
    rank = models.IntegerField(default=0)
    conflict = models.BooleanField(default=False)
    reasons = models.TextField(default="")
    group_id = models.CharField(max_length=32, default="")
    first_judged_us = models.BigIntegerField(default=0)
    last_judged_us = models.BigIntegerField(default=0)
    basis = models.BigIntegerField(default=0)
    """What the newest verdict rests on, see `bases`."""
    claim_set = models.BigIntegerField(default=0)
    both_ends = models.BooleanField(default=True)
    """Both ends were judged; else only the target."""

    class Meta:
        """Django's options. Every list begins with a zone: what a viewer may see is decided by the index.

        The last columns of an index are there to be read: a list's order is then found without opening a row.
        """

        db_table = "alerts"
        indexes = [
            models.Index(fields=["zone", "at_us", "id"], name="alert_at"),
            models.Index(fields=["zone", "rank", "at_us", "id"], name="alert_rank"),
            models.Index(fields=["zone", "verdict", "reasons", "at_us", "id"], name="alert_reasons"),
            models.Index(fields=["zone", "sid", "at_us", "id", "rank", "gid"], name="alert_signature"),
            models.Index(fields=["zone", "target_address", "at_us", "id", "rank"], name="alert_target"),
            models.Index(
                fields=["zone", "attacker_address", "at_us", "id", "rank", "target_address"], name="alert_attacker"
            ),
            models.Index(fields=["zone", "group_id", "at_us", "id", "rank"], name="alert_group"),
            models.Index(fields=["id"], name="alert_without_basis", condition=Q(basis=0)),
        ]


class AlertEvent(models.Model):
    """One alert as the sensor wrote it."""

    alert = models.OneToOneField(AlertRow, on_delete=models.CASCADE, primary_key=True)
    raw = models.BinaryField()
    format = models.CharField(max_length=16, default="")
    """Its name in `sensors.formats`; "" = not known."""
    alert_read = models.BinaryField(default=b"")
    """The alert as it was read (MessagePack), where the raw event alone does not give it back."""

    class Meta:
        """Django's options."""

        db_table = "alert_events"


class VerdictRow(models.Model):
    """One verdict with its whole record (JSON, the shape of VERDICT 11)."""

    alert = models.ForeignKey(AlertRow, on_delete=models.CASCADE, db_index=False)
    judged_at_us = models.BigIntegerField()
    verdict = models.SmallIntegerField()
    inputs = models.CharField(max_length=64)
    record = models.BinaryField()

    class Meta:
        """Django's options. The indexes are for what hiding would have done: few verdicts stand in either."""

        db_table = "verdicts"
        constraints = [
            models.UniqueConstraint(fields=["alert", "judged_at_us", "inputs"], name="verdict_key"),
        ]
        indexes = [
            models.Index(fields=["alert"], name="verdict_not_affected", condition=Q(verdict=1)),
            models.Index(fields=["alert"], name="verdict_affected", condition=Q(verdict__gte=5)),
        ]
