"""The words of a failure, for command line, web and REST alike: the seed's messages (Table 12-1) and the causes that fit.

Pure. A cause is listed only if nothing that went well before rules it out: where a name was resolved, DNS is not to
blame; where no proxy is set, no proxy is.
"""

from collections.abc import Callable
from dataclasses import dataclass

from vatriage.errors import VatriageError
from vatriage.model.route import ProxyMode, Route, TlsMode, is_address, split
from vatriage.net.interface import CertificateError, NetError, Reason, Stage
from vatriage.net.permits import LongWaitError
from vatriage.usecases.diagnosis import Trouble
from vatriage.vendors.interface import (
    Calls,
    CredentialsRejectedError,
    RateLimitedError,
    Refusal,
    ReportUnreadableError,
    VendorError,
)

TEST_FAILED = "Test connectivity failed. Click the View Errors button for more information."
SERVER_UNAVAILABLE = "Server unavailable."
UNREADABLE = "Fail to parse scan report."
CREDENTIALS = "Invalid user credentials."
_NOT_WHOLE = "The answer of the server cannot be used."
_LIMIT = "The account's API limit is reached."
_REFUSED = "The server refused the request."


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What is known of the way to a server, without any secret."""

    host: str
    port: int
    proxy: str = ""
    """`address:port` of the proxy that is used, "" = none."""
    proxy_set: bool = False
    """A proxy is set, though it may not be used for this server."""
    proxy_user: bool = False
    dns: tuple[str, ...] = ()
    """DNS servers of our own, empty = the system's."""
    private: bool = False
    """A private authority is named."""
    pinned: bool = False


def way_of(server: str, route: Route) -> Way:
    """Return the way to a server (`host` or `host:port`) by a route."""
    host, port = split(server)
    proxy = route.proxy_for(host)
    return Way(
        host=host, port=port, proxy=proxy.place if proxy else "", proxy_set=route.proxy.mode is not ProxyMode.NONE,
        proxy_user=bool(proxy and proxy.user), dns=tuple(map(str, route.dns.servers)),
        private=bool(route.ca_file) or route.tls.mode is TlsMode.PRIVATE, pinned=route.tls.mode is TlsMode.PIN,
    )  # fmt: skip


