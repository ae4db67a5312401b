"""Hosts: the inventory, now or as at another time."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from vatriage.model.viewer import Right
from vatriage.usecases.lookups import hosts_as_seen, show_host
from vatriage.web.api.endpoint import ApiRequest, endpoint, key_of
from vatriage.web.api.instants import AsOf, instant_us
from vatriage.web.api.shapes import After, Instant, Limit, Next
from vatriage.web.api.sight import check_zone

_OneZone = Annotated[str | None, Field(min_length=1, max_length=64, description="Only this zone.")]


class HostLine(Schema):
    """A host as `vatriage host list --json` has it."""

    zone: str
    account: str
    id: int | None
    address: str
    dns: str
    os: str
    last_seen: Instant | None
    detections: int
    gone_at: Instant | None


class HostList(Schema):
    """A page of hosts, in the order in which they were first seen."""

    hosts: list[HostLine]
    next: Next


class Scan(Schema):
    """A scan of a host."""

    at: Instant | None
    kind: str
    whole: bool
    check_set: bool


class Detection(Schema):
    """A detection as it was in force."""

    qid: int
    title: str | None
    port: int | None
    protocol: int
    kind: str
    qualys_severity: int
    status: str
    first_found: Instant | None
    last_found: Instant | None
    last_test: Instant | None
    fixed: Instant | None
    ignored: bool
    results: str | None
    results_length: int


class Event(Schema):
    """What happened to a host."""

    kind: str
    at: Instant | None
    qid: int | None
    port: int | None
    detail: str


class HostShown(Schema):
    """A host as `vatriage host show --json` has it."""

    zone: str
    account: str
    id: int | None
    address: str
    tracking_method: str
    os: str
    dns: str
    netbios: str
    held_from: Instant | None
    held_until: Instant | None
    scans: list[Scan]
    detections: list[Detection]
    history: list[Event]


class HostsShown(Schema):
    """Every host that held an address."""

    hosts: list[HostShown]


@endpoint("GET", "/hosts", right=Right.READ, answer=HostList)
def list_hosts(request: ApiRequest, zone: _OneZone = None, after: After = "", limit: Limit = 100) -> Any:
    """List the hosts of your zones."""
    check_zone(request.viewer, zone)
    hosts, following = hosts_as_seen(request.viewer.zones if zone is None else [zone], key_of(after), limit)
    return {"hosts": hosts, "next": str(following) if following else None}


@endpoint("GET", "/hosts/{str:address}", right=Right.READ, answer=HostsShown, errors=(404,))
def get_hosts(request: ApiRequest, address: str, as_of: AsOf = None) -> Any:
    """Show every host of your zones that held an address."""
    return {"hosts": show_host(address, instant_us(as_of), request.viewer.zones)}
