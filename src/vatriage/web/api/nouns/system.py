"""System parameters: proxy, DNS, TLS. What is sent is submitted, and acts once it is activated."""

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Header, Schema
from pydantic import Field

from vatriage.model.viewer import Right
from vatriage.usecases.parameters import APPLIANCE, accept_certificate, everything_shown, filled_proxy, shown
from vatriage.web import house
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint
from vatriage.web.api.sent_device import ProxyChange, Texts, TlsPolicy
from vatriage.web.api.shapes import Content, Sent
from vatriage.web.api.sight import check_all_zones
from vatriage.web.api.stamp import IF_MATCH, Stamp, etag, stamp_of

_IfMatch = Annotated[Stamp, Header(alias="If-Match", description=IF_MATCH)]


class System(Schema):
    """What acts, as `vatriage system show --json` has it."""

    proxy: Content
    dns: Content
    tls: Content
    pending: list[str]
    certificates: list[dict[str, Any]]


class Submitted(Schema):
    """Settings as they will be once they are activated, without secrets."""

    settings: Content


class DnsSettings(Sent):
    """The resolver; no servers = the system's."""

    servers: Texts = Field(default=[])
    search: Texts = Field(default=[])


class Acceptance(Sent):
    """A changed certificate that a person has looked at."""

    server: Annotated[str, Field(min_length=1, max_length=300, description="host (port 443) or host:port.")]
    sha256: Annotated[
        str,
        Field(pattern="^([0-9A-Fa-f]{2}:?){32}$", description="The fingerprint that was read; colons may be in it."),
    ]


class Accepted(Schema):
    """A certificate that is accepted from now on."""

    server: str
    sha256: str
    before: str = Field(description="The fingerprint that was accepted until now.")


@endpoint("GET", "/system", right=Right.ADMIN, answer=System)
def get_system(request: ApiRequest) -> Any:
    """Show the settings that act, what waits for activation, and the accepted certificates."""
    check_all_zones(request.viewer)
    return everything_shown()


@endpoint("GET", "/system/proxy", right=Right.ADMIN, answer=Submitted)
def get_the_proxy(request: ApiRequest, response: HttpResponse) -> Any:
    """Show the proxy settings as they will be; their ETag is the stamp to change them with."""
    return _get(request, "proxy", response)


@endpoint("GET", "/system/dns", right=Right.ADMIN, answer=Submitted)
def get_the_dns(request: ApiRequest, response: HttpResponse) -> Any:
    """Show the DNS settings as they will be; their ETag is the stamp to change them with."""
    return _get(request, "dns", response)


@endpoint("GET", "/system/tls", right=Right.ADMIN, answer=Submitted)
def get_the_tls_policy(request: ApiRequest, response: HttpResponse) -> Any:
    """Show the TLS policy as it will be; its ETag is the stamp to change it with."""
    return _get(request, "tls", response)


@endpoint("PATCH", "/system/proxy", right=Right.ADMIN, answer=Submitted, errors=(409,), body=JSON)
def change_the_proxy(request: ApiRequest, proxy: ProxyChange, seen: _IfMatch) -> Any:
    """Submit proxy settings."""
    stored = _submitted("proxy")
    return _submit(request, "proxy", filled_proxy(stored, proxy.form(), vault=house.vault()), seen)


@endpoint("PUT", "/system/dns", right=Right.ADMIN, answer=Submitted, errors=(409,), body=JSON)
def change_the_dns(request: ApiRequest, dns: DnsSettings, seen: _IfMatch) -> Any:
    """Submit DNS settings."""
    return _submit(request, "dns", dns.model_dump(), seen)


@endpoint("PUT", "/system/tls", right=Right.ADMIN, answer=Submitted, errors=(409,), body=JSON)
def change_the_tls_policy(request: ApiRequest, tls: TlsPolicy, seen: _IfMatch) -> Any:
    """Submit the TLS policy."""
    return _submit(request, "tls", tls.model_dump(), seen)


@endpoint(
    "POST", "/certificate-acceptances", right=Right.ADMIN, answer=Accepted, errors=(404,), once=True, body=JSON
)  # fmt: skip
def accept_a_certificate(request: ApiRequest, certificate: Acceptance) -> Any:
    """Accept the changed certificate that a server shows, by the fingerprint that was read; it counts at once."""
    check_all_zones(request.viewer)
    before = accept_certificate(
        certificate.server, certificate.sha256, who=request.viewer.who, clock=house.clock()
    )  # fmt: skip
    return {"server": before.server, "sha256": before.changed_sha256, "before": before.sha256}


def _get(request: ApiRequest, kind: str, response: HttpResponse) -> Content:
    check_all_zones(request.viewer)
    response["ETag"] = etag(kind, APPLIANCE)
    return {"settings": shown(kind, _submitted(kind))}


def _submitted(kind: str) -> Content:
    return dict(house.changes().submitted(kind, APPLIANCE) or {})


def _submit(request: ApiRequest, kind: str, content: Content, seen: str) -> Content:
    check_all_zones(request.viewer)
    house.changes().submit(kind, APPLIANCE, content, who=request.viewer.who, seen=stamp_of(seen))
    return {"settings": shown(kind, _submitted(kind))}
