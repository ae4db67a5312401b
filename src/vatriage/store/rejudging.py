"""Judging stored alerts again: which are due, the runs that do it, and the verdicts that rose."""

from django.db import models


class DueAlert(models.Model):
    """A stored alert whose newest verdict may not be what would be said now. The row goes when it was judged again."""

    alert_id = models.CharField(max_length=32, primary_key=True)
    zone = models.TextField()

    class Meta:
        """Django's options."""

        db_table = "rejudge_due"


class Rejudgement(models.Model):
    """One run of judging again. Instants are seconds; a run without an end is gone on with."""

    snapshot = models.TextField()
    """Current when it began."""
    started_at = models.BigIntegerField()
    finished_at = models.BigIntegerField(default=0)
    due = models.BigIntegerField(default=0)
    """Alerts that were due when it began."""
    judged = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    """Of these, alerts with a new verdict beside the old one."""
    raised = models.BigIntegerField(default=0)
    """Of these, alerts whose verdict is worse than before."""
    unreadable = models.BigIntegerField(default=0)
    """Alerts whose event is not kept or cannot be read any more: their verdict stands."""

    class Meta:
        """Django's options."""

        db_table = "rejudgements"


class Escalation(models.Model):
    """A stored alert's verdict that rose. The numbers grow in the order in which they were stored."""

    alert_id = models.CharField(max_length=32)
    zone = models.TextField()
    at_us = models.BigIntegerField()
    """When it was judged again."""
    before = models.SmallIntegerField()
    after = models.SmallIntegerField()
    cause = models.CharField(max_length=16)
    """`outcome` (a success was seen) or `evidence`."""
    snapshot = models.TextField()
    pull = models.BigIntegerField(default=0)
    """The newest pull or import that had ended by then; 0 = none."""

    class Meta:
        """Django's options."""

        db_table = "escalations"
        indexes = [models.Index(fields=["zone", "id"], name="escalation_zone")]


class ArchiveFile(models.Model):
    """A Parquet file of the alert archive; every alert's event is in the database or in one that is listed here."""

    zone = models.TextField()
    day = models.IntegerField()
    """Days since 1970-01-01 (UTC) of its alerts' own time."""
    path = models.TextField(unique=True)
    """Inside the archive's folder."""
    alerts = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    written_at = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "archive_files"
        indexes = [models.Index(fields=["zone", "day"], name="archive_file_day")]
