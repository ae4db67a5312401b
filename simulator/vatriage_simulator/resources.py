"""The resources the simulator serves, and their paths.

Source: API guide for /api; the v1 functions are those of its clients. v1 lives under /msp/ only: no client calls the
/mssp/ that old manuals print, so the simulator does not know it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Resource(StrEnum):
    """What a limit, a fault or a log line may be about."""

    HOST_LIST = "host_list"
    DETECTION_LIST = "detection_list"
    KNOWLEDGE_BASE = "knowledge_base"
    SESSION = "session"
    SCAN_LIST = "scan_list"
    """/api/{2.0,3.0}/fo/scan/ action=list."""
    SCAN_FETCH = "scan_fetch"
    """The same with action=fetch."""
    ABOUT = "about"
    SCAN = "scan"
    """/msp/scan.php, which starts a scan."""
    SCAN_REPORT_LIST = "scan_report_list"
    SCAN_REPORT = "scan_report"
    SCAN_RUNNING_LIST = "scan_running_list"
    SCAN_CANCEL = "scan_cancel"
    SCHEDULED_SCANS = "scheduled_scans"
    SCANNER_LIST = "iscanner_list"
    KNOWLEDGE_BASE_V1 = "knowledgebase_download"
    ANY = "*"
    """For faults only."""


_PATHS = {
    "asset/host": (Resource.HOST_LIST, ("2.0", "3.0", "4.0", "5.0")),
    "asset/host/vm/detection": (Resource.DETECTION_LIST, ("2.0", "3.0", "4.0", "5.0")),
    "knowledge_base/vuln": (Resource.KNOWLEDGE_BASE, ("2.0", "3.0", "4.0")),
    "scan": (Resource.SCAN_LIST, ("2.0", "3.0")),
    "session": (Resource.SESSION, ("2.0",)),
}
_V1 = {
    f"/msp/{resource.value}.php": resource
    for resource in (
        Resource.ABOUT,
        Resource.SCAN,
        Resource.SCAN_REPORT_LIST,
        Resource.SCAN_REPORT,
        Resource.SCAN_RUNNING_LIST,
        Resource.SCAN_CANCEL,
        Resource.SCHEDULED_SCANS,
        Resource.SCANNER_LIST,
        Resource.KNOWLEDGE_BASE_V1,
    )
}
_FO = re.compile(r"/api/(\d\.\d)/fo/([a-z_/]+?)(/?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where a path leads."""

    resource: Resource
    version: tuple[int, int]
    """(5, 0) for /api/5.0/; (1, 0) for /msp/."""
    slash_missing: bool = False
    """The path is right but for its last slash: the service answers 301."""

    @property
    def is_v1(self) -> bool:
        """Whether it is under /msp/, which answers errors in its own way."""
        return self.version == (1, 0)


def find_route(path: str, action: str = "") -> Route | None:
    """Return where a path (without its query) leads, None if nowhere; `action` tells fetch from list."""
    if path in _V1:
        return Route(resource=_V1[path], version=(1, 0))
    match = _FO.fullmatch(path)
    resource, versions = _PATHS.get(match[2] if match else "", (Resource.ANY, ()))
    if match is None or match[1] not in versions:
        return None
    if resource is Resource.SCAN_LIST and action == "fetch":
        resource = Resource.SCAN_FETCH
    major, minor = match[1].split(".")
    return Route(resource=resource, version=(int(major), int(minor)), slash_missing=not match[3])
