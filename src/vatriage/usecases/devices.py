"""Devices: add, list, remove, activate. Submitted devices do nothing until they are activated."""

from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from vatriage.clock import Clock, now_us
from vatriage.errors import NotFoundError, UsageError
from vatriage.model.name import checked_name
from vatriage.model.secret import Secret
from vatriage.store.devices import Audit, Device
from vatriage.store.ledger import zone_number
from vatriage.vault import Vault
from vatriage.vendors.interface import Calls, QueryKind, ReportQuery

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
    vault: Vault,
    clock: Clock,
) -> Device:
    """Submit a device. Raises: UsageError: the name is taken or a value cannot be meant."""
    _check_checks(complete_checks)
    checked_name("device name", name)
    _check_texts(url, login, ca_file)
    now = now_us(clock) // 1_000_000
    try:
        with transaction.atomic():
            device = Device.objects.create(
                name=name, url=url, login=login, password_token=vault.lock(password, name), zone_id=zone_number(zone),
                ca_file=str(ca_file.absolute()) if ca_file else "", complete_checks=complete_checks,
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


def edit_device(
    name: str,
    *,
    url: str | None,
    login: str | None,
    password: Secret | None,
    ca_file: Path | None,
    complete_checks: str | None,
    vault: Vault,
    clock: Clock,
) -> Device:
    """Change a device; it is submitted again, and acts only once it is activated. None leaves a value as it is.

    A changed URL voids the confirmation of its scan. Raises: NotFoundError, UsageError.
    """
    _check_checks(complete_checks or "unknown")
    _check_texts(url, login, ca_file)
    now = now_us(clock) // 1_000_000
    with transaction.atomic():
        device = find_device(name)
        before = shown(device)
        device.url = url or device.url
        device.login = login or device.login
        device.password_token = vault.lock(password, name) if password is not None else device.password_token
        device.ca_file = str(ca_file.absolute()) if ca_file else device.ca_file
        device.complete_checks = complete_checks or device.complete_checks
        device.active, device.changed_at = False, now
        if device.scan_confirmed_url != device.url:
            device.scan_ceiling, device.scan_confirmed_url = 0, ""
        device.save()
        _audit(now, "device changed", name, before, shown(device) | {"password changed": password is not None})
    return device


def activate_all(
    calls: Calls, clock: Clock, confirm_scan: int = 0, only: str | None = None
) -> tuple[list[str], list[str]]:
    """Activate every submitted device.

    Args:
        calls: knows which device would scan.
        clock: for the audit.
        confirm_scan: how many addresses a person lets each device scan at every pull, 0 = none.
        only: the one device to activate, None = all.

    Returns: the names of the devices that are active now; for each that is not, a sentence.
    """
    now = now_us(clock) // 1_000_000
    active, refused = [], []
    with transaction.atomic():
        waiting = Device.objects.filter(active=False, **({} if only is None else {"name": only}))
        for device in sorted(waiting, key=lambda device: device.name):
            query = calls.query(device.url)
            if query.kind is QueryKind.REAL_TIME and confirm_scan:
                device.scan_ceiling, device.scan_confirmed_url = confirm_scan, device.url
            try:
                check_confirmed(device, query)
            except UsageError as error:
                refused.append(str(error))
                continue
            device.active, device.changed_at = True, now
            device.save(update_fields=["active", "changed_at", "scan_ceiling", "scan_confirmed_url"])
            _audit(now, "device activated", device.name, {"active": False}, _confirmed(device) | {"active": True})
            active.append(device.name)
    return active, refused


def check_confirmed(device: Device, query: ReportQuery) -> None:
    """Raise: UsageError: the device starts scans, and nobody has confirmed so many addresses for this URL."""
    if query.kind is not QueryKind.REAL_TIME:
        return
    many = f"{query.scan_addresses:,} addresses" if query.scan_addresses else "the asset groups of its URL"
    if not device.scan_ceiling or device.scan_confirmed_url != device.url:
        raise UsageError(
            f"Device {device.name!r} starts a scan of {many} at every pull, and nobody has confirmed that.",
            f"Confirm it once: vatriage activate --confirm-scan {query.scan_addresses or 'N'}",
        )
    if query.scan_addresses > device.scan_ceiling:
        raise UsageError(
            f"Device {device.name!r} would scan {many}; {device.scan_ceiling:,} are confirmed.",
            "Name fewer addresses in its URL, or confirm more.",
        )


def _confirmed(device: Device) -> dict[str, Any]:
    return {"scan_ceiling": device.scan_ceiling} if device.scan_ceiling else {}


def _check_checks(text: str) -> None:
    if text not in CHECKS:
        raise UsageError(f"--complete-checks {text!r} is not known.", f"Use one of {', '.join(CHECKS)}.")


def _check_texts(url: str | None, login: str | None, ca_file: Path | None) -> None:
    for what, text, most in (
        ("URL", url, 2000),
        ("login", login, 255),
        ("path of the CA file", None if ca_file is None else str(ca_file.absolute()), 1000),
    ):
        if text is not None:
            checked_name(what, text, most)


def shown(device: Device) -> dict[str, Any]:
    """Return what may be shown of a device: everything but the password."""
    return {
        "name": device.name, "url": device.url, "login": device.login, "zone": device.zone.name,
        "ca_file": device.ca_file or None, "complete_checks": device.complete_checks, "active": device.active,
        "scan_ceiling": device.scan_ceiling or None,
    }  # fmt: skip


def _audit(at: int, action: str, subject: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    Audit.objects.create(at=at, actor="command line", action=action, subject=subject, before=before, after=after)
