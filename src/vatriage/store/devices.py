"""Devices: report queries, as submitted and as activated."""

from django.db import models

from vatriage.store.places import Zone


class Device(models.Model):
    """One report query to one VA API server. Nothing acts on it before it is activated."""

    name = models.CharField(max_length=64, unique=True)
    vendor = models.CharField(max_length=32, default="qualys")
    url = models.CharField(max_length=2000)
    login = models.CharField(max_length=255)
    password_token = models.BinaryField()
    secret_owner = models.CharField(max_length=64, default="")
    """Under which name its passwords are in the vault; "" = its own. A device that is renamed keeps the first one."""
    zone = models.ForeignKey(Zone, on_delete=models.PROTECT)
    ca_file = models.CharField(max_length=1000, default="")
    complete_checks = models.CharField(max_length=8, default="unknown")
    active = models.BooleanField(default=False)
    scan_ceiling = models.IntegerField(default=0)
    scan_confirmed_url = models.CharField(max_length=2000, default="")
    proxy_mode = models.CharField(max_length=8, default="inherit")
    proxy = models.JSONField(default=dict)
    tls = models.JSONField(default=dict)
    created_at = models.BigIntegerField()
    changed_at = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "devices"

    @property
    def owner(self) -> str:
        """Whose secrets its passwords are, in the vault."""
        return self.secret_owner or self.name


class DeviceLease(models.Model):
    """Who pulls a device at the moment: one at a time, until the lease is given back or expires."""

    device = models.OneToOneField(Device, on_delete=models.CASCADE)
    holder = models.CharField(max_length=64)
    expires_at = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "device_leases"


class Permit(models.Model):
    """A call to an account in flight; expires by itself if its process dies."""

    account = models.CharField(max_length=255, db_index=True)
    resource = models.CharField(max_length=64)
    holder = models.CharField(max_length=64)
    expires_at = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "permits"


class PermitLimit(models.Model):
    """What the vendor's headers said of an account and resource."""

    account = models.CharField(max_length=255)
    resource = models.CharField(max_length=64)
    concurrency = models.IntegerField(default=1)
    not_before = models.BigIntegerField(default=0)
    noted_at = models.BigIntegerField(default=0)
    calls = models.IntegerField(default=0)
    window_s = models.IntegerField(default=0)
    others = models.IntegerField(default=0)
    others_at = models.BigIntegerField(default=0)
    noted_call = models.BigIntegerField(default=0)

    class Meta:
        """Django's options."""

        db_table = "permit_limits"
        constraints = [models.UniqueConstraint(fields=["account", "resource"], name="permit_limit_key")]


class PermitCall(models.Model):
    """A call that counts against the window of an account and resource, since `at` (its answer, else its beginning)."""

    account = models.CharField(max_length=255)
    resource = models.CharField(max_length=64)
    at = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "permit_calls"
        indexes = [models.Index(fields=["account", "resource", "at"], name="permit_call_place")]
