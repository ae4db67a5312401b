"""Hiding: who turned it on in which zone on which report, until when, and why it ended; and the random samples people judge.

Rows are never deleted. A zone without an open row is in shadow mode: nothing is hidden there. Instants are seconds.
"""

from django.db import models
from django.db.models import Q


class Hiding(models.Model):
    """One time that hiding was on in a zone."""

    zone = models.TextField()
    verdict = models.SmallIntegerField()
    """What is hidden: NOT_AFFECTED, or (FALSE_POSITIVE) of it what a person has called a false positive."""
    report = models.JSONField()
    digest = models.CharField(max_length=64)
    """Of the report that the person had on screen."""
    reason = models.TextField()
    until = models.BigIntegerField()
    on_by = models.CharField(max_length=255)
    on_at = models.BigIntegerField()
    verdict_mark = models.BigIntegerField()
    """Verdicts up to this number have been looked at for one that contradicts hiding."""
    review_mark = models.BigIntegerField()
    """Reviews, likewise."""
    off_at = models.BigIntegerField(default=0)
    """0 = it is on."""
    off_by = models.CharField(max_length=255, default="")
    off_why = models.TextField(default="")

    class Meta:
        """Django's options."""

        db_table = "hiding"
        constraints = [models.UniqueConstraint(fields=["zone"], condition=Q(off_at=0), name="hiding_of_zone")]


class ShadowSample(models.Model):
    """A random sample of the alerts that would have been hidden, for people to judge. Window in microseconds."""

    zone = models.TextField()
    seed = models.BigIntegerField()
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField()
    population = models.BigIntegerField()
    """How many alerts it was drawn from."""
    drawn_by = models.CharField(max_length=255)
    drawn_at = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "shadow_samples"
        indexes = [models.Index(fields=["zone", "drawn_at"], name="shadow_sample_zone")]


class ShadowSampleAlert(models.Model):
    """An alert of a sample, in the order in which they were drawn."""

    sample = models.ForeignKey(ShadowSample, on_delete=models.CASCADE)
    place = models.IntegerField()
    alert_id = models.CharField(max_length=32)
    at_us = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "shadow_sample_alerts"
        constraints = [models.UniqueConstraint(fields=["sample", "place"], name="shadow_sample_place")]
