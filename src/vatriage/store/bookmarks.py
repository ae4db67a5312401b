"""How far live sources of alerts were read, and what came of it: one row a source and zone."""

from django.db import models


class Bookmark(models.Model):
    """One source. Counters only grow; `place` is the source's own note of where it goes on."""

    zone = models.CharField(max_length=64)
    source = models.TextField()
    place = models.BinaryField()
    events = models.BigIntegerField(default=0)
    alerts = models.BigIntegerField(default=0)
    rejects = models.BigIntegerField(default=0)
    redelivered = models.BigIntegerField(default=0)
    lost = models.BigIntegerField(default=0)
    read_at_us = models.BigIntegerField(default=0)

    class Meta:
        """Django's options."""

        db_table = "bookmarks"
        constraints = [models.UniqueConstraint(fields=["zone", "source"], name="bookmark_key")]
