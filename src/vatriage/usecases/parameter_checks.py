"""What may stand in the system parameters: every error names the field, as a form shows it beside the field."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from vatriage.errors import UsageError
from vatriage.model.instant import DAY_US, format_instant, parse_instant
from vatriage.model.route import ProxyMode, TlsMode, is_address, is_bypass_entry, is_host_name
from vatriage.net.interface import CertificateError
from vatriage.net.tls import bundle_of

Content = Mapping[str, Any]
LONGEST_ALWAYS_US = 7 * DAY_US
"""For so long any certificate may be accepted."""
_LONGEST = {"user": 255, "password_token": 4000, "bundle": 1_000_000, "until": 40}
_MOST_ENTRIES = 200
_SERVER = re.compile(
    r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::(\d{1,5}))?|([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)"
)


class FieldError(UsageError):
    """A field cannot be meant.

    Attributes:
        field: its name in the content.
    """

    def __init__(self, field: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.field = field


def check_proxy(content: Content) -> None:
    """Raise: FieldError: these are no proxy settings."""
    _check_fields(
        content, {"mode": str, "address": str, "port": int, "user": str, "password_token": str, "bypass": list}
    )
    mode = _word("mode", content["mode"], list(ProxyMode))
    _check_entries("bypass", content["bypass"], is_bypass_entry, "a name, .suffix, address or block like 10.0.0.0/8")
    if mode == ProxyMode.NONE:
        return
    address = content["address"]
    if not (is_address(address) or is_host_name(address)):
        raise FieldError("address", f"The proxy's address {address!r} is neither a name nor an address.")
    if not 0 < content["port"] < 65_536:
        raise FieldError("port", f"The proxy's port {content['port']} is not from 1 to 65535.")
    if ":" in content["user"] and mode == ProxyMode.HTTP:
        raise FieldError("user", "The proxy's user may not hold a colon: Basic authentication ends the name there.")
    if content["password_token"] and not content["user"]:
        raise FieldError("user", "A proxy password without a user is never sent.", "Name the user too.")


def check_dns(content: Content) -> None:
    """Raise: FieldError: these are no DNS settings."""
    _check_fields(content, {"servers": list, "search": list})
    _check_entries("servers", content["servers"], _is_server, "an address, or address:port ([v6]:port)")
    _check_entries("search", content["search"], is_host_name, "a domain")
    if content["search"] and not content["servers"]:
        raise FieldError("search", "Search domains count for DNS servers of our own only.", "Name a server too.")


def check_tls(content: Content, now_us: int) -> None:
    """Raise: FieldError: this is no TLS policy, or accepting anything would end too late, or has ended."""
    _check_fields(content, {"mode": str, "bundle": str, "until": str})
    mode = _word("mode", content["mode"], list(TlsMode))
    if mode == TlsMode.PRIVATE:
        try:
            bundle_of(content["bundle"])
        except CertificateError as error:
            raise FieldError("bundle", error.message, error.hint) from error
    if mode == TlsMode.ALWAYS:
        _check_until(content["until"], now_us)


def server_of(text: str) -> tuple[str, int]:
    """Return address and port of a DNS server as written. Raises: ValueError: it is none."""
    found = _SERVER.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    address, port = found[1] or found[2] or found[4], int(found[3] or 53)
    if not 0 < port < 65_536:
        raise ValueError(text)
    return str(ip_address(address)), port


def _check_until(text: str, now_us: int) -> None:
    latest = format_instant((now_us + LONGEST_ALWAYS_US) // 1_000_000 * 1_000_000)
    hint = f"Name an instant from now on, {latest} at the latest."
    try:
        until_us = parse_instant(text)
    except ValueError:
        raise FieldError("until", "Accepting any certificate needs an end.", hint) from None
    if not now_us < until_us <= now_us + LONGEST_ALWAYS_US:
        raise FieldError("until", f"Any certificate cannot be accepted until {text}.", hint)


def _check_fields(content: Content, kinds: Mapping[str, type]) -> None:
    for name in content:
        if name not in kinds:
            raise FieldError(str(name), f"There is no field {name!r} here.", f"The fields are {', '.join(kinds)}.")
    for name, kind in kinds.items():
        value = content.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise FieldError(name, f"The field {name!r} is missing or of the wrong kind.")
        if isinstance(value, str) and len(value) > _LONGEST.get(name, 255):
            raise FieldError(name, f"The field {name!r} is too long.")
        if isinstance(value, str) and name != "bundle" and not value.isprintable():
            raise FieldError(name, f"The field {name!r} holds characters that cannot be seen.")


def _check_entries(name: str, entries: list[Any], fits: Any, what: str) -> None:
    if len(entries) > _MOST_ENTRIES:
        raise FieldError(name, f"The field {name!r} has more than {_MOST_ENTRIES} entries.")
    for entry in entries:
        if not isinstance(entry, str) or not fits(entry):
            raise FieldError(name, f"{entry!r} in the field {name!r} cannot be meant.", f"Write {what}.")


def _is_server(text: str) -> bool:
    try:
        server_of(text)
    except ValueError:
        return False
    return True


def _word(name: str, text: str, words: list[Any]) -> str:
    if text not in words:
        raise FieldError(name, f"{text!r} in the field {name!r} is not known.", f"Use one of {', '.join(words)}.")
    return text
