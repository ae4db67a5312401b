"""The resources the simulator serves, and their paths.

Source: API guide; /msp/about.php is the last v1 function that today's clients still call.
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
    ABOUT = "about"
    ANY = "*"
    """For faults only."""


_PATHS = {
    "asset/host": (Resource.HOST_LIST, ("2.0", "3.0", "4.0", "5.0")),
    "asset/host/vm/detection": (Resource.DETECTION_LIST, ("2.0", "3.0", "4.0", "5.0")),
    "knowledge_base/vuln": (Resource.KNOWLEDGE_BASE, ("2.0", "3.0", "4.0")),
    "session": (Resource.SESSION, ("2.0",)),
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


def find_route(path: str) -> Route | None:
    """Return where a path (without its query) leads, None if nowhere."""
    if path == "/msp/about.php":
        return Route(resource=Resource.ABOUT, version=(1, 0))
    match = _FO.fullmatch(path)
    resource, versions = _PATHS.get(match[2] if match else "", (Resource.ANY, ()))
    if match is None or match[1] not in versions:
        return None
    major, minor = match[1].split(".")
    return Route(resource=resource, version=(int(major), int(minor)), slash_missing=not match[3])
