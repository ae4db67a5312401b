"""Readers of what others wrote, and the clock: what nothing of ours must be opened for."""

from typing import TYPE_CHECKING

from vatriage.clock import Clock, SystemClock

if TYPE_CHECKING:
    from vatriage.leases.interface import LeaseReader
    from vatriage.sensors.interface import AlertReader
    from vatriage.vendors.interface import ReportReader


def system_clock() -> Clock:
    """Return the machine's clock."""
    return SystemClock()


def alert_reader(
    format_name: str | None = None, *, year: int | None = None, time_zone: str | None = None
) -> "AlertReader":
    """Return the reader of sensors' alerts.

    Args:
        format_name: the format of every source, None = told by its first bytes.
        year: of the first line of formats that write none.
        time_zone: the sensor's, IANA name, for formats that write local times.

    Raises: UsageError: there is no such format or time zone.
    """
    from vatriage.model.local_time import time_zone as zone_named  # noqa: PLC0415 - each verb pays for what it needs
    from vatriage.sensors.any_format import AnyFormat  # noqa: PLC0415 - the same
    from vatriage.sensors.dating import Dating  # noqa: PLC0415 - the same

    return AnyFormat(format_name, Dating(year=year, time_zone=None if time_zone is None else zone_named(time_zone)))


def lease_reader(format_name: str | None, beginning: bytes) -> "tuple[str, LeaseReader]":
    """Return a reader of leases under its format's name.

    Args:
        format_name: of `vatriage.leases.formats`; None = told by the beginning.
        beginning: the file's first bytes.
    """
    from vatriage.leases.formats import READERS, told_by  # noqa: PLC0415 - only who takes leases in needs it

    name = format_name or told_by(beginning)
    return name, READERS[name]


def report_reader() -> "ReportReader":
    """Return the reader of the VA vendor's documents."""
    from vatriage.vendors.qualys.readers import QualysReader  # noqa: PLC0415 - each verb pays for what it needs

    return QualysReader()
