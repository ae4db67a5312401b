"""Hosts, the addresses they held, and the scans that looked at them. Instants are whole seconds, 0 = not stated."""

from django.db import models
from django.db.models.functions import Length

from vatriage.store.places import Account, Zone


class Host(models.Model):
    """One host of one account: its vendor id, or its address where the report has no id."""

    zone = models.ForeignKey(Zone, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    vendor_id = models.BigIntegerField(default=0)
    key_address = models.CharField(max_length=45, default="")
    address = models.CharField(max_length=45, default="", db_index=True)
    address6 = models.CharField(max_length=45, default="")
    tracking_method = models.TextField(default="")
    network_id = models.TextField(default="")
    os = models.TextField(default="")
    os_cpe = models.TextField(default="")
    dns = models.TextField(default="")
    netbios = models.TextField(default="")
    agent_id = models.TextField(default="")
    cloud_id = models.TextField(default="")
    fact_stamps = models.TextField(default="")
    first_seen = models.BigIntegerField(default=0)
    last_seen = models.BigIntegerField(default=0)
    gone_at = models.BigIntegerField(default=0)
    whole_listed_at = models.BigIntegerField(default=0)

    class Meta:
        """Django's options."""

        db_table = "hosts"
        constraints = [
            models.UniqueConstraint(fields=["zone", "account", "vendor_id", "key_address"], name="host_key"),
        ]
        indexes = [models.Index("zone", Length("address"), "address", "id", name="host_order")]


class HostAddress(models.Model):
    """That a host was seen at an address: from its first sight there to its last."""

    host = models.ForeignKey(Host, on_delete=models.CASCADE, db_index=False)
    address = models.CharField(max_length=45)
    first_seen = models.BigIntegerField()
    last_seen = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "host_addresses"
        constraints = [models.UniqueConstraint(fields=["host", "address"], name="host_address_key")]
        indexes = [models.Index(fields=["address"], name="host_address_index")]


class HostScan(models.Model):
    """One scan of one host."""

    host = models.ForeignKey(Host, on_delete=models.CASCADE, db_index=False)
    at = models.BigIntegerField()
    kind = models.SmallIntegerField()
    whole = models.BooleanField(default=False)
    check_set = models.BooleanField(default=False)
    ports = models.BinaryField(default=b"")

    class Meta:
        """Django's options."""

        db_table = "host_scans"
        constraints = [models.UniqueConstraint(fields=["host", "at", "kind"], name="host_scan_key")]


class HostChange(models.Model):
    """What changed on a host: appeared, fixed, reopened, gone, address moved."""

    host = models.ForeignKey(Host, on_delete=models.CASCADE)
    kind = models.CharField(max_length=16)
    at = models.BigIntegerField()
    recorded_at = models.BigIntegerField()
    pull = models.BigIntegerField(default=0)
    qid = models.BigIntegerField(default=0)
    port = models.IntegerField(default=-1)
    protocol = models.SmallIntegerField(default=0)
    detail = models.TextField(default="")

    class Meta:
        """Django's options."""

        db_table = "host_changes"
