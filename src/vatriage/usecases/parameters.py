"""System parameters: what acts, how it is shown and filled in, and the way to a device's server that follows from it.

Content is JSON: `{"mode", "address", "port", "user", "password_token", "bypass"}` for a proxy, `{"servers", "search"}` for
DNS, `{"mode", "bundle", "until"}` for TLS. A device has a proxy and a policy of its own in the same form.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vatriage.clock import Clock, now_us
from vatriage.errors import UsageError
from vatriage.model.instant import format_instant, parse_instant
from vatriage.model.route import (
    DnsServer,
    DnsSettings,
    OwnRoute,
    ProxyChoice,
    ProxyMode,
    ProxySettings,
    Route,
    TlsMode,
    TlsPolicy,
    joined,
    joined_route,
    split,
)
from vatriage.model.secret import Secret
from vatriage.model.viewer import Who
from vatriage.net.tls import bundle_of
from vatriage.store.audit import note
from vatriage.store.changes import PendingChange
from vatriage.store.devices import Device
from vatriage.store.parameters import PinLine, accept_changed, all_pins, read_parameter
from vatriage.usecases.parameter_checks import server_of
from vatriage.vault import Vault

Content = dict[str, Any]
APPLIANCE = "appliance"
"""The subject of all system parameters."""
PROXY_OWNER = " proxy"
"""Whose secret the appliance's proxy password is, in the vault."""
DEFAULTS: Mapping[str, Content] = {
    "proxy": {"mode": "none", "address": "", "port": 0, "user": "", "password_token": "", "bypass": []},
    "dns": {"servers": [], "search": []},
    "tls": {"mode": "authorities", "bundle": "", "until": ""},
}
"""What acts as long as nobody said anything, by kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyForm:
    """What a person says of a proxy. None leaves a value as it is."""

    mode: str | None = None
    address: str | None = None
    port: int | None = None
    user: str | None = None
    """"" takes the password away with it."""
    password: Secret | None = None
    bypass: list[str] | None = None


def acting(kind: str) -> Content:
    """Return what acts of a kind of settings ("proxy", "dns", "tls"), secrets as tokens."""
    return dict(DEFAULTS[kind]) | (read_parameter(kind) or {})


def proxy_owner(device: str) -> str:
    """Return whose secret the password of a device's own proxy is."""
    return f" proxy of {device}"


def filled_proxy(content: Content, form: ProxyForm, *, vault: Vault, owner: str = PROXY_OWNER) -> Content:
    """Return proxy settings after a form was filled in; a new password is locked away."""
    said = {
        "mode": form.mode, "address": form.address, "port": form.port, "user": form.user, "bypass": form.bypass,
        "password_token": None if form.password is None else b64encode(vault.lock(form.password, owner)).decode(),
    }  # fmt: skip
    filled = content | {name: value for name, value in said.items() if value is not None}
    return filled if filled["user"] else filled | {"password_token": ""}


def shown_proxy(content: Content) -> Content:
    """Return proxy settings without the password."""
    return {name: value for name, value in content.items() if name != "password_token"} | {
        "password_set": bool(content.get("password_token"))
    }


def shown(kind: str, content: Content) -> Content:
    """Return settings as they may be shown; of a bundle of authorities whose they are."""
    if kind == "proxy":
        return shown_proxy(content)
    if kind == "tls":
        bundle = bundle_of(content["bundle"]) if content["bundle"] else ()
        return {name: value for name, value in content.items() if name != "bundle"} | {
            "authorities": [item.subject for item in bundle]
        }
    return dict(content)


def everything_shown() -> Content:
    """Return all that acts, the kinds that wait for activation, and the accepted certificates, for people."""
    pending = PendingChange.objects.filter(kind__in=list(DEFAULTS), subject=APPLIANCE)
    acts: Content = {kind: shown(kind, acting(kind)) for kind in DEFAULTS}
    acts["pending"] = sorted(pending.values_list("kind", flat=True))
    acts["certificates"] = [
        {
            "server": pin.server, "sha256": pin.sha256, "first_seen": _instant(pin.first_seen),
            "accepted_by": pin.accepted_by or None, "changed_sha256": pin.changed_sha256 or None,
            "changed_seen": _instant(pin.changed_seen),
        }
        for pin in all_pins()
    ]  # fmt: skip
    return acts


