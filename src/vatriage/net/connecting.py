"""From a server's name to a TLS connection, by a route: the steps that a fetcher takes and a probe looks at."""

import socket
import ssl

from vatriage.clock import Clock, now_us
from vatriage.model.route import ProxySettings, Route, TlsMode, joined
from vatriage.net.interface import NetError, Pins, ProxyError, Reason, Stage, UnknownServerError
from vatriage.net.names import Resolution, resolve
from vatriage.net.tls import check_pin, context_of, secured
from vatriage.net.tunnels import through

_ONLY_PROXY = "; if only a proxy leads out of this network, name it in the proxy settings."


class Connecting:
    """Connects to one server.

    Args:
        route: through what, by whose DNS, under which TLS policy.
        host: name or literal address, without brackets.
        port: of the server.
        pins: the certificates that were accepted.
        clock: tells when a permission to accept anything ends.
        timeout_s: for each step.

    Raises: CertificateError: the authorities cannot be used.
    """

    def __init__(self, route: Route, host: str, port: int, *, pins: Pins, clock: Clock, timeout_s: float) -> None:
        self.host, self.port = host, port
        self.server = joined(host, port)
        self.proxy: ProxySettings | None = route.proxy_for(host)
        self.mode: TlsMode = route.tls_mode(now_us(clock))
        self.context: ssl.SSLContext = context_of(route, self.mode)
        self._route = route
        self._clock = clock
        self._pins = pins
        self._timeout_s = timeout_s

    def resolved(self) -> Resolution:
        """Return the addresses of what is connected to first: the server, or the proxy (which resolves the server).

        Raises: UnknownServerError, ProxyError.
        """
        if self.proxy is None:
            return resolve(self.host, self._route.dns, self._timeout_s)
        try:
            return resolve(self.proxy.address, self._route.dns, self._timeout_s)
        except UnknownServerError as error:
            raise ProxyError(
                f"The proxy's name is unknown. {error.message}",
                "Check address and port in the proxy settings, and the DNS settings.",
                reason=error.reason,
                stage=Stage.NAME,
            ) from error

    def reached(self, addresses: tuple[str, ...]) -> socket.socket:
        """Return a TCP connection to the first address that answers. Raises: NetError, ProxyError."""
        failed: OSError | None = None
        port = self.proxy.port if self.proxy else self.port
        for address in addresses:
            try:
                connection = socket.create_connection((address, port), self._timeout_s)
            except OSError as error:
                failed = error
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
        raise self._unreached(failed or OSError("it has no address"), addresses) from failed

    def tunnelled(self, connection: socket.socket) -> str:
        """Have the proxy go on to the server; return its answer. The connection is closed if this fails."""
        if self.proxy is None:
            return ""
        try:
            return through(connection, self.proxy, self.host, self.port)
        except NetError:
            connection.close()
            raise

    def connected(self) -> socket.socket:
        """Return a connection to the server, through the proxy if there is one. Raises: NetError."""
        connection = self.reached(self.resolved().addresses)
        self.tunnelled(connection)
        return connection

    def secure(self, connection: socket.socket) -> ssl.SSLSocket:
        """Return the connection with TLS on it, its certificate checked by the policy. Raises: NetError."""
        if self.mode is not self._route.tls_mode(now_us(self._clock)):  # a permission has ended since
            self.mode = self._route.tls_mode(now_us(self._clock))
            self.context = context_of(self._route, self.mode)
        wrapped = secured(connection, self.context, self.host, self.server)
        if self.mode is TlsMode.PIN:
            try:
                check_pin(wrapped, self.server, self._pins)
            except NetError:
                wrapped.close()
                raise
        return wrapped

    def _unreached(self, error: OSError, addresses: tuple[str, ...]) -> NetError:
        reason, said = _reason(error)
        tried = ", ".join(addresses)
        if self.proxy:
            return ProxyError(
                f"The proxy {self.proxy.place} ({tried}) cannot be reached: {said}.",
                "Check address and port in the proxy settings.",
                reason=reason,
                stage=Stage.PROXY,
            )
        return NetError(
            f"{self.server} ({tried}) cannot be reached: {said}.",
            f"Check the URL and the firewall (TCP {self.port})" + ("." if reason is Reason.REFUSED else _ONLY_PROXY),
            reason=reason,
            stage=Stage.TCP,
        )


def _reason(error: OSError) -> tuple[Reason, str]:
    if isinstance(error, TimeoutError):
        return Reason.TIMEOUT, "no answer in time"
    said = (error.strerror or str(error)).lower()
    if isinstance(error, ConnectionRefusedError):
        return Reason.REFUSED, said
    if isinstance(error, ConnectionError):
        return Reason.RESET, said
    return Reason.UNREACHABLE, said
