"""An update rule: which devices are pulled, and when. Selectors go by the Access IP, as in MARS, or by name or zone.

Source: the seed, "Schedule the pull"; every QualysGuard device has the Access IP 165.193.18.12, so the network
165.193.18.12/255.255.255.255 selects all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from typing import Any, Protocol

from vatriage.errors import UsageError
from vatriage.model.name import checked_name
from vatriage.model.schedule import Schedule
from vatriage.model.schedule_content import schedule_content, schedule_of


class Selectable(Protocol):
    """What selectors look at of a device."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def access_ip(self) -> str:
        """Its Access IP."""

    @property
    def zone(self) -> str:
        """Its zone's name."""


@dataclass(frozen=True, slots=True)
class NetworkSelector:
    """Devices whose Access IP lies in a network."""

    network: str
    mask: str

    def selects(self, device: Selectable) -> bool:
        """Whether a device is meant."""
        return IPv4Address(device.access_ip) in IPv4Network((self.network, self.mask))

    @property
    def words(self) -> str:
        """As a person writes it."""
        return f"{self.network}/{self.mask}"


@dataclass(frozen=True, slots=True)
class RangeSelector:
    """Devices whose Access IP lies between two addresses, both included."""

    first: str
    last: str

    def selects(self, device: Selectable) -> bool:
        """Whether a device is meant."""
        return IPv4Address(self.first) <= IPv4Address(device.access_ip) <= IPv4Address(self.last)

    @property
    def words(self) -> str:
        """As a person writes it."""
        return f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class DeviceSelector:
    """One device."""

    device: str

    def selects(self, device: Selectable) -> bool:
        """Whether a device is meant."""
        return device.name == self.device

    @property
    def words(self) -> str:
        """As a person writes it."""
        return f"device {self.device}"


@dataclass(frozen=True, slots=True)
class ZoneSelector:
    """Every device of a zone."""

    zone: str

    def selects(self, device: Selectable) -> bool:
        """Whether a device is meant."""
        return device.zone == self.zone

    @property
    def words(self) -> str:
        """As a person writes it."""
        return f"zone {self.zone}"


Selector = NetworkSelector | RangeSelector | DeviceSelector | ZoneSelector
_FIELDS = {"network": ("network", "mask"), "range": ("first", "last"), "device": ("device",), "zone": ("zone",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRule:
    """A rule as submitted or activated."""

    selectors: tuple[Selector, ...]
    schedule: Schedule

    def selects(self, device: Selectable) -> bool:
        """Whether a device is pulled by the rule."""
        return any(selector.selects(device) for selector in self.selectors)


def rule_of(content: Mapping[str, Any]) -> UpdateRule:
    """Return a rule from plain values. Raises: UsageError: it cannot be meant; the message names the field.

    Args:
        content: `selectors`: a list of {"kind": "network", "network", "mask"}, {"kind": "range", "first", "last"},
            {"kind": "device", "device"} or {"kind": "zone", "zone"}; `schedule`: see schedule_content.
    """
    unknown = sorted(set(content) - {"selectors", "schedule"})
    if unknown:
        raise UsageError(f"The rule has no field {unknown[0]!r}.", "It has selectors and schedule.")
    selectors = content.get("selectors")
    if not isinstance(selectors, list | tuple) or not selectors:
        raise UsageError(
            "The rule selects nothing.", "Add a network, a range, a device or a zone to the selected field."
        )
    return UpdateRule(
        selectors=tuple(dict.fromkeys(selector_of(item) for item in selectors)),
        schedule=schedule_of(content.get("schedule")),
    )  # fmt: skip


def rule_content(rule: UpdateRule) -> dict[str, Any]:
    """Return a rule as plain values; `rule_of` makes the same of them."""
    return {
        "selectors": [_selector_content(item) for item in rule.selectors],
        "schedule": schedule_content(rule.schedule),
    }  # fmt: skip


def selector_of(item: object) -> Selector:
    """Return a selector from plain values. Raises: UsageError: it cannot be meant; the message names the field."""
    given = {str(key): str(value).strip() for key, value in item.items()} if isinstance(item, Mapping) else {}
    kind = given.get("kind", "")
    if set(given) != {"kind", *_FIELDS.get(kind, ("?",))}:
        raise UsageError(f"The selector {str(item)[:80]} is not known.", f"Its kind is one of {', '.join(_FIELDS)}.")
    match kind:
        case "network":
            return _network(given["network"], given["mask"])
        case "range":
            return _range(given["first"], given["last"])
        case "device":
            return DeviceSelector(checked_name("selected device", given["device"]))
        case _:
            return ZoneSelector(checked_name("selected zone", given["zone"]))


def _network(network: str, mask: str) -> NetworkSelector:
    _address("Network IP", network)
    try:
        meant = IPv4Network((network, mask), strict=False)
    except (NetmaskValueError, ValueError) as error:
        raise UsageError(f"The Mask is {mask[:40]!r}.", "Write it like 255.255.255.255 or 32.") from error
    if str(meant.network_address) != str(IPv4Address(network)):
        raise UsageError(
            f"The Network IP {network} has bits beyond its Mask {mask}.",
            f"Write {meant.network_address}, or another mask.",
        )
    return NetworkSelector(str(meant.network_address), str(meant.netmask))


def _range(first: str, last: str) -> RangeSelector:
    if _address("first IP of the range", first) > _address("last IP of the range", last):
        raise UsageError(f"The IP range {first}-{last} runs backwards.", "Write the smaller address first.")
    return RangeSelector(first, last)


def _address(name: str, text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except AddressValueError as error:
        raise UsageError(f"The {name} is {text[:40]!r}.", "It must be an IPv4 address like 165.193.18.12.") from error


def _selector_content(selector: Selector) -> dict[str, str]:
    match selector:
        case NetworkSelector(network, mask):
            return {"kind": "network", "network": network, "mask": mask}
        case RangeSelector(first, last):
            return {"kind": "range", "first": first, "last": last}
        case DeviceSelector(device):
            return {"kind": "device", "device": device}
        case ZoneSelector(zone):
            return {"kind": "zone", "zone": zone}
