"""Which version of the API is asked for what (API guide, versioning: a new one ends the one before within a year; pure)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from vatriage.errors import UsageError
from vatriage.net.interface import Request

SERVED = MappingProxyType({
    "host_list": ("5.0", "4.0", "3.0", "2.0"),
    "detections": ("5.0", "4.0", "3.0", "2.0"),
    "knowledge_base": ("4.0", "3.0", "2.0"),
    "scan_list": ("2.0", "3.0"),
})  # fmt: skip
"""By resource the versions that our readers know, the one that is asked for where nothing is set first."""
_VERSION = re.compile(r"/api/\d+\.\d+/")


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions that are asked for.

    Args:
        chosen: by resource, what is set; the others are asked for as SERVED has them.
    """

    chosen: Mapping[str, str] = field(default_factory=dict)

    def of(self, resource: str) -> str:
        """Return the version that a resource is asked for, "" if it has none (API v1)."""
        return self.chosen.get(resource) or next(iter(SERVED.get(resource, ())), "")

    def applied(self, request: Request) -> Request:
        """Return a request of the version that is set for its resource."""
        return at_version(request, self.of(request.resource))

    def to_probe(self) -> dict[str, tuple[str, ...]]:
        """Return by resource the versions to try: the one that is set first."""
        return {name: tuple(dict.fromkeys((self.of(name), *known))) for name, known in SERVED.items()}


def at_version(request: Request, version: str) -> Request:
    """Return a request of another version of the API; one of v1 has no other."""
    return replace(request, path=_VERSION.sub(f"/api/{version}/", request.path, count=1)) if version else request


def checked_versions(chosen: Mapping[str, str]) -> Versions:
    """Return the versions that a setting names. Raises: UsageError: it names a resource that has no versions."""
    if unknown := sorted(set(chosen) - set(SERVED)):
        raise UsageError(
            f"VATRIAGE_API_VERSIONS names {unknown[0]!r}, which has no versions.", f"Name one of: {', '.join(SERVED)}."
        )
    return Versions(dict(chosen))
