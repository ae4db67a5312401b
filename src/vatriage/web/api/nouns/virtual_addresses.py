"""Virtual addresses: who stands behind them, as people say."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from vatriage.model.viewer import Right
from vatriage.usecases.virtual_addresses import MOST_MEMBERS, PoolForm, add_pool, list_pools, withdraw_pool
from vatriage.web import house
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint
from vatriage.web.api.nouns.host_statements import Number, Reason, When, Withdrawal, seconds
from vatriage.web.api.shapes import Instant, Name, Sent


class VirtualAddress(Schema):
    """A virtual address as `vatriage pool list --json` has it."""

    number: int
    zone: str
    address: str
    port: int | None = Field(description="null = every port.")
    members: list[str] = Field(description="Empty = nobody knows who they are.")
    author: str
    reason: str
    said_at: Instant | None
    valid_from: Instant | None
    valid_until: Instant | None
    withdrawn_at: Instant | None
    withdrawn_by: str | None
    withdrawn_why: str | None


class VirtualAddressList(Schema):
    """The virtual addresses of your zones."""

    pools: list[VirtualAddress]


class VirtualAddressNew(Sent):
    """Who stands behind an address."""

    zone: Name
    address: Annotated[str, Field(min_length=1, max_length=45)]
    port: Annotated[int, Field(ge=0, le=65_535, description="Left out = every port.")] | None = None
    members: Annotated[list[Annotated[str, Field(min_length=1, max_length=60)]], Field(max_length=MOST_MEMBERS)]
    reason: Reason
    valid_from: Annotated[When, Field(description="Left out = from now.")] = None
    valid_until: Annotated[When, Field(description="Left out = until it is withdrawn.")] = None


@endpoint("GET", "/virtual-addresses", right=Right.READ, answer=VirtualAddressList)
def list_virtual_addresses(request: ApiRequest, *, withdrawn: bool = False) -> Any:
    """List the virtual addresses of your zones, on request the withdrawn ones too."""
    return {"pools": list_pools(request.viewer.zones, withdrawn=withdrawn)}


@endpoint(
    "POST", "/virtual-addresses", right=Right.ADMIN, answer=Number, status=201, errors=(404,), once=True, body=JSON
)
def add_a_virtual_address(request: ApiRequest, said: VirtualAddressNew) -> Any:
    """Say who stands behind an address: an alert at it is as bad as at the worst of them."""
    form = PoolForm(
        zone=said.zone, address=said.address, port=said.port, members=said.members, reason=said.reason,
        valid_from=seconds(said.valid_from), valid_until=seconds(said.valid_until),
    )  # fmt: skip
    viewer, place = request.viewer, house.config().snapshots
    return {"number": add_pool(form, who=viewer.who, zones=viewer.zones, clock=house.clock(), snapshots=place)}


@endpoint(
    "POST", "/virtual-addresses/{int:number}/withdrawal", right=Right.ADMIN, answer=None, status=204, errors=(404,),
    body=JSON,
)  # fmt: skip
def withdraw_a_virtual_address(request: ApiRequest, number: int, why: Withdrawal) -> None:
    """Let a virtual address count no more; it stays on record."""
    viewer, place = request.viewer, house.config().snapshots
    withdraw_pool(number, why.reason, who=viewer.who, zones=viewer.zones, clock=house.clock(), snapshots=place)
