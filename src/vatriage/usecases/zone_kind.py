"""A zone and its networks as something that is submitted and activated. Content: `{"networks": ["192.0.2.0/24"]}`."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import pairwise
from pathlib import Path

from django.db import transaction

from vatriage.errors import UsageError
from vatriage.model.name import checked_name
from vatriage.store.alerts import AlertRow
from vatriage.store.devices import Device
from vatriage.store.hosts import Host
from vatriage.store.identity import LeaseImport, PoolStated
from vatriage.store.places import Account, Zone, ZoneNetwork
from vatriage.store.pulls import Pull
from vatriage.store.reviews import Review
from vatriage.store.tuning_rules import TuningRule
from vatriage.store.users import User
from vatriage.usecases.config_kind import Content
from vatriage.usecases.renaming import rename_in_rules, rename_zone_of_destinations, rename_zone_of_devices
from vatriage.usecases.snapshots import finish_snapshot, mark_behind

DEFAULT = "default"
"""The zone of what names none."""
MOST_NETWORKS = 10_000
Network = IPv4Network | IPv6Network


class ZoneKind:
    """See ConfigKind.

    Args:
        snapshots: their folder, None = there is none to be kept up with.
    """

    name = "zone"

    def __init__(self, snapshots: Path | None = None) -> None:
        self._snapshots = snapshots

    def current(self, subject: str) -> Content | None:
        """See ConfigKind.current."""
        zone = Zone.objects.filter(name=subject).first()
        if zone is None:
            return None
        return {"networks": written(network_of(row.network) for row in ZoneNetwork.objects.filter(zone=zone))}

    def check(self, subject: str, content: Content) -> None:
        """See ConfigKind.check."""
        checked_name("zone", subject)
        networks = [network_of(text) for text in content["networks"]]
        if len(networks) > MOST_NETWORKS:
            raise UsageError(f"A zone holds at most {MOST_NETWORKS:,} networks.", "Write them as fewer, wider ones.")
        _check_apart(networks)

    def check_kept(self, before: Content, content: Content) -> None:
        """See ConfigKind.check_kept: a zone holds no password."""

    def noted(self, subject: str, content: Content | None, now: int) -> None:
        """See ConfigKind.noted: a zone that is only submitted is not there."""

    def renamed(self, subject: str, name: str, now: int) -> None:  # noqa: ARG002 - the interface's signature
        """See ConfigKind.renamed: devices, hosts, pulls and users know the zone by its number; the snapshot by its name."""
        check_may_be_renamed(subject)
        if self._snapshots is not None:
            folder = self._snapshots
            mark_behind(folder)
            transaction.on_commit(lambda: finish_snapshot(folder))
        Zone.objects.filter(name=subject).update(name=name)
        if not Account.objects.filter(name=f"offline:{name}").exists():
            Account.objects.filter(name=f"offline:{subject}").update(name=f"offline:{name}")
        rename_in_rules("zone", subject, name)
        rename_zone_of_devices(subject, name)
        rename_zone_of_destinations(subject, name)

    def confirmed(self, content: Content, addresses: int) -> Content:  # noqa: ARG002 - the interface's signature
        """See ConfigKind.confirmed: a zone scans nothing."""
        return content

    def to_confirm(self, content: Content) -> int | None:  # noqa: ARG002 - the interface's signature
        """See ConfigKind.to_confirm: nothing."""
        return None

    def apply(self, subject: str, content: Content | None, now: int) -> None:  # noqa: ARG002 - the interface's signature
        """See ConfigKind.apply. Raises: UsageError: the zone is in use and cannot be deleted."""
        if content is None:
            check_unused(subject)
            Zone.objects.filter(name=subject).delete()
            return
        zone, _ = Zone.objects.get_or_create(name=subject)
        ZoneNetwork.objects.filter(zone=zone).delete()
        ZoneNetwork.objects.bulk_create(ZoneNetwork(zone=zone, network=text) for text in content["networks"])

    def shown(self, content: Content) -> Content:
        """See ConfigKind.shown."""
        return content


def network_of(text: str) -> Network:
    """Return a network as a person writes it: `192.0.2.0/24`, `192.0.2.7`, `2001:db8::/32`.

    Raises: UsageError: it is none; an address inside a network is named as such.
    """
    try:
        return ip_network(text.strip(), strict=True)
    except ValueError as error:
        if "has host bits set" in str(error):
            meant = ip_network(text.strip(), strict=False)
            raise UsageError(
                f"{text.strip()!r} is an address inside the network {meant}, not a network.",
                f"Write {meant}, or {text.strip().partition('/')[0]} for the one address.",
            ) from error
        raise UsageError(
            f"{text.strip()!r} is no network.", "Write it like 192.0.2.0/24, 192.0.2.7 or 2001:db8::/32."
        ) from error


def written(networks: Iterable[Network]) -> list[str]:
    """Return networks as text, in order."""
    return [str(item) for item in sorted(networks, key=_order)]


def check_unused(zone: str) -> None:
    """Raise: UsageError: something still belongs to a zone.

    A user who sees only this zone is among them: without it the user would see all zones.
    """
    found = [
        (Device.objects.filter(zone__name=zone), "devices"), (Host.objects.filter(zone__name=zone), "hosts"),
        (Pull.objects.filter(zone__name=zone), "pulls and imports"), (User.objects.filter(zones__name=zone), "users"),
        (PoolStated.objects.filter(zone__name=zone), "virtual addresses"),
        (LeaseImport.objects.filter(zone__name=zone), "imported leases"),
        (TuningRule.objects.filter(zone=zone, superseded_by=0, enabled=1), "tuning rules that are switched on"),
    ]  # fmt: skip
    used = [what for rows, what in found if rows.exists()]
    if used:
        raise UsageError(
            f"The zone {zone!r} still has {', '.join(used)}, so it cannot be deleted.",
            "Move its devices and users to another zone; what was pulled into it is history and keeps its zone.",
        )


def check_may_be_renamed(zone: str) -> None:
    """Raise: UsageError: the zone keeps its name.

    A verdict that was told names its zone, and the ids of alerts and groups are made of it: they would be others.
    """
    if zone == DEFAULT:
        raise UsageError(f"The zone {zone!r} keeps its name: what names no zone is in it.", "Add another zone.")
    if TuningRule.objects.filter(zone=zone).exists():
        raise UsageError(
            f"Tuning rules were made for the zone {zone!r}: their history names it, so it keeps its name.",
            "Add a zone of the new name, and move devices and networks to it.",
        )
    if AlertRow.objects.filter(zone=zone).exists() or Review.objects.filter(zone=zone).exists():
        raise UsageError(
            f"Alerts were judged in the zone {zone!r}: their ids and verdicts name it, so it keeps its name.",
            "Add a zone of the new name, and move devices and networks to it.",
        )


def _check_apart(networks: list[Network]) -> None:
    """Raise: UsageError: two networks of one zone overlap."""
    ordered = sorted(networks, key=_order)
    for one, other in pairwise(ordered):
        # In order of address a network is followed at once by what lies inside it, if anything does.
        if one.version == other.version and one.overlaps(other):
            said = f"{one} is given twice" if one == other else f"{other} lies inside {one}"
            raise UsageError(f"In one zone networks may not overlap: {said}.", "Keep one of the two.")


def _order(network: Network) -> tuple[int, int, int]:
    return network.version, int(network.network_address), network.prefixlen
