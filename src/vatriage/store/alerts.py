"""Alerts and their verdicts, kept on request. A new verdict stands beside the old one, never over it."""

from django.db import models


class AlertRow(models.Model):
    """One alert as the sensor wrote it. `at_us` is microseconds."""

    id = models.CharField(max_length=32, primary_key=True)
    zone = models.TextField()
    at_us = models.BigIntegerField(db_index=True)
    raw = models.BinaryField()

    class Meta:
        """Django's options."""

        db_table = "alerts"


class VerdictRow(models.Model):
    """One verdict with its whole record (JSON, the shape of VERDICT 11)."""

    alert = models.ForeignKey(AlertRow, on_delete=models.CASCADE)
    judged_at_us = models.BigIntegerField()
    verdict = models.SmallIntegerField(db_index=True)
    inputs = models.CharField(max_length=64)
    record = models.BinaryField()

    class Meta:
        """Django's options."""

        db_table = "verdicts"
        constraints = [
            models.UniqueConstraint(fields=["alert", "judged_at_us", "inputs"], name="verdict_key"),
        ]
