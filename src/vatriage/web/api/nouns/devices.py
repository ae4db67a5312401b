"""Devices: report queries to VA servers. What is sent is submitted, and acts once it is activated."""

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Header, Schema
from pydantic import Field, SecretStr

from vatriage.model.viewer import Right
from vatriage.usecases.connectivity import cancel_last_scan
from vatriage.usecases.devices import add_device, all_devices, clone_device, edit_device, shown
from vatriage.web import calling, house
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint
from vatriage.web.api.sent_device import (
    DeviceChange,
    DeviceDraft,
    check_sent,
    draft_of,
    submitted_device,
)
from vatriage.web.api.shapes import After, Limit, Name, Next, Sent
from vatriage.web.api.sight import check_zone, seen_device
from vatriage.web.api.stamp import IF_MATCH, Stamp, etag, stamp_of
from vatriage.wiring import readers, servers

_IfMatch = Annotated[Stamp, Header(alias="If-Match", description=IF_MATCH)]


class DeviceShown(Schema):
    """A device, as `vatriage device show --json` has it; never its password."""

    name: str
    url: str
    login: str
    zone: str
    ca_file: str | None
    complete_checks: str
    active: bool
    pending: str | None = Field(description="What waits for activation: add, change or delete.")
    scan_ceiling: int | None


class DeviceList(Schema):
    """A page of devices, in order of name."""

    devices: list[DeviceShown]
    next: Next


class DeviceNew(DeviceChange):
    """A new device."""

    name: Name
    url: Annotated[str, Field(max_length=2000)]
    login: Annotated[str, Field(max_length=255)]
    password: Annotated[SecretStr, Field(min_length=1, max_length=1000)]


class DeviceEdit(DeviceChange):
    """What is to change of a device that is here."""

    new_name: Annotated[Name, Field(description="The device is called so once that is activated.")] | None = None


class DeviceClone(DeviceChange):
    """A new device that begins as another one is; its passwords come along unseen."""

    source: Name
    name: Name


class DeviceNamed(Sent):
    """The device that something is done with."""

    device: Name


class Tested(Schema):
    """The stages of Test Connectivity, as `vatriage device test --json` has them."""

    device: str
    ok: bool
    server: str
    query: str
    at: str
    stages: list[dict[str, Any]]
    chain: list[dict[str, Any]]
    trouble: dict[str, Any] | None
    exit_code: int = Field(description="With which `vatriage device test` ends on this.")


class Cancelled(Schema):
    """A scan that was cancelled."""

    device: str
    cancelled: str


@endpoint("GET", "/devices", right=Right.READ, answer=DeviceList)
def list_devices(request: ApiRequest, after: After = "", limit: Limit = 100) -> Any:
    """List the devices of your zones."""
    seen = [device for device in all_devices() if request.viewer.sees(device.zone.name) and device.name > after]
    more = len(seen) > limit
    return {"devices": list(map(shown, seen[:limit])), "next": seen[limit - 1].name if more else None}


@endpoint("POST", "/devices", right=Right.ADMIN, answer=DeviceShown, status=201, once=True, body=JSON)
def add_a_device(request: ApiRequest, device: DeviceNew) -> Any:
    """Submit a new device."""
    check_zone(request.viewer, device.zone or "default")
    check_sent(device.url, device.ca_file)
    made = add_device(
        device.name, device.form(), vault=house.vault(), changes=house.changes(), who=request.viewer.who
    )  # fmt: skip
    return shown(made)


@endpoint(
    "POST", "/device-clones", right=Right.ADMIN, answer=DeviceShown, status=201, errors=(404,), once=True, body=JSON
)  # fmt: skip
def clone_a_device(request: ApiRequest, clone: DeviceClone) -> Any:
    """Submit a new device that is as another one will be, but for what is sent."""
    stored = submitted_device(request.viewer, clone.source)
    check_zone(request.viewer, clone.zone)
    check_sent(clone.url or str(stored["url"]), clone.ca_file)
    made = clone_device(
        clone.source, clone.name, clone.form(), vault=house.vault(), changes=house.changes(), who=request.viewer.who
    )  # fmt: skip
    return shown(made)


@endpoint("GET", "/devices/{path:name}", right=Right.READ, answer=DeviceShown, errors=(404,))
def get_a_device(request: ApiRequest, name: str, response: HttpResponse) -> Any:
    """Show one device; its ETag is the stamp to change it with."""
    device = seen_device(request.viewer, name)
    response["ETag"] = etag("device", device.name)
    return shown(device)


@endpoint("PATCH", "/devices/{path:name}", right=Right.ADMIN, answer=DeviceShown, errors=(404, 409), body=JSON)
def change_a_device(
    request: ApiRequest,
    name: str,
    change: DeviceEdit,
    seen: _IfMatch,
) -> Any:
    """Submit a change of a device; what was activated goes on acting until the change is."""
    device = seen_device(request.viewer, name)
    check_zone(request.viewer, change.zone)
    check_sent(change.url or device.url, change.ca_file)
    changed = edit_device(
        name, change.form(change.new_name), vault=house.vault(), changes=house.changes(), who=request.viewer.who, seen=stamp_of(seen)
    )  # fmt: skip
    return shown(changed)


@endpoint("DELETE", "/devices/{path:name}", right=Right.ADMIN, answer=None, status=204, errors=(404, 409))
def delete_a_device(request: ApiRequest, name: str, seen: _IfMatch) -> None:
    """Submit the deletion of a device; hosts, findings and the ledger of its pulls stay."""
    device = seen_device(request.viewer, name)
    house.changes().submit("device", device.name, None, who=request.viewer.who, seen=stamp_of(seen))


@endpoint("POST", "/connectivity-tests", right=Right.ADMIN, answer=Tested, errors=(404, 502), body=JSON)
def test_a_device(request: ApiRequest, draft: DeviceDraft) -> Any:
    """Test connectivity of a device or a draft, stage by stage; never starts a scan. What failed is in the answer."""
    device = draft_of(request.viewer, draft)
    diagnosis = calling.test(device)
    exit_code = 0 if diagnosis.trouble is None else diagnosis.trouble.exit_code
    return {"device": device.name, "exit_code": exit_code} | diagnosis.to_dict()


@endpoint(
    "POST", "/scan-cancellations", right=Right.ADMIN, answer=Cancelled, errors=(404, 502), once=True, body=JSON
)  # fmt: skip
def cancel_a_scan(request: ApiRequest, named: DeviceNamed) -> Any:
    """Cancel the scan that the device's last pull started."""
    device, config = seen_device(request.viewer, named.device), house.config()
    password = house.vault().unlock(device.password_token, device.owner)
    fetcher = servers.fetcher(config, device.url, device.login, password, servers.device_route(config, device))
    ref = cancel_last_scan(device.pk, fetcher, servers.qualys_calls(config), readers.report_reader(), config.home)
    return {"device": device.name, "cancelled": ref}
