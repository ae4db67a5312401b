"""Which format a source is in, told by its first bytes that are not blank."""

import re

import msgspec

from vatriage.sensors.snort_full import HEAD
from vatriage.sensors.syslog import HEADER
from vatriage.sensors.unified2 import HEADER as RECORD
from vatriage.sensors.unified2_record import KNOWN, MOST_BYTES

_TIME = rb"\d\d/\d\d(?:/\d{2,4})?-\d\d:\d\d:\d\d(?:\.\d{1,9})?"
_FAST = re.compile(_TIME + rb"\s+(?:\[\w{1,12}\]\s*)*\[\*\*\]")
_CSV = re.compile(_TIME + rb"\s*,")
_OF_SNORT = frozenset({"rule", "sid", "src_ap", "src_addr", "dst_ap", "pkt_num", "pkt_gen"})
_PATTERNS = ((_FAST, "fast"), (HEAD, "snort-full"), (_CSV, "snort-csv"), (HEADER, "syslog"))


def detect(head: bytes) -> str | None:
    """Return the name of the format in which a source begins so; None if it is in none.

    Args:
        head: the first bytes, decompressed; the first line should be whole.
    """
    if _is_record(head):
        return "unified2"
    line = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0].strip()
    if line.startswith(b"{"):
        return _json_kind(line)
    for mark, name in ((b"CEF:", "cef"), (b"LEEF:", "leef"), (b"@cee:", "eve")):
        if line.startswith(mark):
            return name
    return next((name for pattern, name in _PATTERNS if pattern.match(line)), None)


def _json_kind(line: bytes) -> str:
    try:
        event = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return "snort-json" if b'"event_type"' not in line and b'"src_ap"' in line else "eve"
    if not isinstance(event, dict) or "event_type" in event or isinstance(event.get("alert"), dict):
        return "eve"
    return "snort-json" if len(_OF_SNORT & event.keys()) > 1 else "eve"


def _is_record(head: bytes) -> bool:
    """Whether the bytes begin with a record of unified2; its type begins with a zero byte, which no text does."""
    if len(head) < RECORD.size:
        return False
    kind, length = RECORD.unpack_from(head)
    return kind in KNOWN and length <= MOST_BYTES
