"""Zones: address spaces, and which networks belong to each. What is sent is submitted."""

from dataclasses import asdict
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Header, Schema
from pydantic import Field

from vatriage.errors import NotFoundError, UsageError
from vatriage.model.viewer import Right, Viewer
from vatriage.usecases.zone_kind import check_unused
from vatriage.usecases.zones import ZoneLine, all_zones, submit_zone, submitted_networks, zones_of
from vatriage.web import house
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint
from vatriage.web.api.shapes import Name, Sent
from vatriage.web.api.sight import check_all_zones
from vatriage.web.api.stamp import IF_MATCH, Stamp, etag, stamp_of

_IfMatch = Annotated[Stamp, Header(alias="If-Match", description=IF_MATCH)]


class ZoneShown(Schema):
    """A zone."""

    name: str
    networks: list[str]
    devices: int
    pending: str | None = Field(description="What waits for activation: add, change or delete.")


class ZoneList(Schema):
    """The zones you see, in order of name."""

    zones: list[ZoneShown]


class ZoneContent(Sent):
    """A zone's networks."""

    networks: Annotated[list[Annotated[str, Field(max_length=49)]], Field(max_length=10_000)]


class ZoneEdit(ZoneContent):
    """What a zone that is here is changed to."""

    new_name: Annotated[Name, Field(description="The zone is called so once that is activated.")] | None = None


class ZoneNew(ZoneContent):
    """A new zone."""

    name: Name


@endpoint("GET", "/zones", right=Right.READ, answer=ZoneList)
def list_zones(
    request: ApiRequest,
    address: Annotated[
        str | None, Field(min_length=1, max_length=45, description="Only zones whose networks hold it most narrowly.")
    ] = None,
) -> Any:
    """List your zones, with the networks that act."""
    holding = None if address is None else zones_of(address)
    lines = [line for line in all_zones(request.viewer.zones) if holding is None or line.name in holding]
    return {"zones": [_shown(line) for line in lines]}


@endpoint("POST", "/zones", right=Right.ADMIN, answer=ZoneShown, status=201, once=True, body=JSON)
def add_a_zone(request: ApiRequest, zone: ZoneNew) -> Any:
    """Submit a new zone."""
    check_all_zones(request.viewer)
    if house.changes().submitted("zone", zone.name) is not None:
        raise UsageError(f"A zone named {zone.name!r} is here already.", "Change it, or choose another name.")
    submit_zone(zone.name, zone.networks, changes=house.changes(), who=request.viewer.who)
    return _seen(request.viewer, zone.name)


@endpoint("GET", "/zones/{path:name}", right=Right.READ, answer=ZoneShown, errors=(404,))
def get_a_zone(request: ApiRequest, name: str, response: HttpResponse) -> Any:
    """Show one zone; its ETag is the stamp to change it with."""
    shown = _seen(request.viewer, name)
    response["ETag"] = etag("zone", name)
    return shown


@endpoint("PUT", "/zones/{path:name}", right=Right.ADMIN, answer=ZoneShown, errors=(404, 409), body=JSON)
def change_a_zone(request: ApiRequest, name: str, zone: ZoneEdit, seen: _IfMatch) -> Any:
    """Submit a zone's networks."""
    _seen(request.viewer, name)
    submitted_networks(name, house.changes())
    submit_zone(
        name, zone.networks, changes=house.changes(), who=request.viewer.who, seen=stamp_of(seen),
        new_name=zone.new_name or "",
    )  # fmt: skip
    return _seen(request.viewer, name)


@endpoint("DELETE", "/zones/{path:name}", right=Right.ADMIN, answer=None, status=204, errors=(404, 409))
def delete_a_zone(request: ApiRequest, name: str, seen: _IfMatch) -> None:
    """Submit the deletion of a zone; one that is in use stays."""
    _seen(request.viewer, name)
    check_unused(name)
    house.changes().submit("zone", name, None, who=request.viewer.who, seen=stamp_of(seen))


def _seen(viewer: Viewer, name: str) -> dict[str, Any]:
    """Return a zone. Raises: NotFoundError: there is none of that name among the caller's."""
    line = next((line for line in all_zones(viewer.zones) if line.name == name), None)
    if line is None:
        raise NotFoundError(f"There is no zone named {name!r}.", "GET /zones lists those you see.")
    return _shown(line)


def _shown(line: ZoneLine) -> dict[str, Any]:
    return asdict(line) | {"pending": line.pending or None}
