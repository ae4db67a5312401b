"""Which family a document belongs to, by its first bytes: XML, JSON or CSV.

XML is the rule and asks for nothing more than its first `<`; only what does not begin like XML is looked at longer.
"""

from enum import Enum
from typing import BinaryIO

HEAD_LIMIT = 64 * 1024
"""Bytes that are looked at."""

_MARK = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n"
_FRAME = b"----BEGIN_"
_FEW_SEPARATORS = 3
"""A sentence may hold a comma or two; a header row holds more."""


class Family(Enum):
    """How a document is read."""

    XML = "xml"
    """Also everything that is none of the others: the XML reader says what is wrong with it."""
    JSON = "json"
    CSV = "csv"


def read_head(source: BinaryIO) -> bytes:
    """Return a document's first bytes: enough to tell its family, at most HEAD_LIMIT. Raises: OSError."""
    head = b""
    while len(head) < HEAD_LIMIT and not _text(head).startswith(b"<"):
        piece = source.read(HEAD_LIMIT - len(head))
        if not piece:
            break
        head += piece
    return head


def family_of(head: bytes) -> Family:
    """Return a document's family.

    A real saved report has a line of text before its XML declaration: what has a declaration is XML, unless its first
    line is quoted fields, because a finding's text may hold one.
    """
    text = _text(head)
    first, _, rest = text.partition(b"\n")
    if b"\0" in head[:4] or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Family.XML  # UTF-16 or UTF-32, which the XML reader refuses by name
    if text.startswith((b"[", b"{")):
        return Family.JSON
    if text.startswith((b'"', _FRAME)):
        return Family.CSV
    if text.startswith(b"<") or b"<?xml" in rest:
        return Family.XML
    separators = max(first.count(separator) for separator in (b",", b";", b"\t"))
    return Family.CSV if separators >= _FEW_SEPARATORS and b"<" not in first else Family.XML


def _text(head: bytes) -> bytes:
    return head.removeprefix(_MARK).lstrip(_BLANK)