def unknown_host(vendor: str, host: str) -> tuple[str, tuple[str, ...]]:
    """Return the seed's message for a name that cannot be resolved, and its hints."""
    message = f"Test connectivity failed for {vendor}. Unknown host: {host} Please make sure that,"
    direct = f"If there is no direct connection exists from CS-MARS to {vendor.capitalize()} server"
    return message, (
        f"Proxy settings are configured correctly, {direct}",
        "The hostname specified in the URL string is correct",
        "Login name and Password is valid.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Puts failures into words.

    Args:
        vendor: its name, lower case.
        explained: the vendor's causes of a refusal (Calls.explained).
    """

    vendor: str
    explained: Callable[[Refusal], tuple[str, ...]]

    def tested(self, error: VatriageError, way: Way, stage: str) -> Trouble:
        """Return what Test Connectivity says of a failure at a stage."""
        if isinstance(error, NetError):
            return self._net(error, way, stage)
        return self._vendor(error, stage, tested=True)

    def pulled(self, error: VatriageError, way: Way) -> Trouble:
        """Return what the page of a failed pull says."""
        if not isinstance(error, NetError):
            return self._vendor(error, "scan report", tested=False)
        told = self._net(error, way, _stage_name(error))
        if error.stage is Stage.NAME and not way.proxy:
            return told
        return Trouble(
            code=told.code, message=SERVER_UNAVAILABLE, stage=told.stage, came_back=told.came_back,
            causes=told.causes, exit_code=told.exit_code,
        )  # fmt: skip

    def _net(self, error: NetError, way: Way, stage: str) -> Trouble:
        message, hints = f"{TEST_FAILED} {SERVER_UNAVAILABLE}", ()
        if error.stage is Stage.NAME and not way.proxy:
            message, hints = unknown_host(self.vendor, way.host)  # type: ignore[assignment]  # a tuple of another length
        return Trouble(
            code=f"{error.stage.name.lower()}/{error.reason}", message=message, hints=hints, stage=stage,
            came_back=error.message, causes=_net_causes(error, way), exit_code=error.exit_code,
        )  # fmt: skip

    def _vendor(self, error: VatriageError, stage: str, *, tested: bool) -> Trouble:
        refusal = error.refusal if isinstance(error, VendorError) else None
        if isinstance(error, LongWaitError):
            refusal = Refusal.RATE
        causes = self.explained(refusal) if refusal else ((error.hint,) if error.hint else ())
        if refusal is Refusal.UNREADABLE and not tested:
            causes = UNREADABLE_CAUSES
        return Trouble(
            code=f"vendor/{refusal or 'other'}", message=_vendor_message(error, refusal, tested=tested), stage=stage,
            came_back=(error.said if isinstance(error, VendorError) else "") or error.message, causes=causes,
            exit_code=error.exit_code,
        )  # fmt: skip


def words_of(calls: Calls) -> Words:
    """Return who puts failures into words, for a vendor."""
    return Words(vendor=calls.vendor, explained=calls.explained)


UNREADABLE_CAUSES = (
    "The report was damaged at the vendor's or on its way: pull again; the raw page is kept with the pull.",
    "The vendor has changed the form of its reports: see whether a newer version of this program reads it.",
)
"""Of a scan report that cannot be read (Table 12-1)."""


def _vendor_message(error: VatriageError, refusal: Refusal | None, *, tested: bool) -> str:
    if isinstance(error, CredentialsRejectedError):
        return CREDENTIALS
    if isinstance(error, ReportUnreadableError):
        said = UNREADABLE if not tested else _NOT_WHOLE
    elif isinstance(error, RateLimitedError | LongWaitError):
        said = _LIMIT
    elif refusal in (Refusal.MAINTENANCE, Refusal.TROUBLE, Refusal.VERSION):
        said = SERVER_UNAVAILABLE
    else:
        said = _REFUSED
    return f"{TEST_FAILED} {said}" if tested else said


def _stage_name(error: NetError) -> str:
    return "scan report" if error.stage is Stage.ANSWER else error.stage.value


def _net_causes(error: NetError, way: Way) -> tuple[str, ...]:
    if isinstance(error, CertificateError) or error.stage is Stage.TLS:
        return _tls_causes(error, way)
    by_stage = {Stage.NAME: _name_causes, Stage.PROXY: _proxy_causes, Stage.TCP: _tcp_causes}
    return by_stage.get(error.stage, _answer_causes)(error, way)


def _name_causes(error: NetError, way: Way) -> tuple[str, ...]:
    whose = "in the DNS settings" if way.dns else "of this machine (the DNS settings may name others)"
    servers = f"the DNS servers {', '.join(way.dns)}" if way.dns else "the DNS servers"
    if error.reason is Reason.NO_DNS:
        return (
            f"The DNS servers {whose} are wrong or do not run: correct them.",
            f"A firewall keeps us from {servers} (port 53, UDP and TCP): open it.",
        )
    if way.proxy:
        return (
            "The proxy's address in the proxy settings is wrong: correct it.",
            f"The DNS servers {whose} do not know the proxy's name: correct them, or write the proxy's IP address.",
        )
    causes = (
        f"The host {way.host} in the URL is wrong: correct it.",
        f"The DNS servers {whose} do not know it: correct them.",
    )
    if way.proxy_set:
        return (*causes, f"The proxy would resolve it, but {way.host} is on the list of servers reached without it.")
    return (*causes, "There is no direct connection from this machine to the server, and no proxy is set: set one.")


def _proxy_causes(error: NetError, way: Way) -> tuple[str, ...]:
    match error.reason:
        case Reason.PROXY_LOGIN:
            wrong = (
                "User or password in the proxy settings is wrong"
                if way.proxy_user
                else "The proxy settings name no user"
            )
            return (f"{wrong}: correct it.",)
        case Reason.PROXY_REFUSED:
            return (f"The proxy's rules do not allow {way.host}, port {way.port}: have them changed.",)
        case Reason.NO_PROXY | Reason.RESET:
            return ("Address, port or kind (HTTP, SOCKS5) in the proxy settings is wrong: correct it.",)
        case _:
            return (
                "Address or port in the proxy settings is wrong: correct it.",
                f"The proxy {way.proxy} does not run: have it started.",
                f"A firewall between this machine and the proxy blocks {way.proxy}: open it.",
            )


def _tcp_causes(error: NetError, way: Way) -> tuple[str, ...]:
    what = "address" if is_address(way.host) else "host"
    if error.reason is Reason.BEYOND_PROXY:
        return (
            f"The {what} {way.host} or the port {way.port} in the URL is wrong: correct it.",
            f"The proxy {way.proxy} cannot resolve or reach {way.host}: have its DNS and its firewall looked at.",
        )
    causes = [f"The {what} or port in the URL is wrong ({way.host}, port {way.port}): correct it."]
    if error.reason is Reason.REFUSED:
        causes.append(
            f"A firewall or gateway refuses TCP port {way.port}: open it between this machine and the server."
        )
    else:
        causes.append(f"A firewall or gateway blocks TCP port {way.port}: open it between this machine and the server.")
        if not way.proxy_set:
            causes.append("This network lets only a proxy out, and none is set: set one.")
    if way.proxy_set:
        causes.append(f"{way.host} is on the list of servers that are reached without the proxy: take it off.")
    return tuple(causes)


def _tls_causes(error: NetError, way: Way) -> tuple[str, ...]:
    own = "another authority than the one that is named" if way.private else "a private authority"
    return {
        Reason.UNTRUSTED: (
            f"The server has a certificate of {own}: name it with --ca-file or in the TLS settings.",
            "A proxy that looks into TLS shows a certificate of its own (see the issuer): name its authority there.",
            "Somebody pretends to be the server: do not send a password.",
        ),
        Reason.EXPIRED: (
            "The certificate has expired or is not valid yet: have the server's owner renew it.",
            "The clock of this machine is wrong: set it.",
        ),
        Reason.WRONG_NAME: (
            f"The URL names the server ({way.host}) otherwise than its certificate: write it as the certificate does.",
            "Another server answers at this address: correct the URL.",
        ),
        Reason.CHANGED: (
            "The server has a new certificate: ask its owner for the fingerprint, and accept it.",
            "Somebody pretends to be the server: do not accept it.",
        ),
        Reason.BAD_AUTHORITIES: ("The file or bundle of private authorities is missing or broken: name another one.",),
        Reason.NO_TLS: (
            f"Something else than an HTTPS server answers at port {way.port}: correct the port in the URL.",
        ),
    }.get(error.reason, (f"A firewall or gateway breaks off TLS to {way.host}: have it looked at.",))


def _answer_causes(error: NetError, way: Way) -> tuple[str, ...]:
    if error.reason is Reason.SILENT:
        return (f"{way.host} is slow or overloaded: try again later.",)
    between = f"{way.host} or the proxy {way.proxy}" if way.proxy else way.host
    return (
        f"{between} broke off the connection: try again.",
        "A firewall or gateway ends connections that last: have it looked at.",
    )
