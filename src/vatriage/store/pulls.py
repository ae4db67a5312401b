"""Pulls and imports: the ledger, page by page, and what was rejected."""

from django.db import models

from vatriage.store.devices import Device
from vatriage.store.places import Account, Zone


class Pull(models.Model):
    """One pull of a device, or one import of files. Instants are seconds."""

    device = models.ForeignKey(Device, null=True, on_delete=models.SET_NULL)
    zone = models.ForeignKey(Zone, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    origin = models.CharField(max_length=16)
    state = models.CharField(max_length=16)
    started_at = models.BigIntegerField()
    finished_at = models.BigIntegerField(default=0)
    whole = models.BooleanField(default=False)
    vouched_checks = models.BooleanField(default=False)
    request = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    error = models.TextField(default="")
    resumable = models.BooleanField(default=False)
    scan_ref = models.CharField(max_length=64, default="")
    cancel_requested = models.CharField(max_length=255, default="")
    knowledge = models.IntegerField(default=0)
    knowledge_damaged = models.BooleanField(default=False)

    class Meta:
        """Django's options."""

        db_table = "pulls"


class PullPage(models.Model):
    """One committed page of a pull: what makes it idempotent."""

    pull = models.ForeignKey(Pull, on_delete=models.CASCADE)
    resource = models.CharField(max_length=32)
    number = models.IntegerField()
    request = models.TextField(default="")
    raw_file = models.CharField(max_length=255, default="")
    removed_at = models.BigIntegerField(default=0, db_default=0)
    sha256 = models.CharField(max_length=64, default="")
    size = models.BigIntegerField(default=0)
    hosts = models.IntegerField(default=0)
    detections = models.IntegerField(default=0)
    vulnerabilities = models.IntegerField(default=0)
    rejects = models.IntegerField(default=0)
    unnamed_hosts = models.IntegerField(default=0)
    next_id = models.BigIntegerField(default=0)
    changes = models.JSONField(default=dict)
    committed_at = models.BigIntegerField()
    step = models.CharField(max_length=16, default="")
    asked = models.TextField(default="")
    generated_at = models.BigIntegerField(default=0)

    class Meta:
        """Django's options."""

        db_table = "pull_pages"
        constraints = [models.UniqueConstraint(fields=["pull", "resource", "number"], name="pull_page_key")]


class PullHost(models.Model):
    """What one pull knows of one host: listed, received (in a list of findings of that date), seen again, rejected."""

    pull = models.ForeignKey(Pull, on_delete=models.CASCADE)
    host = models.BigIntegerField(default=0)
    vendor_id = models.BigIntegerField(default=0)
    listed = models.BooleanField(default=False)
    received = models.BooleanField(default=False)
    received_at = models.BigIntegerField(default=0)
    seen_again = models.BooleanField(default=False)
    rejected = models.BooleanField(default=False)
    trouble = models.TextField(default="", db_default="")

    class Meta:
        """Django's options."""

        db_table = "pull_hosts"
        constraints = [models.UniqueConstraint(fields=["pull", "host", "vendor_id"], name="pull_host_key")]


class PullIds(models.Model):
    """A range of host ids that the account held when the pull began, inclusive: what it leaves out is gone."""

    pull = models.ForeignKey(Pull, on_delete=models.CASCADE)
    first = models.BigIntegerField()
    last = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "pull_ids"


class PullScan(models.Model):
    """A scan of a host that a pull reported: vouched once the pull is known to be whole."""

    pull = models.ForeignKey(Pull, on_delete=models.CASCADE)
    host = models.BigIntegerField()
    at = models.BigIntegerField()
    kind = models.SmallIntegerField()
    by_findings = models.BooleanField(default=False)

    class Meta:
        """Django's options."""

        db_table = "pull_scans"
        constraints = [models.UniqueConstraint(fields=["pull", "host", "at", "kind"], name="pull_scan_key")]


class PullMissing(models.Model):
    """A current detection that the host's report does not hold any more: gone, once the pull is known to be whole."""

    pull = models.ForeignKey(Pull, on_delete=models.CASCADE)
    detection = models.BigIntegerField()
    at = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "pull_missing"
        constraints = [models.UniqueConstraint(fields=["pull", "detection"], name="pull_missing_key")]


class Rejected(models.Model):
    """A record, or a field of one, that could not be read; kept."""

    pull = models.ForeignKey(Pull, on_delete=models.CASCADE)
    place = models.CharField(max_length=500)
    subject = models.CharField(max_length=500)
    problem = models.TextField()
    raw = models.BinaryField()

    class Meta:
        """Django's options."""

        db_table = "rejected"
