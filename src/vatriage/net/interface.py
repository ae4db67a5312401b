"""Bytes from afar: one request, its answer written to a file, errors told apart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
"""Told of every piece of a body as it arrives."""


class Fetcher(Protocol):
    """Sends requests to one server under one login."""

    def fetch(self, request: Request, body: Path, heard: Heard | None = None) -> Answer:
        """Send a request and write the answer's body to a file, piece by piece.

        Raises:
            NetError: no whole answer came; the file holds what came of it.
        """


class NetError(VatriageError):
    """The server cannot be reached, or its answer broke off (seed, Table 12-1: Server unavailable)."""

    exit_code = 4


class UnknownServerError(NetError):
    """The server's name cannot be resolved (seed, Table 12-1: Unknown host)."""


class CertificateError(NetError):
    """The server's certificate is not one that we trust."""
