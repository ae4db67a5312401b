"""Where verdicts are sent: the address of a receiver, and what one sending holds."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from vatriage.errors import UsageError
from vatriage.model.alert import Alert
from vatriage.model.route import is_address, is_host_name, joined, split
from vatriage.model.verdict import VerdictRecord


class Kind(StrEnum):
    """How a receiver is spoken to; its URL's scheme says it."""

    WEBHOOK = "webhook"
    """`https`: one signed POST a verdict."""
    SYSLOG = "syslog"
    """`tls`, `tcp`, `udp`: one RFC 5424 line a verdict, CEF inside."""
    MAIL = "mail"
    """`smtps`, `smtp`: a digest by schedule."""


class News(StrEnum):
    """Why something is sent."""

    VERDICT = "verdict"
    """An alert was judged for the first time."""
    ESCALATION = "escalation"
    """An alert that was judged before got a worse verdict."""
    TEST = "test"
    """A person asked for a test message."""


_SCHEMES = {
    "https": (Kind.WEBHOOK, 443), "tls": (Kind.SYSLOG, 6514), "tcp": (Kind.SYSLOG, 601), "udp": (Kind.SYSLOG, 514),
    "smtps": (Kind.MAIL, 465), "smtp": (Kind.MAIL, 587),
}  # fmt: skip
"""Scheme -> kind and usual port (RFC 5425, 6587, 5426, 8314, 6409)."""
_URL = re.compile(r"(?P<scheme>[A-Za-z]+)://(?P<server>[^\s/?#]+)(?P<rest>[/?][^\s#]*)?", re.ASCII)
_LONGEST = 500
_HIGHEST_PORT = 65_535
_HINT = "Write https://HOST/PATH, tls://HOST, tcp://HOST, udp://HOST, smtps://HOST or smtp://HOST, with :PORT behind HOST if need be."


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A receiver's address."""

    kind: Kind
    scheme: str
    host: str
    """Name or literal address, without brackets."""
    port: int
    path: str
    """Of a webhook: absolute, with its query."""

    @property
    def server(self) -> str:
        """`host:port`: to whom a secret belongs."""
        return joined(self.host, self.port)

    @property
    def url(self) -> str:
        """The address in its one spelling."""
        return f"{self.scheme}://{self.server}{self.path}"


class Outgoing(NamedTuple):
    """One thing to be sent."""

    delivery: str
    """Its stable id: a receiver that gets it twice can tell."""
    news: News
    content: bytes
    """The record as it is stored, JSON."""
    record: VerdictRecord
    alert: Alert
    """As much of it as the store's columns hold."""


def place_of(url: str) -> Place:
    """Return the address that a URL is. Raises: UsageError: it is none, or holds a login."""
    text = url.strip()
    plain = text.isascii() and text.isprintable() and len(text) <= _LONGEST
    found = _URL.fullmatch(text) if plain else None
    if found is None or found["scheme"].lower() not in _SCHEMES:
        raise UsageError("That is no URL of a receiver.", _HINT)
    if "@" in found["server"]:
        raise UsageError("The URL holds a login.", "Give login and secret by themselves: URLs are shown and logged.")
    scheme, rest = found["scheme"].lower(), found["rest"] or ""
    kind, usual = _SCHEMES[scheme]
    host, port = split(found["server"].lower(), usual)
    if not (is_host_name(host) or is_address(host)) or not 0 < port <= _HIGHEST_PORT:
        raise UsageError("The URL names no host, or no port from 1 to 65,535.", _HINT)
    path = rest if rest.startswith("/") else f"/{rest}"
    if kind is not Kind.WEBHOOK and path != "/":
        raise UsageError("The URL says more than a host and a port.", _HINT)
    return Place(kind=kind, scheme=scheme, host=host, port=port, path=path if kind is Kind.WEBHOOK else "")
