"""Devices: add, list, remove, activate. Submitted devices do nothing until they are activated."""

from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.secret import Secret
from vatriage.store.devices import Audit, Device
from vatriage.store.ledger import zone_number
from vatriage.vault import Vault

CHECKS = ("yes", "no", "unknown")


def add_device(
    *,
    name: str,
    url: str,
    login: str,
    password: Secret,
    zone: str,
    ca_file: Path | None,
    complete_checks: str,
    activate: bool,
    vault: Vault,
    clock: Clock,
) -> Device:
    """Submit a device, and activate it if asked. Raises: UsageError: the name is taken or a value cannot be meant."""
    if complete_checks not in CHECKS:
        raise UsageError(f"--complete-checks {complete_checks!r} is not known.", f"Use one of {', '.join(CHECKS)}.")
    if not name.strip() or not login.strip():
        raise UsageError("A device needs a name and a login.", "")
    for what, text, most in (("name", name, 64), ("login", login, 255), ("url", url, 2000)):
        if len(text) > most:
            raise UsageError(f"A device's {what} has at most {most} characters.", f"This one has {len(text)}.")
    now = now_us(clock) // 1_000_000
    try:
        with transaction.atomic():
            device = Device.objects.create(
                name=name, url=url, login=login, password_token=vault.lock(password, name), zone_id=zone_number(zone),
                ca_file=str(ca_file.absolute()) if ca_file else "", complete_checks=complete_checks, active=activate,
                created_at=now, changed_at=now,
            )  # fmt: skip
            _audit(now, "device added", name, None, shown(device))
    except IntegrityError as error:
        raise UsageError(
            f"A device named {name!r} is here already.", "Choose another name or remove it first."
        ) from error
    return device


def all_devices() -> list[Device]:
    """Return all devices, in order of name."""
    return sorted(Device.objects.select_related("zone"), key=lambda device: device.name)


def find_device(name: str) -> Device:
    """Return a device. Raises: NotFoundError: there is none of that name."""
    found = Device.objects.select_related("zone").filter(name=name).first()
    if found is None:
        raise NotFoundError(f"There is no device named {name!r}.", "`vatriage device list` shows all.")
    return found


def remove_device(name: str, clock: Clock) -> None:
    """Remove a device; hosts, findings and the ledger of its pulls stay."""
    with transaction.atomic():
        device = find_device(name)
        before = shown(device)
        device.delete()
        _audit(now_us(clock) // 1_000_000, "device removed", name, before, None)


def activate_all(clock: Clock) -> list[str]:
    """Activate every submitted device; return their names."""
    now = now_us(clock) // 1_000_000
    with transaction.atomic():
        waiting = sorted(Device.objects.filter(active=False), key=lambda device: device.name)
        for device in waiting:
            device.active, device.changed_at = True, now
            device.save(update_fields=["active", "changed_at"])
            _audit(now, "device activated", device.name, {"active": False}, {"active": True})
    return [device.name for device in waiting]


def shown(device: Device) -> dict[str, Any]:
    """Return what may be shown of a device: everything but the password."""
    return {
        "name": device.name, "url": device.url, "login": device.login, "zone": device.zone.name,
        "ca_file": device.ca_file or None, "complete_checks": device.complete_checks, "active": device.active,
    }  # fmt: skip


def _audit(at: int, action: str, subject: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    Audit.objects.create(at=at, actor="command line", action=action, subject=subject, before=before, after=after)
