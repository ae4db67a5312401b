"""The hosts of a subscription, their scans and what the scans found.

Only facts live here; `host_list` and `detection_list` write them as XML. A detection that is absent here was not found.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

TYPES = ("Confirmed", "Potential", "Info")
"""What DETECTION/TYPE may say."""

STATUSES = ("New", "Active", "Re-Opened", "Fixed")
"""What DETECTION/STATUS may say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimScan:
    """One finished vulnerability scan of one host."""

    at: datetime
    """When it ended (LAST_VM_SCANNED_DATE)."""
    duration_s: int
    """How long it took."""
    authenticated: bool
    """Whether it logged in to the host."""
    processed_at: datetime
    """When the service took the results in (LAST_SCAN_DATETIME, and what vm_processed_after asks for)."""


@dataclass(slots=True, kw_only=True)
class SimDetection:
    """One finding on one host; the fields are the DETECTION's children, a test may change every one."""

    unique_id: int
    qid: int
    type: str
    severity: int
    """Qualys severity, 1 to 5, 5 worst."""
    status: str
    first_found: datetime
    last_found: datetime
    last_test: datetime
    last_update: datetime
    last_processed: datetime
    port: int | None = None
    protocol: str | None = None
    ssl: bool | None = None
    instance: str | None = None
    results: str = ""
    last_fixed: datetime | None = None
    first_reopened: datetime | None = None
    last_reopened: datetime | None = None
    times_found: int = 1
    times_reopened: int = 0
    ignored: bool = False
    disabled: bool = False
    service: str | None = None
    fqdn: str | None = None
    qds: int | None = None
    """Qualys detection score, 1 to 100; None leaves the element out."""


