"""Submitted changes that wait for their activation, and every version that was ever activated."""

from django.db import models


class PendingChange(models.Model):
    """One change of one subject, submitted; nothing acts on it before it is activated. Its number changes with it."""

    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=64)
    content = models.JSONField(null=True)
    submitted_by = models.CharField(max_length=255)
    address = models.CharField(max_length=45, default="")
    submitted_at = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "pending_changes"
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="pending_change_key")]


class ConfigVersion(models.Model):
    """What a subject was set to once; content None says that it was deleted then."""

    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=64)
    number = models.IntegerField()
    content = models.JSONField(null=True)
    submitted_by = models.CharField(max_length=255)
    activated_by = models.CharField(max_length=255)
    activated_at = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "config_versions"
        constraints = [models.UniqueConstraint(fields=["kind", "subject", "number"], name="config_version_key")]
