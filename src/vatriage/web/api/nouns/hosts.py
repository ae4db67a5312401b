"""Hosts: the inventory, now or as at another time."""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from vatriage.model.viewer import Right
from vatriage.usecases.host_lists import host_filter, show_hosts
from vatriage.usecases.lookups import hosts_as_seen, show_host
from vatriage.web import house
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


class Service(Schema):
    """A port of a host that a scan reached."""

    zone: str
    account: str
    host: int | None = Field(description="The vendor's host id.")
    protocol: str
    port: int
    service: str = Field(description="What detections call it, empty = nothing is known.")
    seen: Instant


class Statement(Schema):
    """What a person says of a host."""

    number: int
    kind: str
    text: str
    author: str
    reason: str
    said_at: Instant | None
    valid_from: Instant | None
    valid_until: Instant | None
    withdrawn_at: Instant | None
    withdrawn_by: str | None
    withdrawn_why: str | None


class Lease(Schema):
    """A lease of the address."""

    start: Instant
    end: Instant | None = Field(description="null = it has no end.")
    surely_until: Instant | None
    mac: str | None
    hostname: str | None
    client: str = Field(description="this host, another host, or not known.")
    joined_by: str | None = Field(description="mac or name.")


class HostShown(Schema):
    """A host as `vatriage host show --json` has it."""

    number: int = Field(description="For POST /host-statements.")
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
    doubt: str | None = Field(description="What the last pull of its account leaves open about it.")
    why_one_host: list[str] = Field(description="The rules by which it is one host.")
    statements: list[Statement]
    leases: list[Lease]
    scans: list[Scan]
    detections: list[Detection]
    history: list[Event]


class ServiceList(Schema):
    """The services of every host that held an address."""

    services: list[Service]


class HostsShown(Schema):
    """Every host that held an address."""

    hosts: list[HostShown]


@endpoint("GET", "/hosts", right=Right.READ, answer=HostList)
def list_hosts(
    request: ApiRequest,
    zone: _OneZone = None,
    text: Annotated[
        str, Field(max_length=200, description="The beginning of an address, or a part of a name or of the OS.")
    ] = "",
    scanned: Annotated[
        Literal["agent", "authenticated", "remote", "never"] | None, Field(description="How it was looked at.")
    ] = None,
    *,
    stale: Annotated[bool, Field(description="Only hosts without a scan whose silence counts now.")] = False,
    gone: Annotated[
        bool | None, Field(description="Only hosts that are gone, or that are there; left out = both.")
    ] = None,
    after: After = "",
    limit: Limit = 100,
) -> Any:
    """List the hosts of your zones."""
    check_zone(request.viewer, zone)
    wanted = host_filter(text=text, scanned=scanned or "", stale=stale, gone=gone, now=house.now_s())
    hosts, following = hosts_as_seen(request.viewer.zones if zone is None else [zone], key_of(after), limit, wanted)
    return {"hosts": hosts, "next": str(following) if following else None}


@endpoint("GET", "/hosts/{str:address}", right=Right.READ, answer=HostsShown, errors=(404,))
def get_hosts(request: ApiRequest, address: str, as_of: AsOf = None) -> Any:
    """Show every host of your zones that held an address."""
    return {"hosts": show_host(address, instant_us(as_of), request.viewer.zones)}


@endpoint("GET", "/host-services/{str:address}", right=Right.READ, answer=ServiceList, errors=(404,))
def list_services(request: ApiRequest, address: str, as_of: AsOf = None) -> Any:
    """List the ports that scans reached on every host of your zones that held an address."""
    hosts = show_hosts(address, zones=request.viewer.zones, as_of_us=instant_us(as_of))
    return {
        "services": [
            one | {"zone": host["zone"], "account": host["account"], "host": host["id"]}
            for host in hosts
            for one in host["services"]
        ]
    }
