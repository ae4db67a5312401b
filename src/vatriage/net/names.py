"""Name resolution: by the system, or by DNS servers of our own. Literal addresses ask nobody."""

import socket
from dataclasses import dataclass

import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

from vatriage.model.route import DnsSettings, is_address
from vatriage.net.interface import Reason, Stage, UnknownServerError

_SYSTEM = "the system's resolver"
_UNKNOWN = (socket.EAI_NONAME, socket.EAI_NODATA)
_ATTEMPT_S = 2.0
"""How long one DNS server may think before the next one is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What a name stands for."""

    name: str
    addresses: tuple[str, ...]
    """In the order in which they are to be tried."""
    asked: tuple[str, ...] = ()
    """Who was asked; nobody for a literal address."""


def resolve(host: str, settings: DnsSettings, timeout_s: float) -> Resolution:
    """Return the addresses of a host.

    Raises: UnknownServerError: the name does not exist (UNKNOWN_HOST), or nobody told (NO_DNS).
    """
    if is_address(host):
        return Resolution(name=host, addresses=(host.strip("[]"),))
    if not settings.servers:
        return _by_system(host)
    return _by_servers(host, settings, timeout_s)


def _by_system(host: str) -> Resolution:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        unknown = error.errno in _UNKNOWN
        raise _failed(host, (_SYSTEM,), unknown=unknown, said=error.strerror or "") from error
    except UnicodeError as error:
        raise _failed(host, (_SYSTEM,), unknown=True, said="it is no host name") from error
    addresses = dict.fromkeys(str(place[0]) for *_, place in found)
    return Resolution(name=host, addresses=tuple(addresses), asked=(_SYSTEM,))


def _by_servers(host: str, settings: DnsSettings, timeout_s: float) -> Resolution:
    asked = tuple(map(str, settings.servers))
    resolver = _resolver(settings)
    try:
        first = resolver.resolve(host, "A", raise_on_no_answer=False, search=True, lifetime=timeout_s)
        addresses = _addresses(first)
        try:
            second = resolver.resolve(first.qname, "AAAA", raise_on_no_answer=False, lifetime=timeout_s)
            addresses += _addresses(second)
        except dns.exception.DNSException:
            if not addresses:
                raise
    except (dns.resolver.NXDOMAIN, dns.resolver.YXDOMAIN, dns.name.LabelTooLong, dns.name.NameTooLong) as error:
        raise _failed(host, asked, unknown=True, said=_said(error)) from error
    except (dns.exception.DNSException, OSError) as error:
        raise _failed(host, asked, unknown=False, said=_said(error)) from error
    if not addresses:
        raise _failed(host, asked, unknown=True, said="the name exists and has no address")
    return Resolution(name=host, addresses=tuple(addresses), asked=asked)


def _resolver(settings: DnsSettings) -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [dns.nameserver.Do53Nameserver(item.address, item.port) for item in settings.servers]
    resolver.search = [dns.name.from_text(domain) for domain in settings.search]
    resolver.domain = dns.name.root  # otherwise the machine's own domain is tried
    resolver.timeout = _ATTEMPT_S
    return resolver


def _addresses(answer: dns.resolver.Answer) -> list[str]:
    wanted = (dns.rdatatype.A, dns.rdatatype.AAAA)
    return [item.address for item in answer.rrset or () if item.rdtype in wanted]


def _said(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")


def _failed(host: str, asked: tuple[str, ...], *, unknown: bool, said: str) -> UnknownServerError:
    by = ", ".join(asked)
    what = f"{by} knows no such name" if unknown else f"{by} gave no answer"
    return UnknownServerError(
        f"Unknown host: {host}. {what[0].upper()}{what[1:]} ({said}).",
        "Check the URL and the DNS settings.",
        reason=Reason.UNKNOWN_HOST if unknown else Reason.NO_DNS,
        stage=Stage.NAME,
    )
