"""What a real-time report tells while it arrives: the scan's ref first, then host after host.

Source: a recorded stream: declaration, DOCTYPE, a comment, `<SCAN value="scan/...">`, keep-alive comments, IP elements.
The ref is needed before the report is whole: with it a scan can be cancelled, and found again when the line drops.
"""

import re

_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_SCAN = re.compile(rb"<SCAN\b[^>]*?\bvalue\s*=\s*[\"'](scan/\d{1,20}\.\d{1,20})[\"']")
_HOST_END = b"</IP>"
_HEAD_BYTES = 65_536
"""The ref stands before the first host; it is not looked for further on."""


class ScanWatch:
    """See StreamWatch."""

    def __init__(self) -> None:
        self.ref = ""
        self.hosts = 0
        self._head = b""
        self._tail = b""

    def feed(self, piece: bytes) -> None:
        """See StreamWatch.feed."""
        if not self.ref and len(self._head) < _HEAD_BYTES:
            self._head += piece[:_HEAD_BYTES]
            found = _SCAN.search(_COMMENT.sub(b"", self._head))
            self.ref = found[1].decode() if found else ""
        text = self._tail + piece
        self.hosts += text.count(_HOST_END)
        self._tail = text[-(len(_HOST_END) - 1) :]
