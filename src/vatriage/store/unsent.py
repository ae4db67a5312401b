"""Verdict records that were committed and not yet sent on: one row a source, kept with the verdicts, removed once sent."""

from django.db import models


class Unsent(models.Model):
    """What one source's last batch still owes a sink."""

    zone = models.CharField(max_length=64)
    source = models.TextField()
    sink = models.TextField()
    records = models.BinaryField()

    class Meta:
        """Django's options."""

        db_table = "unsent"
        constraints = [models.UniqueConstraint(fields=["zone", "source", "sink"], name="unsent_key")]
