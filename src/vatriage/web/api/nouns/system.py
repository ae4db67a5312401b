"""System parameters: proxy, DNS, TLS. What is sent is submitted, and acts once it is activated."""

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Header, Schema
from pydantic import Field, SecretStr

from vatriage.model.secret import Secret
from vatriage.model.viewer import Right
from vatriage.usecases.parameters import APPLIANCE, ProxyForm, everything_shown, filled_proxy, shown
from vatriage.web import house
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint
from vatriage.web.api.shapes import Content, Sent
from vatriage.web.api.sight import check_all_zones
from vatriage.web.api.stamp import IF_MATCH, Stamp, etag, stamp_of

_Texts = Annotated[list[Annotated[str, Field(max_length=255)]], Field(max_length=200)]
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


class ProxyChange(Sent):
    """What is to change of the proxy; what is left out stays."""

    mode: Annotated[str, Field(max_length=16, description="none, http or socks5.")] | None = None
    address: Annotated[str, Field(max_length=255)] | None = None
    port: Annotated[int, Field(ge=0, le=65_535)] | None = None
    user: Annotated[str, Field(max_length=255, description="Empty = no login.")] | None = None
    password: Annotated[SecretStr, Field(min_length=1, max_length=1000)] | None = None
    bypass: _Texts | None = None


class DnsSettings(Sent):
    """The resolver; no servers = the system's."""

    servers: _Texts = Field(default=[])
    search: _Texts = Field(default=[])


class TlsPolicy(Sent):
    """Whose certificates are believed."""

    mode: Annotated[str, Field(max_length=16, description="authorities, private, pin or always.")]
    bundle: Annotated[str, Field(max_length=500_000, description="private: PEM certificates.")] = ""
    until: Annotated[str, Field(max_length=40, description="always: until this instant.")] = ""


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
    form = ProxyForm(
        mode=proxy.mode, address=proxy.address, port=proxy.port, user=proxy.user, bypass=proxy.bypass,
        password=None if proxy.password is None else Secret(proxy.password.get_secret_value()),
    )  # fmt: skip
    return _submit(request, "proxy", filled_proxy(_submitted("proxy"), form, vault=house.vault()), seen)


@endpoint("PUT", "/system/dns", right=Right.ADMIN, answer=Submitted, errors=(409,), body=JSON)
def change_the_dns(request: ApiRequest, dns: DnsSettings, seen: _IfMatch) -> Any:
    """Submit DNS settings."""
    return _submit(request, "dns", dns.model_dump(), seen)


@endpoint("PUT", "/system/tls", right=Right.ADMIN, answer=Submitted, errors=(409,), body=JSON)
def change_the_tls_policy(request: ApiRequest, tls: TlsPolicy, seen: _IfMatch) -> Any:
    """Submit the TLS policy."""
    return _submit(request, "tls", tls.model_dump(), seen)


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
