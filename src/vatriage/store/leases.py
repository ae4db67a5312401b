"""Who holds what at the moment: rows that expire by themselves, and sooner if their process is known to be dead."""

import os
import socket
from pathlib import Path

from django.db import transaction

from vatriage.errors import UsageError
from vatriage.store.bulk import execute, fetch, insert


class DeviceBusyError(UsageError):
    """Another process pulls the device, and lives."""


LEASE_S = 3_600
"""How long a hold lasts that is not renewed."""
_working: set[int] = set()
"""Devices that threads of this process work on. A row of ours without one is left over: it could not be deleted, as on a
full disk."""


def holder() -> str:
    """Return the name of this process: machine and number."""
    return f"{_machine()}:{os.getpid()}"


def is_dead(name: str) -> bool:
    """Whether a holder is a process of this machine that is no more; a number in use again counts as alive."""
    machine, _, process = name.rpartition(":")
    return machine == _machine() and not Path(f"/proc/{process}").exists()


def take_device(number: int, name: str, now: int) -> None:
    """Hold a device for this process.

    Args:
        number: the device.
        name: the same, for the message.
        now: seconds.

    Raises:
        DeviceBusyError: another process holds it, and lives.
    """
    with transaction.atomic():
        # The update changes nothing: it holds the row, so that two processes look one after the other.
        execute("UPDATE devices SET active = active WHERE id = %s", [number])
        held = fetch("SELECT holder, expires_at FROM device_leases WHERE device_id = %s", [number])
        if held and held[0][1] >= now and _lives(str(held[0][0]), number):
            raise DeviceBusyError(
                f"Device {name!r} is being pulled by another process ({held[0][0]}).",
                "Wait for it, or for its lease to expire (1 h after its last page).",
            )
        execute("DELETE FROM device_leases WHERE device_id = %s", [number])
        columns = ("device_id", "holder", "expires_at")
        _working.add(number)  # before the row can be seen; without a row it says nothing
        execute(insert("device_leases", columns), [number, holder(), now + LEASE_S])


def renew_device(number: int, now: int) -> None:
    """Hold a device for longer. Raises: UsageError: it is not ours any more."""
    renewed = execute(
        "UPDATE device_leases SET expires_at = %s WHERE device_id = %s AND holder = %s",
        [now + LEASE_S, number, holder()],
    )
    if not renewed:
        raise UsageError(
            "The pull lost its hold on the device: another process took it over, or the device was removed.",
            "Nothing is half-committed; see `vatriage device list`.",
        )


def give_back_device(number: int) -> None:
    """Let a device go, if it is still ours; should the store fail, at least this process knows that it is free."""
    _working.discard(number)
    execute("DELETE FROM device_leases WHERE device_id = %s AND holder = %s", [number, holder()])


def _machine() -> str:
    return socket.gethostname()[:40]


def is_held(number: int, now: int) -> bool:
    """Whether a process that may live holds a device."""
    held = fetch("SELECT holder, expires_at FROM device_leases WHERE device_id = %s", [number])
    return bool(held) and held[0][1] >= now and _lives(str(held[0][0]), number)


def _lives(name: str, number: int) -> bool:
    """Whether a holder may still be at work on a device."""
    return number in _working if name == holder() else not is_dead(name)
