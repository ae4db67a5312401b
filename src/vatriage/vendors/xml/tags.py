"""Where a record's tags stand, outside CDATA sections, comments and processing instructions.

The text inside those is the attacker's (scan results quote what a host sent): it holds end tags, start tags and
`<![CDATA[` at will, so a plain search for `</HOST>` is wrong.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

CDATA_END = b"]]>"
SECTION_ENDS = {b"<![CDATA[": CDATA_END, b"<!--": b"-->", b"<?": b"?>"}
"""What opens a stretch in which tags mean nothing -> what closes it."""

HOLD_BACK = 160
"""Bytes at a buffer's end in which a tag or section opener may be cut in two (names are short, blanks bounded)."""

_TAGS = rb"<(?:!\[CDATA\[|!--|\?|(?P<end>/%b\s{0,64}>)|(?P<empty>%b\s{0,64}/>)|(?P<start>%b(?:>|\s{1,64}(?=[^\s/]))))"


@dataclass(frozen=True, slots=True)
class RecordTag:
    """The element that is one record, and the list it stands in."""

    name: str
    """`HOST` or `VULN`."""
    list_name: str
    """`HOST_LIST` or `VULN_LIST`."""
    any_case: bool = False
    """Match names in any case (Qualys has a lower-case variant of the host list)."""
    pattern: re.Pattern[bytes] = field(init=False, compare=False)
    """Finds section openers and, as groups `start`, `end` and `empty`, the record's tags."""

    def __post_init__(self) -> None:
        """Compile the pattern."""
        name = self.name.encode()
        flags = re.IGNORECASE if self.any_case else re.RegexFlag(0)
        object.__setattr__(self, "pattern", re.compile(_TAGS % (name, name, name), flags))

    @property
    def end_tag(self) -> bytes:
        """The end tag as every genuine answer writes it."""
        return f"</{self.name}>".encode()

    def may_begin(self, data: bytes) -> bool:
        """Whether a start tag may be in the data: a quick no spares a scan."""
        return self.any_case or holds(data, f"<{self.name}".encode())

    def closes_list(self, data: bytes) -> bool:
        """Whether the list's end tag occurs in the data, be it inside a CDATA section."""
        return holds(data.upper() if self.any_case else data, f"</{self.list_name}".encode())


def holds(data: bytes, wanted: bytes) -> bool:
    """Whether bytes occur in the data: searched for from its end, which CPython does in less than half the time of `in`."""
    return data.rfind(wanted) >= 0


def start_tags(names: Iterable[str]) -> re.Pattern[bytes]:
    """Return a pattern for `next_tag`: start tags of some names, in any case and with any prefix (group `start`)."""
    words = "|".join(sorted(names)).encode()
    return re.compile(
        rb"<(?:!\[CDATA\[|!--|\?|(?P<start>(?:[^\s<>/:]{1,160}:)?(?:%b)(?=[\s/>])))" % words, re.IGNORECASE
    )


def next_tag(pattern: re.Pattern[bytes], data: bytes, position: int) -> re.Match[bytes] | None:
    """Return the next tag of a pattern outside sections; None at the end of the data or in an unclosed section.

    Args:
        pattern: as RecordTag.pattern.
        data: begins, at `position`, outside any section.
        position: where to start.
    """
    while match := pattern.search(data, position):
        if match.lastgroup:
            return match
        closing = SECTION_ENDS[match.group()]
        end = data.find(closing, match.end())
        if end < 0:
            return None
        position = end + len(closing)
    return None


def record_spans(tag: RecordTag, data: bytes) -> list[tuple[int, int]]:
    """Return where each whole record of the data begins and ends; a last, unfinished one is left out."""
    spans: list[tuple[int, int]] = []
    start = -1
    position = 0
    while match := next_tag(tag.pattern, data, position):
        position = match.end()
        if match.lastgroup == "start":
            start = match.start() if start < 0 else start
        elif match.lastgroup == "empty" and start < 0:
            spans.append(match.span())
        elif match.lastgroup == "end" and start >= 0:
            spans.append((start, position))
            start = -1
    return spans


def end_of_records(tag: RecordTag, data: bytes) -> int:
    """Return where the last whole record of the data ends, 0 if none does.

    Without comments and processing instructions, a place is outside CDATA exactly when the last `]]>` before it comes
    after the last `<![CDATA[` before it: inside a section no `]]>` can follow its start, outside no opener can follow
    its end. Anything else is scanned tag by tag.
    """
    end = data.rfind(tag.end_tag)
    if tag.any_case or end < 0 or _holds_comments(data):
        return _scanned_end(tag, data)
    while end >= 0:
        opened = data.rfind(b"<![CDATA[", 0, end)
        if opened < 0 or data.rfind(CDATA_END, opened, end) >= 0:
            return end + len(tag.end_tag)
        end = data.rfind(tag.end_tag, 0, opened)
    return _scanned_end(tag, data)


def outside_cdata(data: bytes) -> bytes:
    """Return the data without the content of its CDATA sections.

    Right up to the first comment or processing instruction outside a section; that one's opener is always in the result.
    """
    pieces, position = [], 0
    while (start := data.find(b"<![CDATA[", position)) >= 0:
        pieces.append(data[position:start])
        end = data.find(CDATA_END, start)
        if end < 0:
            return b"".join(pieces)
        position = end + len(CDATA_END)
    pieces.append(data[position:])
    return b"".join(pieces)


def stands_outside_cdata(data: bytes, wanted: re.Pattern[bytes], counts: Callable[[re.Match[bytes]], bool]) -> bool:
    """Whether a pattern occurs outside CDATA sections; no comment may come before its first occurrence there.

    Args:
        data: begins outside any section.
        wanted: what is looked for.
        counts: which occurrences count.
    """
    outside = position = 0
    while match := wanted.search(data, position):
        position = match.end()
        if not counts(match):
            continue
        opened = data.rfind(b"<![CDATA[", outside, match.start())
        if opened < 0 or data.find(CDATA_END, opened, match.start()) >= 0:
            return True
        end = data.find(CDATA_END, match.start())
        if end < 0:
            return False
        outside = position = end + len(CDATA_END)
    return False


def _holds_comments(data: bytes) -> bool:
    """Whether comments or processing instructions stand outside CDATA sections (inside, they are text)."""
    return any(
        holds(data, opener) and stands_outside_cdata(data, re.compile(re.escape(opener)), bool)
        for opener in (b"<!--", b"<?")
    )


def _scanned_end(tag: RecordTag, data: bytes) -> int:
    """Return the same, tag by tag; knows `<HOST/>` and blanks in tags as well."""
    spans = record_spans(tag, data) if tag.may_begin(data) else []
    return spans[-1][1] if spans else 0
