"""Where verdicts are sent, and what waits to be sent there. Instants are seconds."""

from django.db import models


class Destination(models.Model):
    """A receiver of verdicts. Its secret is a vault token, bound to its server."""

    name = models.CharField(max_length=64, unique=True)
    url = models.TextField()
    settings = models.JSONField(default=dict)
    """See usecases.destinations.Settings."""
    secret_token = models.BinaryField(default=b"")
    least = models.SmallIntegerField()
    """The mildest verdict that is sent."""
    zones = models.JSONField(default=list)
    """Names of the zones whose verdicts are sent; empty = all."""
    paused = models.BooleanField(default=False)
    next_at = models.BigIntegerField(default=0)
    """Nothing is sent before."""
    busy_until = models.BigIntegerField(default=0)
    """A process sends until then, unless it died."""
    failures = models.IntegerField(default=0)
    """In a row."""
    error = models.TextField(default="")
    last_sent_at = models.BigIntegerField(default=0)
    sent = models.BigIntegerField(default=0)
    lost = models.BigIntegerField(default=0)
    """Given up: too old, or refused again and again."""

    class Meta:
        """Django's options."""

        db_table = "destinations"


class OutboxRow(models.Model):
    """One thing that waits to be sent. It is deleted once the receiver has it."""

    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, db_index=False)
    delivery = models.CharField(max_length=32, unique=True)
    news = models.CharField(max_length=16)
    alert_id = models.CharField(max_length=32)
    record = models.BinaryField()
    queued_at = models.BigIntegerField()
    attempts = models.IntegerField(default=0)

    class Meta:
        """Django's options."""

        db_table = "outbox"
        indexes = [models.Index(fields=["destination", "id"], name="outbox_order")]
