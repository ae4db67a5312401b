"""Destinations: where verdicts are sent. Only who sees all zones may see and change them; they act at once."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from vatriage.model.secret import Secret
from vatriage.model.verdict import Verdict
from vatriage.model.viewer import Right
from vatriage.usecases.destination_tests import send_test
from vatriage.usecases.destinations import (
    LEAST,
    Every,
    Form,
    add_destination,
    change_destination,
    destinations,
    find_destination,
    remove_destination,
    shown,
)
from vatriage.web import house
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint
from vatriage.web.api.shapes import Instant, Name, Sent
from vatriage.web.api.sight import check_all_zones
from vatriage.wiring.sending import destination_opening

_Url = Annotated[
    str,
    Field(
        min_length=1, max_length=500, description="https (webhook), tls, tcp or udp (syslog), smtps or smtp (e-mail)."
    ),
]
_Secret = Annotated[str, Field(max_length=1_000, description="Never shown; without it the stored one stays.")]
_Least = Annotated[
    str, Field(pattern=f"^({'|'.join(one.name for one in LEAST)})$", description="The mildest verdict sent.")
]
_Address = Annotated[str, Field(max_length=320, description="Of an e-mail.")]
_Zones = Annotated[list[Name], Field(max_length=1_000, description="Empty = all.")]
_File = Annotated[str, Field(max_length=1_000, description="PEM file of a private authority; empty = the system's.")]


class MailShown(Schema):
    """How a digest is sent."""

    sender: str
    recipients: list[str]
    every: str
    at: str = Field(description="UTC, HH:MM; of an hourly digest the minutes count.")
    login: str


class DestinationShown(Schema):
    """A destination, without its secret."""

    name: str
    kind: str
    url: str
    least: str
    zones: list[str]
    paused: bool
    private: bool
    ca_file: str | None
    secret_set: bool
    mail: MailShown | None = Field(description="Null for what is no e-mail.")
    waiting: int
    sent: int
    lost: int
    last_sent_at: Instant | None
    error: str | None
    next_at: Instant | None


class DestinationList(Schema):
    """All destinations, in order of name."""

    destinations: list[DestinationShown]


class DestinationContent(Sent):
    """What is to be so; what is left out stays as it is."""

    url: _Url | None = None
    secret: _Secret | None = None
    least: _Least | None = None
    zones: _Zones | None = None
    private: bool | None = None
    ca_file: _File | None = None
    paused: bool | None = None
    sender: _Address | None = None
    recipients: Annotated[list[_Address], Field(max_length=50)] | None = None
    every: Annotated[str, Field(pattern="^(hourly|daily)$", description="How often a digest is sent.")] | None = None
    at: Annotated[str, Field(max_length=5, description="When, UTC, HH:MM.")] | None = None
    login: (
        Annotated[str, Field(max_length=255, description="At the mail server; the secret is its password.")] | None
    ) = None


class DestinationNew(DestinationContent):
    """A new destination."""

    name: Name


class DestinationTest(Sent):
    """Which destination is to be sent a test message."""

    destination: Name


class DestinationTold(Schema):
    """What came of a test message."""

    told: str


@endpoint("GET", "/destinations", right=Right.ADMIN, answer=DestinationList)
def list_destinations(request: ApiRequest) -> Any:
    """List where verdicts are sent, what waits and what went wrong."""
    check_all_zones(request.viewer)
    return {"destinations": destinations()}


@endpoint("POST", "/destinations", right=Right.ADMIN, answer=DestinationShown, status=201, once=True, body=JSON)
def add_a_destination(request: ApiRequest, destination: DestinationNew) -> Any:
    """Add a destination; what is judged from then on is sent there."""
    check_all_zones(request.viewer)
    form = _form(destination)
    return shown(
        add_destination(destination.name, form, vault=house.vault(), who=request.viewer.who, clock=house.clock())
    )


@endpoint("GET", "/destinations/{path:name}", right=Right.ADMIN, answer=DestinationShown, errors=(404,))
def get_a_destination(request: ApiRequest, name: str) -> Any:
    """Show one destination."""
    check_all_zones(request.viewer)
    find_destination(name)
    return next(one for one in destinations() if one["name"] == name)


@endpoint("PATCH", "/destinations/{path:name}", right=Right.ADMIN, answer=DestinationShown, errors=(404,), body=JSON)
def change_a_destination(request: ApiRequest, name: str, destination: DestinationContent) -> Any:
    """Change a destination; another server needs the secret again."""
    check_all_zones(request.viewer)
    form = _form(destination)
    return shown(change_destination(name, form, vault=house.vault(), who=request.viewer.who, clock=house.clock()))


@endpoint("DELETE", "/destinations/{path:name}", right=Right.ADMIN, answer=None, status=204, errors=(404,))
def remove_a_destination(request: ApiRequest, name: str) -> None:
    """Remove a destination, and what waits for it."""
    check_all_zones(request.viewer)
    remove_destination(name, who=request.viewer.who, clock=house.clock())


@endpoint("POST", "/destination-tests", right=Right.ADMIN, answer=DestinationTold, errors=(404, 502), body=JSON)
def test_a_destination(request: ApiRequest, test: DestinationTest) -> Any:
    """Send a test message to a destination, and tell how far it got."""
    check_all_zones(request.viewer)
    opening = destination_opening(house.config(), house.clock())
    return {"told": send_test(test.destination, opening, who=request.viewer.who, clock=house.clock())}


def _form(said: DestinationContent) -> Form:
    return Form(
        url=said.url, secret=None if said.secret is None else Secret(said.secret),
        least=None if said.least is None else Verdict[said.least], zones=said.zones, private=said.private,
        ca_file=said.ca_file, paused=said.paused, sender=said.sender, recipients=said.recipients,
        every=None if said.every is None else Every(said.every), at=said.at, login=said.login,
    )  # fmt: skip
