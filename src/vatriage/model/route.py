"""How a server is reached: through which proxy, by whose DNS, and whose certificates are believed.

Plain values; `net` obeys them, `usecases/parameters` reads and checks what people write. Bypass entries match the name
or address as it stands in the URL: no name is resolved for them.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from vatriage.model.secret import Secret


class ProxyMode(StrEnum):
    """Through what connections go."""

    NONE = "none"
    HTTP = "http"
    """An HTTP proxy, asked to CONNECT."""
    SOCKS5 = "socks5"


class ProxyChoice(StrEnum):
    """Which proxy settings a device obeys."""

    INHERIT = "inherit"
    """The appliance's."""
    NONE = "none"
    """No proxy."""
    OWN = "own"


class TlsMode(StrEnum):
    """Whose certificates are believed."""

    AUTHORITIES = "authorities"
    """Those signed by the system's authorities."""
    PRIVATE = "private"
    """Those signed by a bundle of our own authorities."""
    PIN = "pin"
    """The one that was seen first, until a person accepts another (MARS: accept first time and prompt when changed)."""
    ALWAYS = "always"
    """Any, until an instant; then as AUTHORITIES (MARS: automatically always accept, which had no end)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySettings:
    """An outgoing proxy."""

    mode: ProxyMode = ProxyMode.NONE
    address: str = ""
    """Name or literal address."""
    port: int = 0
    user: str = ""
    """"" = the proxy asks for no login."""
    password: Secret = field(default=Secret(""))
    bypass: tuple[str, ...] = ()
    """Servers that are reached directly: `name`, `.suffix` or `*.suffix` (what lies below it), address, CIDR block."""

    @property
    def place(self) -> str:
        """`address:port`, brackets around an IPv6 address."""
        return joined(self.address, self.port)


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsServer:
    """One name server."""

    address: str
    """Literal."""
    port: int = 53

    def __str__(self) -> str:
        return joined(self.address, self.port)


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsSettings:
    """Who resolves names."""

    servers: tuple[DnsServer, ...] = ()
    """Asked in this order; empty = the system's resolver."""
    search: tuple[str, ...] = ()
    """Domains that are tried behind a name; with servers of our own only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsPolicy:
    """Whose certificates are believed."""

    mode: TlsMode = TlsMode.AUTHORITIES
    bundle: str = ""
    """PRIVATE: the authorities' certificates, PEM."""
    until_us: int = 0
    """ALWAYS: the instant at which it ends, microseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How one server is reached."""

    proxy: ProxySettings = field(default_factory=ProxySettings)
    dns: DnsSettings = field(default_factory=DnsSettings)
    tls: TlsPolicy = field(default_factory=TlsPolicy)
    ca_file: str = ""
    """PEM file of a private authority in place of the system's, "" = none."""

    def proxy_for(self, host: str) -> ProxySettings | None:
        """Return the proxy that a host is reached through, None if it is reached directly."""
        if self.proxy.mode is ProxyMode.NONE or bypasses(self.proxy.bypass, host):
            return None
        return self.proxy

    def tls_mode(self, now_us: int) -> TlsMode:
        """Return what holds now: a permission to accept anything ends by itself."""
        if self.tls.mode is TlsMode.ALWAYS and now_us >= self.tls.until_us:
            return TlsMode.AUTHORITIES
        return self.tls.mode


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRoute:
    """What a device says of its own way."""

    choice: ProxyChoice = ProxyChoice.INHERIT
    proxy: ProxySettings = field(default_factory=ProxySettings)
    """Counts with OWN only."""
    tls: TlsPolicy | None = None
    """None = the appliance's."""
    ca_file: str = ""


def joined_route(appliance: Route, own: OwnRoute) -> Route:
    """Return the way to a device's server.

    A CA file of the device means that its server is checked by authorities, however lenient the appliance's policy is;
    only a policy of the device's own says otherwise.
    """
    proxies = {ProxyChoice.INHERIT: appliance.proxy, ProxyChoice.NONE: ProxySettings(), ProxyChoice.OWN: own.proxy}
    tls = own.tls or appliance.tls
    if own.ca_file and own.tls is None and tls.mode in (TlsMode.PIN, TlsMode.ALWAYS):
        tls = TlsPolicy()
    return Route(proxy=proxies[own.choice], dns=appliance.dns, tls=tls, ca_file=own.ca_file)


def bypasses(entries: tuple[str, ...], host: str) -> bool:
    """Whether a host is named by one of the entries (see ProxySettings.bypass); case and a last dot do not matter."""
    address = _address(host)
    name = _plain(host)
    return any(_matches(entry, name, address) for entry in entries)


def is_bypass_entry(text: str) -> bool:
    """Whether a text can stand in a bypass list."""
    if "/" in text:
        try:
            ip_network(text, strict=False)
        except ValueError:
            return False
        return True
    return _address(text) is not None or is_host_name(text.removeprefix("*").removeprefix("."))


def is_host_name(text: str) -> bool:
    """Whether a text has the form of a DNS name: labels of letters, digits, `-` and `_`, no address."""
    labels = text.removesuffix(".").split(".")
    return len(text) <= 253 and all(
        0 < len(label) <= 63
        and label.isascii()
        and label.replace("-", "").replace("_", "").isalnum()
        and not label.startswith("-")
        and not label.endswith("-")
        for label in labels
    )


def is_address(text: str) -> bool:
    """Whether a text is a literal IP address, brackets allowed."""
    return _address(text) is not None


def joined(host: str, port: int) -> str:
    """Return `host:port`, brackets around an IPv6 address."""
    bare = host.strip("[]")
    return f"[{bare}]:{port}" if ":" in bare else f"{bare}:{port}"


def split(server: str, port: int = 443) -> tuple[str, int]:
    """Return host (without brackets) and port of `host`, `host:port`, `[v6]` or `[v6]:port`."""
    host, colon, written = server.rpartition(":")
    if colon and written.isascii() and written.isdigit():
        return host.strip("[]"), int(written)
    return server.strip("[]"), port


def _matches(entry: str, name: str, address: IPv4Address | IPv6Address | None) -> bool:
    if address is not None:
        try:
            return address in ip_network(entry.strip("[]"), strict=False)
        except ValueError:
            return False
    if entry.startswith(("*.", ".")):
        return name.endswith("." + _plain(entry.removeprefix("*").removeprefix(".")))
    return name == _plain(entry)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.strip("[]"))
    except ValueError:
        return None


def _plain(name: str) -> str:
    return name.lower().removesuffix(".")
