"""The staged diagnosis of a connection: the fetcher's own steps, one by one, timed. Nothing is sent over TLS."""

import socket
import ssl
import time
from dataclasses import dataclass, field

from vatriage.model.instant import format_instant
from vatriage.model.route import TlsMode
from vatriage.net.connecting import Connecting
from vatriage.net.interface import CertificateError, NetError, Stage
from vatriage.net.names import Resolution
from vatriage.net.tls import Shown, blind_context, chain_of, secured


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stage that was tried."""

    stage: Stage
    said: tuple[str, ...] = ()
    """What was found, one sentence each."""
    ms: int = 0
    error: NetError | None = None
    """None = it went well."""
    idle: bool = False
    """There is no such stage on this way."""


@dataclass(slots=True, kw_only=True)
class Reach:
    """How far a connection came."""

    steps: list[Step] = field(default_factory=list)
    """In order; the last one is the one that failed, if any did."""
    chain: tuple[Shown, ...] = ()
    """The certificates that the server showed, its own first."""
    accepts_anything: bool = False
    """The policy believes any certificate at present."""

    @property
    def error(self) -> NetError | None:
        """What ended it, None if the TLS connection stands."""
        return self.steps[-1].error if self.steps else None


def probe(connecting: Connecting) -> Reach:
    """Connect stage by stage, look at the certificate, and hang up."""
    reach = Reach(accepts_anything=connecting.mode is TlsMode.ALWAYS)
    watch = _Watch(reach)
    try:
        found = connecting.resolved()
        watch.passed(Stage.NAME, *_resolved(connecting, found))
        connection = connecting.reached(found.addresses)
        _tunnel(connecting, connection, watch)
        wrapped = connecting.secure(connection)
        with wrapped:
            reach.chain = chain_of(wrapped)
            watch.passed(Stage.TLS, *_certificate(connecting, wrapped, reach.chain))
    except NetError as error:
        watch.failed(error)
        if isinstance(error, CertificateError):
            reach.chain = _presented(connecting)
    return reach


class _Watch:
    """Notes stages with the time since the last one."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._since = time.perf_counter()

    def passed(self, stage: Stage, *said: str) -> None:
        self._reach.steps.append(Step(stage=stage, said=said, ms=self._ms()))

    def idle(self, stage: Stage, said: str) -> None:
        self._reach.steps.append(Step(stage=stage, said=(said,), idle=True))

    def failed(self, error: NetError) -> None:
        self._reach.steps.append(Step(stage=error.stage, ms=self._ms(), error=error))

    def _ms(self) -> int:
        since, self._since = self._since, time.perf_counter()
        return round((self._since - since) * 1000)


def _tunnel(connecting: Connecting, connection: socket.socket, watch: _Watch) -> None:
    """Note the stages proxy and TCP; with a proxy the second is the proxy's word."""
    proxy = connecting.proxy
    if proxy is None:
        watch.idle(Stage.PROXY, "No proxy is used for this server.")
        watch.passed(Stage.TCP, f"{_peer(connection)} accepted the connection.")
        return
    reached = f"The proxy {proxy.place} ({proxy.mode}) was reached."
    login = "" if not proxy.user else f" It accepted the login of {proxy.user!r}."
    try:
        answered = connecting.tunnelled(connection)
    except NetError as error:
        if error.stage is Stage.TCP:
            watch.passed(Stage.PROXY, reached + login)
        raise
    watch.passed(Stage.PROXY, reached + login)
    watch.passed(Stage.TCP, f"The proxy connected to {connecting.server}: {answered}.")


def _resolved(connecting: Connecting, found: Resolution) -> tuple[str, ...]:
    addresses = ", ".join(found.addresses)
    if found.asked:
        said = f"{found.name} is {addresses}, says {', '.join(found.asked)}."
    else:
        said = f"{found.name} is a literal address: nobody was asked."
    if connecting.proxy is None:
        return (said,)
    return (said, f"The proxy resolves {connecting.host}.")


def _certificate(connecting: Connecting, wrapped: ssl.SSLSocket, chain: tuple[Shown, ...]) -> tuple[str, ...]:
    checked = {
        TlsMode.AUTHORITIES: "It is signed by an authority that is trusted.",
        TlsMode.PRIVATE: "It is signed by a private authority of the TLS settings, or of the device's own file.",
        TlsMode.PIN: "It is the certificate that was accepted, or the first one that was seen of this server.",
        TlsMode.ALWAYS: "NOTHING WAS CHECKED: any certificate is accepted at present, an attacker's too.",
    }
    version = wrapped.version() or "TLS"
    return (*(said for item in chain[:1] for said in described(item)), f"{version}. {checked[connecting.mode]}")


def described(shown: Shown) -> tuple[str, ...]:
    """Return a certificate in two sentences."""
    until = format_instant(shown.not_after_us) if shown.not_after_us else "an unknown date"
    return (
        f"The certificate is that of {shown.subject}, issued by {shown.issuer}, valid until {until}.",
        f"SHA-256 {shown.fingerprint}.",
    )


def _presented(connecting: Connecting) -> tuple[Shown, ...]:
    """Look once more at what the server shows, believing nothing and sending nothing."""
    try:
        connection = connecting.connected()
        with secured(connection, blind_context(), connecting.host, connecting.server) as wrapped:
            return chain_of(wrapped)
    except NetError:
        return ()  # it is gone meanwhile: the failure itself is told all the same


def _peer(connection: socket.socket) -> str:
    address, port = connection.getpeername()[:2]
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
