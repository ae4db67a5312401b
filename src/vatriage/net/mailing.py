"""One e-mail to a mail server: TLS from the first byte or by STARTTLS, never without; by a route like every connection."""

import smtplib
import socket
import ssl
from collections.abc import Sequence

from vatriage.model.secret import Secret
from vatriage.net.connecting import Connecting
from vatriage.net.interface import CertificateError, NetError, Reason, Stage

_TAKEN = (250, 251)


class NotTakenError(NetError):
    """The mail server was reached and does not take the message, the login or a recipient."""


class _Smtp(smtplib.SMTP):
    """smtplib's client over a connection of ours."""

    def __init__(self, connecting: Connecting, *, tls: bool, timeout_s: float) -> None:
        self._connecting = connecting
        self._tls = tls
        super().__init__(local_hostname=socket.gethostname(), timeout=timeout_s)
        self._host = connecting.host  # whose certificate starttls() asks for

    def _get_socket(self, host: str, port: int, timeout: float | None) -> socket.socket:  # noqa: ARG002 - smtplib's signature
        connection = self._connecting.connected()
        if self._tls:
            connection = self._connecting.secure(connection)
        connection.settimeout(timeout)
        return connection


def send_mail(
    connecting: Connecting, message: bytes, *, sender: str, recipients: Sequence[str], login: str, password: Secret,
    tls: bool, timeout_s: float,
) -> None:  # fmt: skip
    """Send one message; all recipients are taken, or it is an error.

    Args:
        connecting: to the mail server.
        message: with its headers.
        sender: of the envelope.
        recipients: of the envelope.
        login: "" = none is asked for.
        password: the login's.
        tls: from the first byte; False = STARTTLS, without which nothing is sent.
        timeout_s: for each step.

    Raises:
        NotTakenError: the server refuses.
        NetError: it is not reached, speaks no TLS, or breaks off.
    """
    server = connecting.server
    try:
        with _Smtp(connecting, tls=tls, timeout_s=timeout_s) as client:
            client.connect(connecting.host, connecting.port)
            if not tls:
                client.starttls(context=connecting.context)
            if login:
                client.login(login, password.reveal())
            _hand_over(client, message, sender, recipients)
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        # a UnicodeError holds what it could not encode: the login or the password
        raise _told(server, error) from (None if isinstance(error, UnicodeError) else error)


def _told(server: str, error: Exception) -> NetError:
    """Return what went wrong between us and a mail server, in words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateError(
            f"The certificate of {server} is not trusted (CERTIFICATE_VERIFY_FAILED): {error.verify_message}.",
            "If the server has a private authority, name it with --ca-file.", reason=Reason.UNTRUSTED, stage=Stage.TLS,
        )  # fmt: skip
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return NetError(
            f"{server} offers no TLS or no login that we speak: {error}.", "Nothing is sent without TLS: try smtps://.",
            reason=Reason.NO_TLS, stage=Stage.TLS,
        )  # fmt: skip
    if isinstance(error, UnicodeError):
        return NotTakenError(
            f"{server} cannot be told the login or the password: mail servers take plain ASCII letters only.",
            "Choose a login and a password of ASCII letters.",
        )
    if isinstance(error, smtplib.SMTPResponseException):
        return _not_taken(server, (error.smtp_code, error.smtp_error))
    return NetError(f"The connection to {server} broke: {error}.", "It is tried again.", reason=Reason.BROKEN_OFF)


def _hand_over(client: _Smtp, message: bytes, sender: str, recipients: Sequence[str]) -> None:
    """Send a message to all recipients or to none: who got it would get it again with every further try.

    Raises: SMTPException: something was refused; OSError.
    """
    client.ehlo_or_helo_if_needed()
    for code, text in (client.mail(sender), *(client.rcpt(address) for address in recipients)):
        if code not in _TAKEN:
            raise smtplib.SMTPResponseException(code, text)
    code, text = client.data(message)
    if code not in _TAKEN:
        raise smtplib.SMTPResponseException(code, text)


def _not_taken(server: str, answer: tuple[int, bytes | str]) -> NotTakenError:
    code, text = answer
    whole = " ".join((text.decode("utf-8", "replace") if isinstance(text, bytes) else text).split())
    said = "".join(one for one in whole if one.isprintable())[:200]
    return NotTakenError(f"{server} answered {code}: {said}.", "Check login, sender and recipients.")
