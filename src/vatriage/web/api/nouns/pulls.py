"""Pulls: the ledger; asking the controller for one, and to end one."""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from vatriage.model.viewer import Right
from vatriage.store.pull_list import PullSearch
from vatriage.usecases.pull_ledger import pull_shown, pulls_page
from vatriage.usecases.run_now import cancel_pull, controller_runs, pull_device_now
from vatriage.web import house
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint, key_of
from vatriage.web.api.instants import AsOf, instant_us
from vatriage.web.api.nouns.devices import DeviceNamed
from vatriage.web.api.shapes import After, Instant, Limit, Next
from vatriage.web.api.sight import check_zone, seen_device


class PullShown(Schema):
    """A line of the ledger."""

    pull: int
    origin: str = Field(description="pull, import or replay.")
    device: str | None
    zone: str
    account: str
    state: str = Field(description="running, complete, incomplete or failed.")
    whole: bool
    started_at: Instant | None
    finished_at: Instant | None
    error: str | None
    counts: dict[str, Any] = Field(description="Of a pull that ended, as `vatriage pull --json` has them.")


class MissingHost(Schema):
    """A host whose findings a pull does not know whole."""

    id: int
    address: str
    reason: str


class PullTold(PullShown):
    """One pull, with what it lacks."""

    hosts_received: int
    rejects: int = Field(description="Records or fields left out and kept.")
    hosts_missing: int
    missing: list[MissingHost] = Field(description="The first 1,000 of them.")


class PullList(Schema):
    """A page of the ledger, newest first."""

    pulls: list[PullShown]
    next: Next


class Asked(Schema):
    """What became of a request to pull now."""

    device: str
    asked: str = Field(description="asked, waits already or runs already.")
    controller: bool = Field(description="Whether a controller runs; without one nothing is pulled yet.")


class CancelAsked(Schema):
    """A pull that was asked to end."""

    device: str
    cancelled: bool


@endpoint("GET", "/pulls", right=Right.READ, answer=PullList)
def list_pulls(
    request: ApiRequest,
    device: Annotated[str, Field(max_length=64)] = "",
    zone: Annotated[str | None, Field(min_length=1, max_length=64, description="Only this zone.")] = None,
    state: Literal["running", "complete", "incomplete", "failed"] | None = None,
    origin: Literal["pull", "import"] | None = None,
    begin: Annotated[AsOf, Field(description="Started not before.")] = None,
    end: Annotated[AsOf, Field(description="Started before.")] = None,
    after: After = "",
    limit: Limit = 100,
) -> Any:
    """List pulls and imports of your zones, newest first."""
    check_zone(request.viewer, zone)
    search = PullSearch(
        device=device, zone=zone or "", state=state or "", origin=origin or "",
        begin=(instant_us(begin) or 0) // 1_000_000, end=(instant_us(end) or 0) // 1_000_000,
    )  # fmt: skip
    pulls, following = pulls_page(request.viewer.zones, key_of(after), limit, search)
    return {"pulls": pulls, "next": str(following) if following else None}


@endpoint("GET", "/pulls/{int:number}", right=Right.READ, answer=PullTold, errors=(404,))
def get_a_pull(request: ApiRequest, number: int) -> Any:
    """Show one pull or import."""
    return pull_shown(number, request.viewer.zones)


@endpoint("POST", "/pulls", right=Right.ADMIN, answer=Asked, status=202, errors=(404,), once=True, body=JSON)
def pull_a_device(request: ApiRequest, named: DeviceNamed) -> Any:
    """Ask the controller to pull a device now; asked twice, it is pulled once."""
    device = seen_device(request.viewer, named.device)
    asked = pull_device_now(device.name, who=request.viewer.who, clock=house.clock())
    return {"device": device.name, "asked": asked.value, "controller": controller_runs(house.clock())}


@endpoint(
    "POST", "/pulls/cancel", right=Right.ADMIN, answer=CancelAsked, status=202, errors=(404,), once=True, body=JSON
)  # fmt: skip
def cancel_a_pull(request: ApiRequest, named: DeviceNamed) -> Any:
    """Ask that a device's pull ends; what was fetched is kept."""
    device = seen_device(request.viewer, named.device)
    cancel_pull(device.name, who=request.viewer.who, clock=house.clock())
    return {"device": device.name, "cancelled": True}