@dataclass(slots=True, kw_only=True)
class SimHost:
    """One host of the subscription; a test may change every field but id, ip and network_id."""

    id: int
    ip: str
    tracking_method: str = "IP"
    os: str | None = None
    dns: str | None = None
    netbios: str | None = None
    network_id: int | None = None
    network_name: str | None = None
    ipv6: str | None = None
    agent_id: str | None = None
    """The permanent id of an agent (QG_HOSTID)."""
    scans: list[SimScan] = field(default_factory=list)
    """Oldest first as told; `last_scan` looks at the dates."""
    detections: list[SimDetection] = field(default_factory=list)
    severity_of: Callable[[int], int] = field(default=lambda _: 3, repr=False)
    """The severity that the KnowledgeBase gives a QID; 3 where it does not know it."""
    unique_ids: "count[int]" = field(default_factory=lambda: count(1), repr=False)
    """Where new detections take their UNIQUE_VULN_ID from; shared by the hosts of a subscription."""

    @property
    def last_scan(self) -> SimScan | None:
        """The latest scan, None before the first."""
        return max(self.scans, key=lambda scan: scan.at, default=None)

    @property
    def last_authenticated_scan(self) -> SimScan | None:
        """The latest scan that logged in, None before the first."""
        return max((scan for scan in self.scans if scan.authenticated), key=lambda scan: scan.at, default=None)

    def scanned(
        self,
        at: datetime,
        *,
        authenticated: bool = False,
        duration_s: int = 300,
        processed_at: datetime | None = None,
        finds_again: bool = False,
    ) -> "SimHost":
        """Add a scan that ended at `at`.

        Args:
            at: aware; whole seconds are written.
            authenticated: whether the scan logged in.
            duration_s: seconds.
            processed_at: when the results were taken in; None: at once.
            finds_again: True also confirms every detection that is not fixed (New becomes Active).

        Returns: the host, so that calls can be chained.
        """
        scan = SimScan(at=at, duration_s=duration_s, authenticated=authenticated, processed_at=processed_at or at)
        self.scans.append(scan)
        if finds_again:
            for detection in self.detections:
                if detection.status != "Fixed":
                    _find_again(detection, scan)
        return self

    def detect(
        self,
        qid: int,
        *,
        port: int | None = None,
        protocol: str | None = None,
        ssl: bool | None = None,
        instance: str | None = None,
        type: str = "Confirmed",  # noqa: A002 - the API's own word
        status: str = "Active",
        severity: int | None = None,
        results: str = "",
        first_found: datetime | None = None,
        last_found: datetime | None = None,
        last_test: datetime | None = None,
        last_fixed: datetime | None = None,
        ignored: bool = False,
        disabled: bool = False,
        service: str | None = None,
        fqdn: str | None = None,
        qds: int | None = None,
    ) -> SimDetection:
        """Add what the last scan found; dates that are not given are those of that scan.

        A port without a protocol is tcp; a severity that is not given is the KnowledgeBase's. A Fixed detection
        without `last_fixed` was fixed at the last scan.

        Raises: ValueError: the host was never scanned, or type, status or severity is no word of the API.
        """
        scan = self._scan_for(qid)
        _check_words(type, status)
        detection = SimDetection(
            unique_id=next(self.unique_ids),
            qid=qid,
            type=type,
            severity=self.severity_of(qid) if severity is None else severity,
            status=status,
            first_found=first_found or last_found or scan.at,
            last_found=last_found or scan.at,
            last_test=last_test or scan.at,
            last_update=scan.processed_at,
            last_processed=scan.processed_at,
            last_fixed=last_fixed or (scan.at if status == "Fixed" else None),
            port=port,
            protocol=protocol or (None if port is None else "tcp"),
            ssl=ssl,
            instance=instance,
            results=results,
            ignored=ignored,
            disabled=disabled,
            service=service,
            fqdn=fqdn,
            qds=qds,
        )
        self.detections.append(detection)
        return detection

    def detects(self, wanted: Callable[[SimDetection], bool]) -> bool:
        """Whether one of its detections is wanted."""
        return any(wanted(item) for item in self.detections)

    def find_again(self, detection: SimDetection) -> None:
        """Move a detection's dates to the last scan, which found it again (New becomes Active).

        Raises: ValueError: the host was never scanned.
        """
        _find_again(detection, self._scan_for(detection.qid))

    def fix(self, qid: int, port: int | None = None, *, at: datetime | None = None) -> None:
        """Mark the detections of a QID (on one port, or all) as fixed at an instant, by default the last scan's.

        Raises: LookupError: the host has no such detection.
        """
        for detection in self._found(qid, port):
            moment = at or self._scan_for(qid).at
            detection.status = "Fixed"
            detection.last_fixed = detection.last_test = moment
            detection.last_update = detection.last_processed = moment

    def reopen(self, qid: int, port: int | None = None, *, at: datetime | None = None) -> None:
        """Mark the detections of a QID (on one port, or all) as found again after a fix.

        Raises: LookupError: the host has no such detection.
        """
        for detection in self._found(qid, port):
            moment = at or self._scan_for(qid).at
            detection.status = "Re-Opened"
            detection.last_found = detection.last_test = moment
            detection.last_update = detection.last_processed = moment
            detection.first_reopened = detection.first_reopened or moment
            detection.last_reopened = moment
            detection.times_found += 1
            detection.times_reopened += 1

    def _scan_for(self, qid: int) -> SimScan:
        """Return the last scan, which finds, fixes and reopens; refuse if there is none."""
        if self.last_scan is None:
            raise ValueError(f"QID {qid} cannot be found on {self.ip}: call scanned(at) first, a scan finds detections")
        return self.last_scan

    def _found(self, qid: int, port: int | None) -> list[SimDetection]:
        """Return the detections of a QID, on one port or on all; refuse if there are none."""
        found = [item for item in self.detections if item.qid == qid and port in {None, item.port}]
        if not found:
            raise LookupError(f"host {self.ip} has no detection of QID {qid}" + (f" on port {port}" if port else ""))
        return found


def _find_again(detection: SimDetection, scan: SimScan) -> None:
    """Move a detection's dates to a scan that found it again."""
    detection.status = "Active" if detection.status == "New" else detection.status
    detection.last_found = detection.last_test = scan.at
    detection.last_update = detection.last_processed = scan.processed_at
    detection.times_found += 1


def _check_words(kind: str, status: str) -> None:
    """Refuse words that the API does not have, so that a typing error in a test does not become a strange fixture."""
    if kind not in TYPES:
        raise ValueError(f"type {kind!r} is none of {', '.join(TYPES)}")
    if status not in STATUSES:
        raise ValueError(f"status {status!r} is none of {', '.join(STATUSES)}")
