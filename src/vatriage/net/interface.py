"""Bytes from afar: one request, its answer written to a file, errors told apart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from vatriage.errors import VatriageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call to a server. Login and password are the fetcher's."""

    resource: str
    """What is asked for, in our words (`host_list`)."""
    path: str
    """Absolute path on the server."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    """POST, or GET where the function knows no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back; the body is in the file that was given."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""


Heard = Callable[[bytes], None]
"""Told of every piece of a body as it arrives; of an answer that refuses a call for its limits, not."""


class Fetcher(Protocol):
    """Sends requests to one server under one login."""

    def fetch(self, request: Request, body: Path, heard: Heard | None = None) -> Answer:
        """Send a request and write the answer's body to a file, piece by piece.

        Raises:
            NetError: no whole answer came; the file holds what came of it.
        """


class Pins(Protocol):
    """The certificates that were accepted, by server (`host:port`), as SHA-256 in lower-case hexadecimal."""

    def known(self, server: str) -> str | None:
        """Return the accepted fingerprint, None if the server was never seen."""

    def accept_first(self, server: str, sha256: str) -> None:
        """Keep the first fingerprint that was seen of a server."""

    def note_changed(self, server: str, sha256: str) -> None:
        """Keep another fingerprint, for a person to accept or not."""


class Stage(StrEnum):
    """How far a connection came."""

    NAME = "name resolution"
    PROXY = "proxy"
    TCP = "TCP"
    TLS = "TLS"
    ANSWER = "answer"


class Reason(StrEnum):
    """Why there is no whole answer: one word for each cause."""

    UNKNOWN_HOST = "unknown_host"
    """The name does not exist."""
    NO_DNS = "no_dns"
    """No DNS server told whether it exists."""
    REFUSED = "refused"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    RESET = "reset"
    """The other end hung up."""
    PROXY_LOGIN = "proxy_login"
    """The proxy wants a login, or another one."""
    PROXY_REFUSED = "proxy_refused"
    """The proxy's rules forbid it."""
    NO_PROXY = "no_proxy"
    """What answers is no proxy of this kind."""
    BEYOND_PROXY = "beyond_proxy"
    """The proxy could not reach the server."""
    UNTRUSTED = "untrusted"
    """Nobody that we trust signed the certificate."""
    EXPIRED = "expired_certificate"
    """The certificate is not valid at this time."""
    WRONG_NAME = "wrong_name"
    """The certificate is another server's."""
    CHANGED = "changed_certificate"
    """The certificate is not the one that was accepted."""
    BAD_AUTHORITIES = "bad_authorities"
    """Our own file or bundle of authorities cannot be used."""
    NO_TLS = "no_tls"
    """What answers speaks no TLS that we speak."""
    SILENT = "silent"
    """The connection stands, and nothing comes."""
    BROKEN_OFF = "broken_off"
    """The answer is not whole."""


class NetError(VatriageError):
    """The server cannot be reached, or its answer broke off (seed, Table 12-1: Server unavailable).

    Attributes:
        reason: why.
        stage: how far it came.
    """

    exit_code = 4

    def __init__(
        self, message: str, hint: str = "", *, reason: Reason = Reason.UNREACHABLE, stage: Stage = Stage.ANSWER
    ) -> None:
        super().__init__(message, hint)
        self.reason = reason
        self.stage = stage


class UnknownServerError(NetError):
    """The server's name cannot be resolved (seed, Table 12-1: Unknown host)."""


class ProxyError(NetError):
    """The proxy did not let us through."""


class CertificateError(NetError):
    """The server's certificate is not one that we trust."""


class CertificateChangedError(CertificateError):
    """The server shows another certificate than the one that was accepted.

    Attributes:
        server: `host:port`.
        accepted: the fingerprint that was accepted.
        presented: the one that came.
    """

    def __init__(self, server: str, accepted: str, presented: str) -> None:
        super().__init__(
            f"{server} shows another certificate than the one that was accepted: {presented} instead of {accepted} "
            "(SHA-256).",
            "If the server got a new certificate, and its owner tells you this fingerprint: `vatriage system "
            "accept-certificate`. If not, somebody may be listening.",
            reason=Reason.CHANGED,
            stage=Stage.TLS,
        )
        self.server, self.accepted, self.presented = server, accepted, presented