def _instant(seconds: int) -> str | None:
    return format_instant(seconds * 1_000_000) if seconds else None


def proxy_of(content: Mapping[str, Any], vault: Vault, owner: str = PROXY_OWNER) -> ProxySettings:
    """Return proxy settings ready for use. Raises: VaultError: the password cannot be decrypted."""
    content = DEFAULTS["proxy"] | dict(content)
    token = content["password_token"] if content["mode"] != ProxyMode.NONE else ""
    return ProxySettings(
        mode=ProxyMode(content["mode"]), address=content["address"], port=content["port"], user=content["user"],
        password=vault.unlock(b64decode(token), owner) if token else Secret(""), bypass=tuple(content["bypass"]),
    )  # fmt: skip


def dns_of(content: Mapping[str, Any]) -> DnsSettings:
    """Return DNS settings ready for use."""
    servers = [DnsServer(address=address, port=port) for address, port in map(server_of, content["servers"])]
    return DnsSettings(servers=tuple(servers), search=tuple(content["search"]))


def tls_of(content: Mapping[str, Any]) -> TlsPolicy:
    """Return a TLS policy ready for use."""
    content = DEFAULTS["tls"] | dict(content)
    until_us = parse_instant(content["until"]) if content["until"] else 0
    return TlsPolicy(mode=TlsMode(content["mode"]), bundle=content["bundle"], until_us=until_us)


def appliance_route(vault: Vault) -> Route:
    """Return the way that the system parameters describe. Raises: VaultError."""
    return Route(proxy=proxy_of(acting("proxy"), vault), dns=dns_of(acting("dns")), tls=tls_of(acting("tls")))


def device_route(device: Device, vault: Vault) -> Route:
    """Return the way to a device's server: the system parameters, and what the device says otherwise.

    Raises: VaultError: a proxy's password cannot be decrypted.
    """
    content = {"proxy_mode": device.proxy_mode, "proxy": device.proxy, "tls": device.tls, "ca_file": device.ca_file}
    return content_route(device.owner, content, vault)


def content_route(name: str, content: Mapping[str, Any], vault: Vault) -> Route:
    """Return the same for what a form holds (`name`: whose its secrets are): `proxy_mode`, `proxy`, `tls` and `ca_file` of a device's content.

    Raises: VaultError.
    """
    choice = ProxyChoice(content.get("proxy_mode") or ProxyChoice.INHERIT)
    proxy = ProxySettings()
    if choice is ProxyChoice.OWN:
        proxy = proxy_of(content.get("proxy") or {}, vault, proxy_owner(name))
    tls = tls_of(content["tls"]) if content.get("tls") else None
    own = OwnRoute(choice=choice, proxy=proxy, tls=tls, ca_file=content.get("ca_file") or "")
    return joined_route(appliance_route(vault), own)


def loud(route: Route, clock: Clock) -> tuple[str, ...]:
    """Return what a person must be told whenever this way is gone: nothing, or that nothing is checked."""
    if route.tls_mode(now_us(clock)) is not TlsMode.ALWAYS:
        return ()
    until = format_instant(route.tls.until_us)
    return (
        f"WARNING: any certificate is accepted until {until}, an attacker's too, who then reads login and password.",
    )


def accept_certificate(server: str, sha256: str, *, who: Who, clock: Clock) -> PinLine:
    """Accept the certificate that a server shows now; return what was accepted before.

    Args:
        server: `host` (port 443) or `host:port`.
        sha256: the fingerprint the person read, with or without colons; "" = the one that waits.
        who: for the log.
        clock: the same.

    Raises: NotFoundError: none waits, or it is another one. UsageError: it is no fingerprint.
    """
    wanted = sha256.replace(":", "").replace(" ", "").lower()
    if wanted and (len(wanted) != 64 or not all(letter in "0123456789abcdef" for letter in wanted)):
        raise UsageError(f"{sha256!r} is no SHA-256 fingerprint.", "It has 64 hexadecimal digits.")
    now = now_us(clock) // 1_000_000
    before = accept_changed(joined(*split(server)), wanted, who.name)
    after = {"sha256": before.changed_sha256}
    note(who, now, "certificate accepted", before.server, {"sha256": before.sha256}, after)
    return before
