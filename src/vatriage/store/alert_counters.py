"""What is counted of alerts while they are stored, so that no page counts a million rows.

Each counter moves in the transaction that stores the alert; an alert that is judged again moves from one to another.
Verdicts are those of the machine: what people say stands in `reviews`.
"""

from django.db import models
from django.db.models import Q


class AlertGroup(models.Model):
    """All alerts of one signature, from one attacker, on one target, in one zone. Guard alert-floods."""

    id = models.CharField(max_length=32, primary_key=True)
    zone = models.TextField()
    gid = models.BigIntegerField()
    sid = models.BigIntegerField()
    target_address = models.CharField(max_length=45)
    attacker_address = models.CharField(max_length=45)
    target_key = models.CharField(max_length=32, default="")
    """The address as 32 hex digits, in whose order a network is a stretch; "" where there is none."""
    attacker_key = models.CharField(max_length=32, default="")
    alerts = models.BigIntegerField(default=0)
    first_at_us = models.BigIntegerField()
    last_at_us = models.BigIntegerField()
    worst = models.SmallIntegerField(default=0)
    not_affected = models.BigIntegerField(default=0)
    unverifiable = models.BigIntegerField(default=0)
    unknown = models.BigIntegerField(default=0)
    possibly_affected = models.BigIntegerField(default=0)
    affected = models.BigIntegerField(default=0)
    compromise_indicated = models.BigIntegerField(default=0)
    system_determined = models.BigIntegerField(default=0)

    class Meta:
        """Django's options."""

        db_table = "alert_groups"
        indexes = [
            models.Index(fields=["zone", "last_at_us", "id"], name="alert_group_at"),
            models.Index(fields=["zone", "worst", "last_at_us", "id"], name="alert_group_worst"),
            models.Index(
                fields=["zone", "worst", "last_at_us", "id"],
                name="alert_group_unaffected",
                condition=Q(not_affected__gt=0),
            ),
            models.Index(fields=["zone", "sid"], name="alert_group_signature"),
            models.Index(fields=["zone", "target_address"], name="alert_group_target"),
            models.Index(fields=["zone", "attacker_address"], name="alert_group_attacker"),
        ]


class AlertSignature(models.Model):
    """A signature that alerts named, with its newest revision's message."""

    gid = models.BigIntegerField()
    sid = models.BigIntegerField()
    rev = models.BigIntegerField()
    message = models.TextField()

    class Meta:
        """Django's options."""

        db_table = "alert_signatures"
        constraints = [models.UniqueConstraint(fields=["sid", "gid"], name="alert_signature_key")]


class VerdictHour(models.Model):
    """How many alerts of one hour (hours since 1970) have a verdict."""

    zone = models.TextField()
    hour = models.IntegerField()
    verdict = models.SmallIntegerField()
    alerts = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "verdict_hours"
        constraints = [models.UniqueConstraint(fields=["zone", "hour", "verdict"], name="verdict_hour_key")]


class VerdictReason(models.Model):
    """How many alerts have a verdict for the same reasons (codes, sorted, with commas between), blocked ones among them."""

    zone = models.TextField()
    verdict = models.SmallIntegerField()
    reasons = models.TextField()
    alerts = models.BigIntegerField()
    blocked = models.BigIntegerField(default=0)

    class Meta:
        """Django's options."""

        db_table = "verdict_reasons"
        constraints = [models.UniqueConstraint(fields=["zone", "verdict", "reasons"], name="verdict_reason_key")]
