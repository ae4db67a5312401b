"""Where the service listens: an address, a port, a certificate; what cannot be is told before anything starts."""

import ssl
from dataclasses import dataclass
from errno import EACCES, EADDRINUSE, EADDRNOTAVAIL
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from socket import AF_INET, AF_INET6, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, create_connection, socket

from vatriage.errors import UsageError, VatriageError


class ServiceError(VatriageError):
    """The service cannot listen, or its processes end again and again."""

    exit_code = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where the service listens."""

    address: IPv4Address | IPv6Address
    """One of this machine's, or 0.0.0.0 / :: for all of them."""
    port: int
    certificate: Path | None
    """PEM chain, the service's own first; None = no TLS of our own."""
    key: Path | None
    """PEM key of the certificate, without a password."""

    @property
    def url(self) -> str:
        """What a person types into a browser on this machine."""
        name = f"[{self.address}]" if self.address.version == 6 else str(self.address)
        return f"{'https' if self.certificate else 'http'}://{name}:{self.port}/"

    def is_answering(self) -> bool:
        """Whether something takes connections there."""
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not listened to
        reached = everywhere.get(str(self.address), str(self.address))
        try:
            create_connection((reached, self.port), timeout=1).close()
        except OSError:
            return False
        return True


def checked_endpoint(
    address: str, port: int, *, certificate: Path | None = None, key: Path | None = None, plain_http: bool = False
) -> Endpoint:
    """Return where to listen, after trying it.

    Args:
        address: as typed.
        port: the same.
        certificate: PEM chain.
        key: its key.
        plain_http: passwords may cross the network in clear.

    Raises:
        UsageError: no such address here, half a certificate, or passwords in clear without having been asked for.
        ServiceError: the port is taken, or is not for this user.
    """
    try:
        parsed = ip_address(address)
    except ValueError as error:
        raise UsageError(f"{address!r} is no IP address to listen on.", "Write one like 127.0.0.1 or ::1.") from error
    if (certificate is None) != (key is None):
        raise UsageError("--certificate and --key belong together.", "Give both, or neither.")
    if certificate is not None and key is not None:
        _check_certificate(certificate, key)
    elif not parsed.is_loopback and not plain_http:
        raise UsageError(
            f"Listening on {parsed} without TLS would send passwords in clear over the network.",
            "Give --certificate and --key; or --plain-http where a proxy in front ends TLS and nobody else gets through.",
        )
    endpoint = Endpoint(address=parsed, port=port, certificate=certificate, key=key)
    _try(endpoint)
    return endpoint


def _check_certificate(certificate: Path, key: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password="")  # never asks at the terminal
    except ssl.SSLError as error:
        reason = (error.reason or str(error)).replace("_", " ").lower()
        raise UsageError(
            f"The certificate {certificate} and the key {key} cannot be used together: {reason}.",
            "Both are PEM; the chain begins with the service's own certificate; the key has no password.",
        ) from error
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"The certificate {certificate} or the key {key} cannot be read: {said}.", "Check the paths."
        ) from error


def _try(endpoint: Endpoint) -> None:
    """Bind once, without SO_REUSEPORT: granian's workers share the port, so a second service would start beside the first."""
    with socket(AF_INET6 if endpoint.address.version == 6 else AF_INET, SOCK_STREAM) as trial:
        trial.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            trial.bind((str(endpoint.address), endpoint.port))
        except OSError as error:
            raise _refused(endpoint, error) from error


def _refused(endpoint: Endpoint, error: OSError) -> VatriageError:
    place = f"{endpoint.address}, port {endpoint.port}"
    if error.errno == EADDRINUSE:
        return ServiceError(f"Another program listens on {place}.", "Choose another --port, or end that program.")
    if error.errno == EACCES:
        return ServiceError(
            f"This user may not listen on {place}.", "Choose a --port above 1023, and a proxy in front for port 443."
        )
    if error.errno == EADDRNOTAVAIL:
        return UsageError(f"This machine has no address {endpoint.address}.", "Choose one of its own, or 127.0.0.1.")
    return ServiceError(f"Listening on {place} failed: {error.strerror or error}.", "Choose another --address.")
