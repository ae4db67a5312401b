"""A device as something that is submitted and activated."""

from base64 import b64decode, b64encode
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction

from vatriage.clock import Clock, now_us
from vatriage.errors import UsageError
from vatriage.model.name import checked_name
from vatriage.model.route import ProxyChoice
from vatriage.model.scan_ceiling import GROUPS
from vatriage.store.devices import Device
from vatriage.store.ledger import zone_number
from vatriage.store.scan_rows import take_back
from vatriage.store.turns import writers_turn
from vatriage.usecases.config_kind import Content
from vatriage.usecases.parameter_checks import check_proxy, check_tls
from vatriage.usecases.parameters import DEFAULTS, shown, shown_proxy
from vatriage.usecases.scan_confirmation import check_confirmed, is_confirmed
from vatriage.usecases.snapshots import finish_snapshot, mark_behind
from vatriage.vendors.interface import Calls, QueryKind, VendorError

CHECKS = ("yes", "no", "unknown")
"""Whether the scans behind a device run the whole set of checks."""
WAY = ("proxy_mode", "proxy", "tls")
"""The fields that say how the device's server is reached, where that is not as for all."""
UNSAID: Content = {"proxy_mode": "inherit", "proxy": {}, "tls": {}}
"""What a content without these fields says of them."""
_LONGEST = {"url": 2000, "login": 255, "ca_file": 1000}
PLAIN = ("url", "login", "ca_file", "complete_checks", "scan_ceiling", "scan_confirmed_url", *WAY)
"""The fields that a row and a content have in the same form."""


class DeviceKind:
    """See ConfigKind. A device that was never activated has a row too, so that it can be listed and tested.

    Args:
        calls: knows what a URL asks for.
        clock: a policy that accepts any certificate must end soon.
        snapshots: folder of the snapshot, which is built again where a person no longer vouches; None = there is none.
    """

    name = "device"

    def __init__(self, calls: Calls, clock: Clock, snapshots: Path | None = None) -> None:
        self._calls = calls
        self._clock = clock
        self._snapshots = snapshots

    def current(self, subject: str) -> Content | None:
        """See ConfigKind.current."""
        device = Device.objects.select_related("zone").filter(name=subject, active=True).first()
        return None if device is None else content_of(device)

    def check(self, subject: str, content: Content) -> None:
        """See ConfigKind.check."""
        checked_name("device name", subject)
        checked_name("zone", content["zone"])
        for name, most in _LONGEST.items():
            if content[name] or name != "ca_file":
                checked_name(
                    "path of the CA file" if name == "ca_file" else name.replace("url", "URL"), content[name], most
                )
        if content["complete_checks"] not in CHECKS:
            raise UsageError(
                f"--complete-checks {content['complete_checks']!r} is not known.", f"Use one of {', '.join(CHECKS)}."
            )
        self._check_way(UNSAID | content)
        try:
            self._calls.query(content["url"])
        except VendorError as error:
            raise UsageError(error.message, error.hint) from error

    def _check_way(self, content: Content) -> None:
        """Raise: FieldError: proxy or TLS policy of the device's own cannot be meant."""
        if content["proxy_mode"] not in list(ProxyChoice):
            raise UsageError(f"The proxy of a device is one of {', '.join(ProxyChoice)}.")
        if content["proxy_mode"] == ProxyChoice.OWN:
            check_proxy(DEFAULTS["proxy"] | content["proxy"])
        if content["tls"]:
            check_tls(DEFAULTS["tls"] | content["tls"], now_us(self._clock))

    def noted(self, subject: str, content: Content | None, now: int) -> None:
        """See ConfigKind.noted. A changed URL voids the confirmation of its scan at once."""
        device = Device.objects.filter(name=subject).first()
        if content is None:
            if device is not None and not device.active:
                device.delete()
            return
        if device is None or not device.active:
            _write(device or Device(name=subject, created_at=now), content, now)
        elif device.scan_confirmed_url != content["url"]:
            Device.objects.filter(pk=device.pk).update(scan_ceiling=0, scan_confirmed_url="")

    def confirmed(self, content: Content, addresses: int) -> Content:
        """See ConfigKind.confirmed. A number confirms no groups, and GROUPS no addresses: such content is as it was."""
        query = self._calls.query(content["url"])
        if query.kind is not QueryKind.REAL_TIME or (addresses == GROUPS) != (query.scan_addresses == 0):
            return content
        return content | {"scan_ceiling": addresses, "scan_confirmed_url": content["url"]}

    def to_confirm(self, content: Content) -> int | None:
        """See ConfigKind.to_confirm."""
        query = self._calls.query(content["url"])
        enough = content["scan_confirmed_url"] == content["url"] and is_confirmed(query, content["scan_ceiling"])
        return None if query.kind is not QueryKind.REAL_TIME or enough else query.scan_addresses

    def apply(self, subject: str, content: Content | None, now: int) -> None:
        """See ConfigKind.apply. What nobody vouches for any more clears nothing from then on.

        Raises: UsageError: its scan is not confirmed.
        """
        device = Device.objects.filter(name=subject).first()
        if content is None:
            if device is not None:
                device.delete()
            return
        device = device or Device(name=subject, created_at=now)
        device.url = content["url"]
        device.scan_ceiling, device.scan_confirmed_url = content["scan_ceiling"], content["scan_confirmed_url"]
        check_confirmed(device, self._calls.query(device.url))
        if device.active:
            self._take_back(device, content)
        device.active = True
        _write(device, content, now)

    def _take_back(self, device: Device, content: Content) -> None:
        """Take back what was vouched of an acting device's hosts, as far as its new content does not bear it out."""
        checks = device.complete_checks == "yes" != content["complete_checks"]
        lists = device.zone.name != content["zone"]
        if not checks and not lists:
            return
        if self._snapshots is not None:
            mark_behind(self._snapshots)
            transaction.on_commit(partial(finish_snapshot, self._snapshots))
        with writers_turn():
            take_back(device.pk, checks=checks, lists=lists)

    def shown(self, content: Content) -> Content:
        """See ConfigKind.shown."""
        told = {
            name: value for name, value in content.items()
            if not name.endswith("_token") and (name not in ("scan_ceiling", "scan_confirmed_url") or value)
            and (name not in WAY or value != UNSAID[name])
        }  # fmt: skip
        if told.get("proxy"):
            told["proxy"] = shown_proxy(DEFAULTS["proxy"] | told["proxy"])
        if told.get("tls"):
            told["tls"] = shown("tls", DEFAULTS["tls"] | told["tls"])
        return told


def content_of(device: Device) -> Content:
    """Return a device's row as content, the fields of `WAY` included."""
    content: dict[str, Any] = {name: getattr(device, name) for name in PLAIN}
    content["zone"] = device.zone.name
    content["password_token"] = b64encode(bytes(device.password_token)).decode()
    return content


def _write(device: Device, content: Content, now: int) -> None:
    for name in PLAIN:
        setattr(device, name, (UNSAID | content)[name])
    device.zone_id = zone_number(content["zone"])
    device.password_token = b64decode(content["password_token"])
    device.changed_at = now
    device.save()
