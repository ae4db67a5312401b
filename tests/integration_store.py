"""The real store in a test's own process, small reports for it, and everything it holds as plain values."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vatriage.config import Config
from vatriage.model.secret import Secret
from vatriage.settings import configure_web, postgresql, sqlite
from vatriage.store.opening import migrate, prepare_home
from vatriage.vendors.qualys.readers import QualysReader

_EMPTY: list[Path] = []
"""A database whose tables are made: copied by every test, because making them anew takes longer than most tests."""
Finding = tuple[int, str]
"""QID and STATUS."""


@contextmanager
def opened(config: Config) -> Iterator[Config]:
    """Open the store that a config describes; afterwards another one may be opened."""
    prepare_home(config.home)
    described = postgresql(config.server) if config.server else sqlite(config.database)
    configure_web(described, Secret("signs nothing"), config, config.hosts, https=False)
    from django.conf import settings
    from django.db import connections

    settings.HOUSE_CONFIG, settings.ALLOWED_HOSTS = config, list(config.hosts)
    if not config.server and not config.database.exists() and _EMPTY:
        shutil.copy(_EMPTY[0], config.database)

    connections.settings = connections.configure_settings({"default": described})
    if hasattr(connections._connections, "default"):
        del connections["default"]
    migrate(config.home)
    if not config.server and not _EMPTY:
        connections["default"].close()
        _EMPTY.append(Path(shutil.copy(config.database, tempfile.mkdtemp(prefix="vatriage-empty-"))))
    try:
        yield config
    finally:
        connections["default"].close()
        del connections["default"]


class StillClock:
    """A clock that stands still."""

    def now(self) -> datetime:
        """See Clock.now."""
        return datetime(2026, 11, 24, tzinfo=UTC)


@dataclass(frozen=True)
class Store:
    """An open store and a folder for reports."""

    config: Config
    folder: Path
    clock: StillClock = field(default_factory=StillClock)

    def take(self, *reports: str, zone: str = "default", complete: bool = True) -> Any:
        """Import reports, taken together; return the result."""
        paths = [self.folder / f"{place}.xml" for place in range(len(reports))]
        for path, report in zip(paths, reports, strict=True):
            path.write_text(report)
        return self.take_files(paths, zone=zone, complete=complete)

    def take_files(self, paths: Sequence[Path], *, zone: str = "default", complete: bool = True) -> Any:
        """Import files, taken together; return the result."""
        from vatriage.usecases.imports import import_files

        return import_files(
            paths, zone=zone, complete=complete, reader=QualysReader(), clock=self.clock,
            snapshots=self.config.snapshots,
        )  # fmt: skip

    def snapshot_files(self) -> dict[str, bytes]:
        """Return the current snapshot's files by name, and its own name."""
        (place,) = (item for item in self.config.snapshots.iterdir() if item.is_dir())
        return {item.name: item.read_bytes() for item in place.iterdir()} | {"name": place.name.encode()}


def inventory(zone: str = "default") -> dict[str, list[tuple[Any, ...]]]:
    """Return what the store holds of a zone's hosts, without the numbers that the database gives."""
    from vatriage.store.bulk import fetch

    mine = "h.vendor_id, h.key_address"
    joined = "JOIN hosts h ON h.id = t.host_id JOIN zones z ON z.id = h.zone_id WHERE z.name = %s"
    version = (
        "t.qid, t.port, t.protocol, t.ssl, t.instance, t.kind, t.qualys_severity, t.status, t.first_found, "
        "t.last_found, t.last_test, t.last_fixed, t.times_found, t.qds, t.ignored, t.disabled, t.stamp, t.since, t.service, "
        "t.results"
    )
    queries = {
        "hosts": (
            f"SELECT {mine}, h.address, h.tracking_method, h.os, h.dns, h.fact_stamps, h.first_seen, h.last_seen, "
            "h.gone_at FROM hosts h JOIN zones z ON z.id = h.zone_id WHERE z.name = %s"
        ),
        "addresses": f"SELECT {mine}, t.address, t.first_seen, t.last_seen FROM host_addresses t {joined}",
        "scans": f"SELECT {mine}, t.at, t.kind, t.whole, t.check_set, t.ports FROM host_scans t {joined}",
        "current": f"SELECT {mine}, {version}, t.gone_at FROM detections t {joined}",
        "past": f"SELECT {mine}, {version}, t.superseded FROM detections_past t {joined}",
    }
    return {name: sorted(fetch(sql, [zone])) for name, sql in queries.items()}


def history(zone: str = "default") -> list[tuple[Any, ...]]:
    """Return what the store tells of changes on a zone's hosts."""
    from vatriage.store.bulk import fetch

    sql = (
        "SELECT h.vendor_id, t.kind, t.at, t.qid, t.port, t.protocol, t.detail FROM host_changes t "
        "JOIN hosts h ON h.id = t.host_id JOIN zones z ON z.id = h.zone_id WHERE z.name = %s"
    )
    return sorted(fetch(sql, [zone]))


def report(day: int, hosts: Mapping[int, Sequence[Finding]], *, cut: bool = False, extra: str = "") -> str:
    """Return a list of detections of a day in November 2026; the hosts were scanned on that day.

    Args:
        day: of the report.
        hosts: by host id, what was found.
        cut: the document ends before its end.
        extra: elements for every detection.
    """
    at = f"2026-11-{day:02d}T01:00:00Z"
    body = "".join(_host(number, at, found, extra) for number, found in hosts.items())
    text = (
        f"<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><DATETIME>{at}</DATETIME><HOST_LIST>{body}</HOST_LIST></RESPONSE>"
        "</HOST_LIST_VM_DETECTION_OUTPUT>"
    )
    return text[: text.rindex("</HOST_LIST>")] if cut else text


def _host(number: int, at: str, found: Sequence[Finding], extra: str) -> str:
    return (
        f"<HOST><ID>{number}</ID><IP>10.2.{number >> 8}.{number & 255}</IP><TRACKING_METHOD>IP</TRACKING_METHOD>"
        f"<OS>Linux</OS><LAST_VM_SCANNED_DATE>{at}</LAST_VM_SCANNED_DATE>"
        f"<LAST_VM_AUTH_SCANNED_DATE>{at}</LAST_VM_AUTH_SCANNED_DATE><DETECTION_LIST>"
        + "".join(_detection(qid, status, at, extra) for qid, status in found)
        + "</DETECTION_LIST></HOST>"
    )


def _detection(qid: int, status: str, at: str, extra: str) -> str:
    fixed = f"<LAST_FIXED_DATETIME>{at}</LAST_FIXED_DATETIME>" if status == "Fixed" else ""
    return (
        f"<DETECTION><QID>{qid}</QID><TYPE>Confirmed</TYPE><SEVERITY>4</SEVERITY><PORT>443</PORT>"
        f"<PROTOCOL>tcp</PROTOCOL>{extra}<RESULTS>text of {qid}</RESULTS><STATUS>{status}</STATUS>"
        f"<FIRST_FOUND_DATETIME>2026-11-01T01:00:00Z</FIRST_FOUND_DATETIME>"
        f"<LAST_FOUND_DATETIME>{at if status != 'Fixed' else '2026-11-01T01:00:00Z'}</LAST_FOUND_DATETIME>"
        f"<LAST_TEST_DATETIME>{at}</LAST_TEST_DATETIME>{fixed}</DETECTION>"
    )
