"""Devices: add, list, edit, remove, activate. Submitted devices do nothing until they are activated."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vatriage.errors import NotFoundError, UsageError
from vatriage.model.secret import Secret
from vatriage.model.viewer import Who
from vatriage.store.changes import PendingChange
from vatriage.store.devices import Device
from vatriage.usecases.changes import Changes
from vatriage.usecases.config_kind import NAME
from vatriage.usecases.device_kind import PLAIN, UNSAID, content_of
from vatriage.usecases.parameters import DEFAULTS, ProxyForm, filled_proxy, proxy_owner
from vatriage.vault import Vault

ACCESS_IP = "165.193.18.12"
"""The address under which update rules select every QualysGuard device, as in MARS; nothing is ever sent to it."""
DEVICE_TYPE = "QualysGuard ANY"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceForm:
    """What a person says of a device. None leaves a value as it is (of a new device: its default)."""

    name: str | None = None
    """Another name, of a device that is there."""
    url: str | None = None
    login: str | None = None
    password: Secret | None = None
    zone: str | None = None
    ca_file: Path | None = None
    """`Path()` takes it away."""
    complete_checks: str | None = None
    proxy_mode: str | None = None
    """inherit, none or own."""
    proxy: ProxyForm | None = None
    """Its own proxy."""
    tls: dict[str, Any] | None = None
    """A TLS policy of its own, {} = that of the appliance."""


_DEFAULTS: dict[str, Any] = {
    "url": "", "login": "", "password_token": "", "zone": "default", "ca_file": "", "complete_checks": "unknown",
    "scan_ceiling": 0, "scan_confirmed_url": "", **UNSAID,
}  # fmt: skip


def add_device(name: str, form: DeviceForm, *, vault: Vault, changes: Changes, who: Who) -> Device:
    """Submit a new device. Raises: UsageError: the name is taken or a value cannot be meant."""
    if Device.objects.filter(name=name).exists():
        raise UsageError(f"A device named {name!r} is here already.", "Choose another name or remove it first.")
    changes.submit("device", name, _filled(dict(_DEFAULTS), name, form, vault), who=who)
    return find_device(name)


def edit_device(
    name: str, form: DeviceForm, *, vault: Vault, changes: Changes, who: Who, seen: str | None = None
) -> Device:
    """Submit a change of a device; what was activated before goes on acting until the change is activated.

    A changed URL voids the confirmation of its scan at once; one on another server needs the password again.

    Raises: NotFoundError, UsageError, ConflictError.
    """
    find_device(name)
    before = UNSAID | (changes.submitted("device", name) or content_of(find_device(name)))
    content = _filled(before, name, form, vault)
    changes.submit("device", name, content, who=who, seen=seen)
    return find_device(name if Device.objects.filter(name=name).exists() else str(content[NAME]))


def clone_device(source: str, name: str, form: DeviceForm, *, vault: Vault, changes: Changes, who: Who) -> Device:
    """Submit a new device that is as another one will be, but for what the form says; a password is copied unseen.

    Raises:
        NotFoundError: there is no device of that name.
        UsageError: the new name is taken, a value cannot be meant, or the copied password would go to another server.
        VaultError: the password cannot be decrypted.
    """
    copied = changes.submitted("device", source)
    if copied is None:
        raise NotFoundError(f"There is no device named {source!r}.", "The list of devices shows all.")
    if Device.objects.filter(name=name).exists():
        raise UsageError(f"A device named {name!r} is here already.", "Choose another name or remove it first.")
    changes.check_kept("device", copied, _filled(UNSAID | copied, source, form, vault))
    plain = {key: value for key, value in copied.items() if key != NAME}
    content = _rebound(UNSAID | plain | {"scan_confirmed_url": ""}, source, name, vault)
    changes.submit("device", name, _filled(content, name, form, vault), who=who)
    return find_device(name)


def drafted_device(source: str, form: DeviceForm, *, vault: Vault, changes: Changes) -> Device:
    """Return what a form describes as a device that is nowhere stored: for Test Connectivity before Submit.

    Args:
        source: the device whose values and passwords hold where the form is silent, "" = none.
        form: what was said.
        vault: locks the passwords.
        changes: knows what the source will be.

    Raises:
        UsageError: a value cannot be meant, or the source's password would go to another server.
    """
    before = (changes.submitted("device", source) if source else None) or {}
    content = _filled(_DEFAULTS | before, source, form, vault)
    if before:
        changes.check_kept("device", before, content)
    changes.check("device", source or "draft", content)
    device = Device(name=source, **{name: content[name] for name in PLAIN})
    device.password_token = b64decode(content["password_token"])
    return device


def delete_device(name: str, *, changes: Changes, who: Who, seen: str | None = None) -> bool:
    """Submit the deletion of a device; return whether it acts still, until that is activated.

    A device that never acted is gone at once. Hosts, findings and the ledger of its pulls stay in any case.
    Raises: NotFoundError, ConflictError.
    """
    find_device(name)
    changes.submit("device", name, None, who=who, seen=seen)
    return Device.objects.filter(name=name, active=True).exists()


def remove_device(name: str, *, changes: Changes, who: Who) -> None:
    """Remove a device at once; hosts, findings and the ledger of its pulls stay. Raises: NotFoundError."""
    find_device(name)
    changes.submit("device", name, None, who=who)
    changes.activate(who, only=[("device", name)])


def all_devices() -> list[Device]:
    """Return all devices, in order of name."""
    return sorted(Device.objects.select_related("zone"), key=lambda device: device.name)


def find_device(name: str) -> Device:
    """Return a device. Raises: NotFoundError: there is none of that name."""
    found = Device.objects.select_related("zone").filter(name=name).first()
    if found is None:
        raise NotFoundError(f"There is no device named {name!r}.", "`vatriage device list` shows all.")
    return found


def shown(device: Device) -> dict[str, Any]:
    """Return what may be shown of a device: everything but the password. What is pending is said, not shown."""
    pending = PendingChange.objects.filter(kind="device", subject=device.name).first()
    waiting = None if pending is None else "delete" if pending.content is None else "change" if device.active else "add"
    return {
        "name": device.name, "url": device.url, "login": device.login, "zone": device.zone.name,
        "ca_file": device.ca_file or None, "complete_checks": device.complete_checks, "active": device.active,
        "pending": waiting, "scan_ceiling": device.scan_ceiling or None,
    }  # fmt: skip


def _rebound(content: dict[str, Any], source: str, name: str, vault: Vault) -> dict[str, Any]:
    """Return a content whose passwords belong to another device. Raises: VaultError."""
    source = content["secret_owner"] or source

    def moved(token: str, before: str, after: str) -> str:
        return b64encode(vault.lock(vault.unlock(b64decode(token), before), after)).decode() if token else ""

    proxy = content["proxy"]
    if proxy.get("password_token"):
        token = moved(proxy["password_token"], proxy_owner(source), proxy_owner(name))
        proxy = proxy | {"password_token": token}
    token = moved(content["password_token"], source, name)
    return content | {"password_token": token, "proxy": proxy, "secret_owner": ""}


def _filled(content: dict[str, Any], name: str, form: DeviceForm, vault: Vault) -> dict[str, Any]:
    """Return a device's content after a form was filled in; a device that is renamed keeps its passwords' owner."""
    owner = content["secret_owner"] or name
    said: dict[str, Any] = {
        "url": form.url, "login": form.login, "zone": form.zone, "complete_checks": form.complete_checks,
        "ca_file": None if form.ca_file is None else "" if form.ca_file == Path() else str(form.ca_file.absolute()),
        "password_token": None if form.password is None else b64encode(vault.lock(form.password, owner)).decode(),
        "proxy_mode": form.proxy_mode, "tls": form.tls,
    }  # fmt: skip
    if form.proxy is not None:
        own = DEFAULTS["proxy"] | content["proxy"]
        said["proxy"] = filled_proxy(own, form.proxy, vault=vault, owner=proxy_owner(owner))
    filled = content | {key: value for key, value in said.items() if value is not None}
    if filled["scan_confirmed_url"] != filled["url"]:
        filled |= {"scan_ceiling": 0, "scan_confirmed_url": ""}
    new = filled.pop(NAME, name)
    if form.name is not None:
        new = form.name
    if new != name:
        return filled | {NAME: new, "secret_owner": owner}
    return filled | {"secret_owner": "" if owner == name else owner}
