"""Zones: address spaces, and which networks belong to each."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from vatriage.errors import NotFoundError, UsageError
from vatriage.model.viewer import Who
from vatriage.store.changes import PendingChange
from vatriage.store.devices import Device
from vatriage.store.places import Zone, ZoneNetwork
from vatriage.usecases.changes import Changes
from vatriage.usecases.config_kind import NAME, Content
from vatriage.usecases.zone_kind import Network, check_may_be_renamed, network_of, written


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneLine:
    """A zone, as a list shows it."""

    name: str
    networks: list[str]
    devices: int
    pending: str
    """add, change or delete; "" = nothing waits."""


def zone_names() -> list[str]:
    """Return the names of all zones, in order; "default" is always among them."""
    return sorted({"default", *Zone.objects.values_list("name", flat=True)})


def all_zones(only: Iterable[str] | None = None) -> list[ZoneLine]:
    """Return the zones that are there or submitted, in order of name; `only` these, None = all."""
    networks: dict[str, list[str]] = {name: [] for name in Zone.objects.values_list("name", flat=True)}
    for zone, network in ZoneNetwork.objects.values_list("zone__name", "network"):
        networks[zone].append(network)
    waiting = {row.subject: row for row in PendingChange.objects.filter(kind="zone")}
    devices = list(Device.objects.values_list("zone__name", flat=True))
    seen = None if only is None else set(only)
    return [
        ZoneLine(
            name=name, networks=written(map(network_of, networks.get(name, []))), devices=devices.count(name),
            pending=_pending(waiting.get(name), there=name in networks),
        )
        for name in sorted({*networks, *waiting}) if seen is None or name in seen
    ]  # fmt: skip


def submit_zone(
    name: str, networks: Iterable[str], *, changes: Changes, who: Who, seen: str | None = None, new_name: str = ""
) -> None:  # fmt: skip
    """Submit a zone with all its networks, and with another name if wanted ("" = it keeps what was submitted).

    Raises:
        UsageError: the name is none or taken, a network is none, or two overlap; the zone keeps its name.
        ConflictError: somebody else changed it since it was read.
    """
    content: Content = {"networks": written(map(network_of, networks))}
    new = new_name or str((changes.submitted("zone", name) or {}).get(NAME, name))
    if new != name:
        check_may_be_renamed(name)
        content[NAME] = new
    changes.submit("zone", name, content, who=who, seen=seen)


def check_zone(name: str | None) -> None:
    """See that a zone that is asked for is there; None = all zones. Raises: NotFoundError: it is not."""
    if name is not None and not Zone.objects.filter(name=name).exists():
        raise NotFoundError(f"There is no zone named {name!r}.", "`vatriage zone list` shows all.")


def submitted_networks(name: str, changes: Changes) -> list[str]:
    """Return a zone's networks as they will be. Raises: NotFoundError: there is no such zone, or it is to be deleted."""
    content = changes.submitted("zone", name)
    if content is None:
        raise NotFoundError(f"There is no zone named {name!r}.", "The list of zones shows all.")
    return list(content["networks"])


def zones_of(address: str) -> list[str]:
    """Return the zones whose networks hold an address: those with the narrowest network, in order of name.

    Several have it where two zones use the same network; the address alone then does not say which is meant.

    Raises: UsageError: it is no address.
    """
    try:
        wanted = ip_address(address.strip())
    except ValueError as error:
        raise UsageError(f"{address!r} is no IP address.", "Write it like 10.0.0.5 or 2001:db8::5.") from error
    found = [
        (network_of(network).prefixlen, zone)
        for zone, network in ZoneNetwork.objects.values_list("zone__name", "network")
        if wanted in network_of(network)
    ]
    narrowest = max((length for length, _ in found), default=0)
    return sorted({zone for length, zone in found if length == narrowest})


def zone_of(address: str) -> str | None:
    """Return the one zone an address belongs to, None if no zone has it, or several. Raises: UsageError: no address."""
    found = zones_of(address)
    return found[0] if len(found) == 1 else None


def shared_with(name: str) -> dict[str, list[str]]:
    """Return, by network of a zone, the other zones that have the same addresses or some of them."""
    mine: dict[Network, set[str]] = {}
    theirs: dict[Network, set[str]] = {}
    for zone, text in ZoneNetwork.objects.values_list("zone__name", "network"):
        (mine if zone == name else theirs).setdefault(network_of(text), set()).add(zone)
    shared: dict[Network, set[str]] = {}
    for one in mine:
        for wider in _within(one):
            shared.setdefault(one, set()).update(theirs.get(wider, ()))
    for other, zones in theirs.items():
        for wider in filter(mine.__contains__, _within(other)):
            shared.setdefault(wider, set()).update(zones)
    return {str(network): sorted(zones) for network, zones in shared.items() if zones}


def _within(network: Network) -> list[Network]:
    """Return the network and every wider one that holds it."""
    return [network.supernet(new_prefix=length) for length in range(network.prefixlen + 1)]


def _pending(row: PendingChange | None, *, there: bool) -> str:
    if row is None:
        return ""
    return "delete" if row.content is None else "change" if there else "add"
