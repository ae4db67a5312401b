"""CEF as a syslog message: RFC 5424, framed by octet counting (RFC 6587 3.4.1, RFC 5425 4.3)."""

from vatriage.model.alert import Alert
from vatriage.model.verdict import Verdict, VerdictRecord
from vatriage.outputs.cef import encode_cef
from vatriage.outputs.program import NAME

_FACILITY = 13
"""Log audit (RFC 5424, table 1)."""
_SEVERITY = {Verdict.COMPROMISE_INDICATED.name: 1, Verdict.AFFECTED.name: 2, Verdict.POSSIBLY_AFFECTED.name: 4}
"""Alert, critical, warning; all others are notices (5)."""
_NOTICE = 5
MOST_BYTES = 8192
"""Of one message: what RFC 5425 asks receivers to take. A longer one is cut."""
MOST_DATAGRAM = 2048
"""Of one UDP message (RFC 5426 asks receivers for 480, and says they should take 2,048)."""
_BOM = b"\xef\xbb\xbf"


def syslog_line(alert: Alert, record: VerdictRecord, host: str, most: int = MOST_BYTES) -> bytes:
    """Return one message, without a frame.

    Args:
        alert: the alert.
        record: its verdict.
        host: this machine's name, as HOSTNAME; characters that it may not have are left out.
        most: bytes.
    """
    priority = _FACILITY * 8 + _SEVERITY.get(record.verdict, _NOTICE)
    name = "".join(sign for sign in host if "!" <= sign <= "~")[:255] or "-"
    head = f"<{priority}>1 {record.judged_at} {name} {NAME} - {record.verdict} - ".encode()
    return _cut(head + _BOM + encode_cef(alert, record), most)


def framed(line: bytes) -> bytes:
    """Return a message with its length before it."""
    return b"%d %s" % (len(line), line)


def _cut(line: bytes, most: int) -> bytes:
    """Return at most so many bytes, no character cut in the middle."""
    return line if len(line) <= most else line[:most].decode("utf-8", "ignore").encode()
