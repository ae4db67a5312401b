"""What Snort and Suricata write of an alert on one line: `[1:2009187:4] message [Classification: ...] [Priority: 1] {TCP} a -> b`.

The same text stands in fast.log (between `[**]`) and in syslog. Only positions of fixed words are looked for, so that a
hostile message costs no more time than a plain one.
"""

import re
from typing import NamedTuple

from vatriage.model.alert import Disposition
from vatriage.sensors.ends import End, read_end
from vatriage.sensors.eve_lenient import LineError
from vatriage.sensors.loose import number_of
from vatriage.sensors.report import protocol_name

SIGNATURE = re.compile(r"\[(\d{1,10}):(\d{1,10}):(\d{1,10})\]\s*", re.ASCII)
STARS = "[**]"
_ARROW = re.compile(r"\{([^{}]{1,32})\}\s+(\S{1,100})\s+->\s+(\S{1,100})\s*$")
_NOWHERE = End(None, None)


class SnortText(NamedTuple):
    """The parts of such a line."""

    gid: int
    sid: int
    rev: int
    message: str
    category: str
    alert_priority: int | None
    protocol: str
    source: End
    destination: End
    quoted: bool
    """The message stands in quotes, as Snort 3 writes it."""


def read_text(text: str) -> SnortText:
    """Return the parts of a text that begins with the signature.

    Raises:
        LineError: it does not, or what follows the message is not what Snort writes there.
        FieldError: an end is no address.
    """
    signature = SIGNATURE.match(text)
    if signature is None:
        raise LineError("the line names no signature as [gid:sid:rev]")
    arrow = _ARROW.search(text, max(signature.end(), len(text) - 300))
    rest = text[signature.end() : arrow.start() if arrow else len(text)].strip()
    if arrow is None and "->" in rest[-220:]:
        raise LineError("the ends of the packet cannot be read")
    message, tail = _split(rest)
    protocol = protocol_name(arrow[1]) if arrow else ""
    quoted = len(message) > 1 and message[0] == message[-1] == '"'
    return SnortText(
        gid=int(signature[1]),
        sid=int(signature[2]),
        rev=int(signature[3]),
        message=message[1:-1] if quoted else message,
        category=classification(tail),
        alert_priority=priority(tail),
        protocol=protocol,
        source=read_end(arrow[2], protocol, "source address") if arrow else _NOWHERE,
        destination=read_end(arrow[3], protocol, "destination address") if arrow else _NOWHERE,
        quoted=quoted,
    )


def disposition_of(mark: str) -> Disposition:
    """Return what a mark before the stars says: `[Drop]` is blocked; `[wDrop]`, which would have been, is not."""
    return Disposition.BLOCKED if mark.strip(" []").lower() in ("drop", "reject", "block") else Disposition.ALLOWED


def classification(text: str) -> str:
    """Return the classtype's description, empty if there is none."""
    category = _bracketed(text, "[Classification:")
    return "" if category in ("(null)", "none") else category


def priority(text: str) -> int | None:
    """Return the alert's priority, None if there is none."""
    return number_of(_bracketed(text, "[Priority:"))


def _split(text: str) -> tuple[str, str]:
    """Return the message and what follows it: the last of the marks that end it counts, a message may hold one."""
    for mark in (STARS, "[Classification:", "[Priority:"):
        place = text.rfind(mark)
        if place >= 0:
            return text[:place].strip(), text[place:]
    return text, ""


def _bracketed(text: str, mark: str) -> str:
    _, found, rest = text.partition(mark)
    return rest.partition("]")[0].strip() if found else ""
