"""TLS by a policy: authorities, a private bundle, an accepted fingerprint, or (for a limited time) anything."""

import hashlib
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from vatriage.model.instant import from_datetime
from vatriage.model.route import Route, TlsMode
from vatriage.net.interface import CertificateChangedError, CertificateError, NetError, Pins, Reason, Stage

_NOT_NOW = (9, 10)
"""X509_V_ERR_CERT_NOT_YET_VALID, _CERT_HAS_EXPIRED."""
_OTHER_NAME = (62, 64)
"""X509_V_ERR_HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One certificate of the chain that a server shows, as people read it."""

    subject: str
    issuer: str
    not_after_us: int
    """Microseconds; 0 = it cannot be read."""
    sha256: str

    @property
    def fingerprint(self) -> str:
        """The fingerprint in pairs, as browsers show it."""
        return spaced(self.sha256)


def spaced(sha256: str) -> str:
    """Return a fingerprint in pairs, upper case: `AB:CD:...`."""
    return ":".join(sha256[place : place + 2] for place in range(0, len(sha256), 2)).upper()


def context_of(route: Route, mode: TlsMode) -> ssl.SSLContext:
    """Return what checks certificates.

    PIN and ALWAYS check nothing here; what was presented is compared by `secured` before a byte is sent.
    Raises: CertificateError: the file or the bundle of authorities cannot be used.
    """
    if mode in (TlsMode.PIN, TlsMode.ALWAYS):
        return blind_context()
    own = route.ca_file or mode is TlsMode.PRIVATE
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if own else ssl.create_default_context()
        if mode is TlsMode.PRIVATE:
            context.load_verify_locations(cadata=route.tls.bundle)
    except (ssl.SSLError, ValueError) as error:
        raise _unusable("The bundle of private authorities in the TLS settings", error) from error
    try:
        if route.ca_file:
            context.load_verify_locations(cafile=route.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise _unusable(f"The authority file {route.ca_file}", error) from error
    return context


def blind_context() -> ssl.SSLContext:
    """Return a context that believes any certificate: to look at it, or where it is compared with an accepted one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def secured(connection: socket.socket, context: ssl.SSLContext, host: str, server: str) -> ssl.SSLSocket:
    """Return a connection with TLS on it.

    Args:
        connection: to the server, with its time limit; closed if this fails.
        context: what checks the certificate.
        host: whose certificate it must be.
        server: for messages.

    Raises:
        CertificateError, NetError: told apart by their reason.
    """
    try:
        return context.wrap_socket(connection, server_hostname=host.strip("[]"))
    except (OSError, ValueError) as error:
        connection.close()
        raise _told(error, server) from error


def check_pin(connection: ssl.SSLSocket, server: str, pins: Pins) -> str:
    """Return the fingerprint of the server's certificate, after comparing it with the accepted one.

    The first one that is seen is accepted. Raises: CertificateChangedError: it is another one; it is kept for a person.
    """
    presented = fingerprint(connection)
    accepted = pins.known(server)
    if accepted is None:
        pins.accept_first(server, presented)
    elif accepted != presented:
        pins.note_changed(server, presented)
        raise CertificateChangedError(server, spaced(accepted), spaced(presented))
    return presented


def fingerprint(connection: ssl.SSLSocket) -> str:
    """Return the SHA-256 of the server's own certificate, lower-case hexadecimal."""
    return hashlib.sha256(connection.getpeercert(binary_form=True) or b"").hexdigest()


def chain_of(connection: ssl.SSLSocket) -> tuple[Shown, ...]:
    """Return the certificates that the server sent, its own first."""
    inner = getattr(connection, "_sslobj", None)
    # Public from Python 3.13 on (SSLSocket.get_unverified_chain, as DER); 3.11 has it one floor below.
    told = getattr(connection, "get_unverified_chain", None) or getattr(inner, "get_unverified_chain", None)
    sent = [_der(item) for item in (told() or [])] if told else []
    own = connection.getpeercert(binary_form=True)
    return tuple(_shown(der) for der in (sent or ([own] if own else [])))


def bundle_of(pem: str) -> tuple[Shown, ...]:
    """Return the certificates of a PEM bundle. Raises: CertificateError: it holds none, or a broken one."""
    what = "The bundle of private authorities"
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise _unusable(what, error) from error
    return tuple(_shown(item.public_bytes(serialization.Encoding.DER)) for item in found)


def _der(certificate: object) -> bytes:
    if isinstance(certificate, bytes):
        return certificate
    encoding_der = 2  # _ssl.ENCODING_DER
    return bytes(certificate.public_bytes(encoding_der))  # type: ignore[attr-defined]  # _ssl.Certificate has no stub


def _shown(der: bytes) -> Shown:
    sha256 = hashlib.sha256(der).hexdigest()
    try:
        certificate = x509.load_der_x509_certificate(der)
        until = certificate.not_valid_after_utc.astimezone(UTC)
        subject, issuer = _name(certificate.subject), _name(certificate.issuer)
    except ValueError:
        return Shown(subject="(unreadable)", issuer="(unreadable)", not_after_us=0, sha256=sha256)
    return Shown(subject=subject, issuer=issuer, not_after_us=from_datetime(until), sha256=sha256)


def _name(name: x509.Name) -> str:
    """Return common name and organisation, or the whole name where it has neither."""
    wanted = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
    parts = [str(item.value) for oid in wanted for item in name.get_attributes_for_oid(oid)]
    return ", ".join(parts) or name.rfc4514_string() or "(no name)"


def _told(error: Exception, server: str) -> NetError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _untrusted(error, server)
    if isinstance(error, TimeoutError):
        return NetError(
            f"{server} did not finish the TLS handshake in time.", "Try again; a firewall may look into TLS.",
            reason=Reason.TIMEOUT, stage=Stage.TLS,
        )  # fmt: skip
    if isinstance(error, ConnectionError | ssl.SSLEOFError):
        return NetError(
            f"{server} hung up during the TLS handshake.", "A firewall or proxy may forbid TLS to this server.",
            reason=Reason.RESET, stage=Stage.TLS,
        )  # fmt: skip
    said = getattr(error, "reason", None) or error
    return NetError(
        f"{server} speaks no TLS that we speak: {said}.", "Check the port in the URL.",
        reason=Reason.NO_TLS, stage=Stage.TLS,
    )  # fmt: skip


def _untrusted(error: ssl.SSLCertVerificationError, server: str) -> CertificateError:
    said = error.verify_message.rstrip(".")
    if error.verify_code in _NOT_NOW:
        reason, hint = Reason.EXPIRED, "Have the certificate renewed; check this machine's clock."
    elif error.verify_code in _OTHER_NAME:
        reason, hint = Reason.WRONG_NAME, "Write the server's name in the URL as its certificate has it."
    else:
        reason, hint = Reason.UNTRUSTED, "If the server has a private authority, name it with --ca-file."
    text = f"The certificate of {server} is not trusted (CERTIFICATE_VERIFY_FAILED): {said}."
    return CertificateError(text, hint, reason=reason, stage=Stage.TLS)


def _unusable(what: str, error: Exception) -> CertificateError:
    said = str(error).partition(". See https")[0].rstrip(".")
    return CertificateError(
        f"{what} cannot be used: {said}.", "It must hold PEM certificates.",
        reason=Reason.BAD_AUTHORITIES, stage=Stage.TLS,
    )  # fmt: skip
