"""ISC dhcpd's `dhcpd.leases`: a log of declarations, of which the last one of an address is its state.

Source: dhcpd.leases(5). Read: `starts`, `ends`, `hardware ethernet`, `client-hostname`, `binding state`. Of free,
expired or released bindings the times still say who held the address until when; abandoned, backup and reserved ones name
no client. Times are UTC, or seconds with `epoch`. A lease of DHCPv6 (`ia-na`) names its client by DUID, and is a reject.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

from vatriage.leases.fields import decoded, record, reject
from vatriage.leases.interface import FOREVER, LONGEST_LINE, LeaseRecord, LeaseReject
from vatriage.leases.lines import numbered_lines

_BEGIN = re.compile(r"\s*lease\s+([0-9A-Fa-f.:]+)\s*\{(.*)")
_OTHER_BLOCK = re.compile(r"\s*(ia-na|ia-ta|ia-pd|failover|class|subclass|group|host)\b.*\{\s*$")
_KNOWN = re.compile(r"\s*(server-duid|authoring-byte-order|#|\}|$)")
_IPV6 = re.compile(r"\s*ia-(na|ta|pd)\b")
_NO_CLIENT = frozenset({"abandoned", "backup", "reset"})
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def read_isc(source: BinaryIO) -> Iterator[LeaseRecord | LeaseReject]:
    """See LeaseReader."""
    for first, raw, problem in _blocks(source):
        if problem:
            yield reject(first, problem, raw)
            continue
        try:
            found = _declared("\n".join(decoded(line) for line in raw.splitlines()))
        except ValueError as error:
            yield reject(first, error, raw)
            continue
        if found is not None:
            yield found


def _blocks(source: BinaryIO) -> Iterator[tuple[int, bytes, str]]:
    """Yield each declaration: its first line, its bytes, what is wrong with it as a whole ("" = nothing)."""
    block, first, depth = b"", 0, 0
    for number, line in numbered_lines(source):
        text = line.decode(errors="replace")
        begins = _BEGIN.match(text) is not None
        if begins and block:  # the writer died within the one before
            yield first, block, _NOT_ENDED
            block, depth = b"", 0
        if not block:
            if not begins and not _OTHER_BLOCK.match(text):
                if not _KNOWN.match(text):
                    yield number, line, "the line belongs to no lease"
                continue
            first = number
        block += line
        depth += _braces(text)
        if depth <= 0 or len(block) > LONGEST_LINE:
            yield first, block, "" if depth <= 0 else _NOT_ENDED
            block, depth = b"", 0
    if block:
        yield first, block, _NOT_ENDED


_NOT_ENDED = "the lease is not ended"


def _braces(text: str) -> int:
    """Return how many blocks a line opens more than it ends; braces in quotes are none."""
    bare = _QUOTED.sub("", text)
    return bare.count("{") - bare.count("}")


def _declared(text: str) -> LeaseRecord | None:
    """Return the lease of a declaration, None if it is another one. Raises: ValueError: it cannot be read."""
    opening = _BEGIN.match(text)
    if opening is not None:
        return _lease(opening.group(1), text)
    if _IPV6.match(text):
        raise ValueError("a lease of DHCPv6 names its client by DUID, not by MAC")
    return None


def _lease(address: str, text: str) -> LeaseRecord | None:
    """Return the lease of a declaration, None if it names no client. Raises: ValueError: a field is wrong."""
    said = dict(_statements(text))
    state = said.get("binding state", "active")
    mac, name = said.get("hardware ethernet", ""), said.get("client-hostname", "").strip('"')
    if state in _NO_CLIENT or not (mac or name or "starts" in said):
        return None
    if "starts" not in said or "ends" not in said:
        raise ValueError("the lease states no starts or no ends")
    return record(address, mac, name, _instant(said["starts"]), _instant(said["ends"]))


def _statements(text: str) -> Iterator[tuple[str, str]]:
    body = text.partition("{")[2]
    for name in ("starts", "ends", "hardware ethernet", "client-hostname", "binding state"):
        pattern = rf'(?:^|[;\n\{{])\s*{name}\s+("(?:[^"\\]|\\.)*"|[^;"\n]*);'
        for match in re.finditer(pattern, body):
            yield name, match.group(1).strip()


def _instant(text: str) -> int:
    """Return `2 2026/11/24 21:40:06`, `epoch 1795556406` or `never` as seconds. Raises: ValueError: it is none."""
    if text == "never":
        return FOREVER
    words = text.split()
    if words[:1] == ["epoch"] and len(words) > 1:
        return int(words[1])
    if len(words) != 3:
        raise ValueError(f"{text[:60]!r} is no instant")
    return int(datetime.strptime(f"{words[1]} {words[2]}", "%Y/%m/%d %H:%M:%S").replace(tzinfo=UTC).timestamp())
