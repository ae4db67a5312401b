"""Makes a block fit for both tokenisers: UTF-8, only characters that XML 1.0 allows, line ends as line feeds.

Scan results quote what hosts sent, and real answers do hold control characters and broken UTF-8. One such byte must
not cost a host: it is replaced, the record is kept, and the repair is told.
"""

import re

import numpy as np

from vatriage.vendors.xml.tags import CDATA_END, holds, stands_outside_cdata

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML 1.0 section 2.2 forbids and UTF-8 can hold; surrogates are broken UTF-8 already."""

_REFERENCE = re.compile(rb"&#(?:x([0-9a-fA-F]{1,12})|([0-9]{1,12}));")

_NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")  # U+FFFE and U+FFFF
_BLANKS = np.frombuffer(b"\t\n\r", np.uint8)


def is_clean(block: bytes, encoding: str) -> bool:
    """Whether a block needs no repair.

    Args:
        block: its bytes as they came.
        encoding: Python's name of its encoding, "" for UTF-8.
    """
    if not _decodes(block, encoding or "utf-8"):
        return False
    characters = np.frombuffer(block, np.uint8)
    if not np.isin(characters[characters < 0x20], _BLANKS).all():
        return False
    if holds(block, b"\xef\xbf") and any(found in block for found in _NONCHARACTERS):
        return False
    return not _names_forbidden(block)


def transcode(block: bytes, encoding: str) -> bytes:
    """Return a clean block in UTF-8 with line ends normalised (XML 1.0, 2.11: expat does it, xml2arrow does not)."""
    if encoding:
        block = block.decode(encoding).encode()
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return block


def repair(record: bytes, encoding: str) -> tuple[bytes, str]:
    """Return a record repaired and in UTF-8, and what was repaired ("" if nothing)."""
    problems = []
    text = record.decode(encoding or "utf-8", "replace")
    if not _decodes(record, encoding or "utf-8"):
        problems.append("bytes that are no valid text were replaced by U+FFFD")
    text, controls = FORBIDDEN.subn(" ", text)
    data, references = _without_forbidden_references(text.encode())
    if controls or references:
        problems.append(f"{controls + references} control characters were replaced by blanks")
    return data, " and ".join(problems)


def _decodes(data: bytes, encoding: str) -> bool:
    """Whether the bytes are valid in an encoding."""
    if data.isascii():
        return True
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _names_forbidden(block: bytes) -> bool:
    """Whether a numeric reference outside CDATA names a character that XML forbids."""
    return holds(block, b"&#") and stands_outside_cdata(block, _REFERENCE, lambda match: not _is_allowed(match))


def _without_forbidden_references(data: bytes) -> tuple[bytes, int]:
    """Return the data with forbidden references outside CDATA replaced by blanks, and how many there were.

    In a CDATA section the same characters are no reference: they stay what they are.
    """
    found = 0

    def judged(match: re.Match[bytes]) -> bytes:
        nonlocal found
        allowed = _is_allowed(match)
        found += not allowed
        return match.group() if allowed else b" "

    first, *others = data.split(b"<![CDATA[")
    pieces = [_REFERENCE.sub(judged, first)]
    for other in others:
        inside, end, outside = other.partition(CDATA_END)
        pieces.append(inside + end + _REFERENCE.sub(judged, outside))
    return b"<![CDATA[".join(pieces), found


def _is_allowed(match: re.Match[bytes]) -> bool:
    """Whether a reference names a character that XML allows."""
    return _allowed(int(match[1], 16) if match[1] else int(match[2]))


def _allowed(code: int) -> bool:
    """Whether XML 1.0 (section 2.2, Char) allows a code point."""
    return code in {0x9, 0xA, 0xD} or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
