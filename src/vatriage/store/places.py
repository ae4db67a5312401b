"""Zones and accounts: whose address space, whose report."""

from django.db import models


class Zone(models.Model):
    """An address space: (zone, address) names one host at a time."""

    name = models.CharField(max_length=64, unique=True)

    class Meta:
        """Django's options."""

        db_table = "zones"


class ZoneNetwork(models.Model):
    """A network that belongs to a zone, as `address/bits`: which sensor's alerts it judges."""

    zone = models.ForeignKey(Zone, on_delete=models.CASCADE)
    network = models.CharField(max_length=49)

    class Meta:
        """Django's options."""

        db_table = "zone_networks"
        constraints = [models.UniqueConstraint(fields=["zone", "network"], name="zone_network_key")]


class AssetValue(models.Model):
    """What a person says that targets in a network of a zone are worth, 1 to 5; one address is a network of its own."""

    zone = models.ForeignKey(Zone, on_delete=models.CASCADE)
    network = models.CharField(max_length=49)
    value = models.SmallIntegerField()
    who = models.CharField(max_length=255)
    at = models.BigIntegerField()

    class Meta:
        """Django's options."""

        db_table = "asset_values"
        constraints = [models.UniqueConstraint(fields=["zone", "network"], name="asset_value_key")]


class Account(models.Model):
    """Whose reports name a host: `login@server`, or `offline:ZONE` for imported files."""

    name = models.TextField(unique=True)

    class Meta:
        """Django's options."""

        db_table = "accounts"
