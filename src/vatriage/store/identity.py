"""What is known of identity beside sights: DHCP leases, virtual addresses, what people say of hosts. Instants are seconds.

Nothing is deleted: what people said is withdrawn, with who, when and why.
"""

from django.db import models

from vatriage.store.hosts import Host
from vatriage.store.places import Zone


class LeaseImport(models.Model):
    """One file of leases that was taken in."""

    zone = models.ForeignKey(Zone, on_delete=models.PROTECT)
    file = models.TextField()
    format = models.CharField(max_length=16)
    at = models.BigIntegerField()
    leases = models.BigIntegerField(default=0)
    rejects = models.BigIntegerField(default=0)

    class Meta:
        """Django's options."""

        db_table = "lease_imports"


class LeaseReject(models.Model):
    """A record of such a file that could not be read; kept."""

    file = models.ForeignKey(LeaseImport, on_delete=models.CASCADE)
    line = models.BigIntegerField()
    problem = models.TextField()
    raw = models.BinaryField()

    class Meta:
        """Django's options."""

        db_table = "lease_rejects"


class LeaseStated(models.Model):
    """That a client held an address, as a file states it; several ends of one lease are several rows."""

    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, db_index=False)
    address = models.CharField(max_length=45)
    mac = models.CharField(max_length=17, default="")
    hostname = models.CharField(max_length=255, default="")
    start = models.BigIntegerField()
    end = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "leases_stated"
        constraints = [
            models.UniqueConstraint(fields=["zone", "address", "start", "mac", "hostname", "end"], name="lease_key"),
        ]


class PoolStated(models.Model):
    """Who stands behind a port of an address, as a person says. `members` is a list of {address, port}."""

    zone = models.ForeignKey(Zone, on_delete=models.PROTECT)
    address = models.CharField(max_length=45)
    port = models.IntegerField(default=-1)
    members = models.JSONField()
    author = models.CharField(max_length=255)
    reason = models.TextField()
    valid_from = models.BigIntegerField()
    valid_until = models.BigIntegerField(default=0)
    at = models.BigIntegerField()
    withdrawn_at = models.BigIntegerField(default=0)
    withdrawn_by = models.CharField(max_length=255, default="")
    withdrawn_why = models.TextField(default="")

    class Meta:
        """Django's options."""

        db_table = "pools"


class HostStatement(models.Model):
    """What a person says of a host: one of `model.identity.Said`."""

    host = models.ForeignKey(Host, on_delete=models.PROTECT)
    kind = models.CharField(max_length=16)
    text = models.CharField(max_length=500)
    author = models.CharField(max_length=255)
    reason = models.TextField()
    valid_from = models.BigIntegerField(default=0)
    valid_until = models.BigIntegerField(default=0)
    at = models.BigIntegerField()
    withdrawn_at = models.BigIntegerField(default=0)
    withdrawn_by = models.CharField(max_length=255, default="")
    withdrawn_why = models.TextField(default="")

    class Meta:
        """Django's options."""

        db_table = "host_statements"
