"""What stands before a document's root element, and whether we can read what follows.

Nothing here is ever fetched or expanded: a DOCTYPE is stepped over (every genuine Qualys answer has one), and one that
declares entities is refused. Real answers also bring a byte order mark, blank lines, comments and even stray text
before the declaration; answers that are no XML at all (a proxy's HTML, JSON, plain text) are told apart by name.
"""

import re
from dataclasses import dataclass

from vatriage.vendors.xml.source import ByteSource

PROLOG_LIMIT = 16 * 1024 * 1024
"""Bytes before the root element beyond which we stop looking (keep-alive comments of a long call are ~70 bytes each)."""

_FIRST_READ = 64 * 1024

_UTF8_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_NATIVE = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_TRANSCODED = {
    "iso-8859-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "latin-1": "iso-8859-1",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
}
"""Declared names -> Python's; both are supersets of ASCII with one byte a character, so they are cut like UTF-8."""

_HTML_ROOTS = frozenset({"html", "head", "body", "title", "center", "div", "script", "style", "meta", "h1", "p"})

_DECLARATION = re.compile(rb"<\?xml\s.*?\?>", re.DOTALL)
_DECLARED = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)[\"']")
_ROOT = re.compile(rb"<([A-Za-z_:][\w.\-:]*)(?=[\s/>])")
_DOCTYPE = re.compile(rb"<!DOCTYPE(?=[\s\[>])", re.IGNORECASE)
_DOCTYPE_NAME = re.compile(rb"<!DOCTYPE\s+([^\s\[>]*)", re.IGNORECASE)
_DOCTYPE_TOKEN = re.compile(
    rb"\"[^\"]*\"|'[^']*'|<!--.*?-->|<\?.*?\?>|(?P<cut>[\"']|<!--|<\?)"
    rb"|(?P<entity><!ENTITY)|(?P<open><)|(?P<close>>)|(?P<subset>[\[\]])",
    re.DOTALL | re.IGNORECASE,
)
_NEEDS_MORE = -1


class PrologError(Exception):
    """The document cannot be read; the text is one sentence with its remedy."""

    def __init__(self, message: str, *, partial: bool = False) -> None:
        super().__init__(message)
        self.partial = partial
        """The document stops inside its prolog."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prolog:
    """A document opened up to its root element."""

    root: str
    """The root element's name as written."""
    encoding: str
    """Python's name of a one-byte encoding to transcode from, "" for UTF-8."""
    offset: int
    """Where in the document the root element's tag begins, in bytes."""
    rest: bytes
    """What has been read from there on; begins with the root's start tag."""


def open_document(source: ByteSource) -> Prolog:
    """Read the prolog of a document.

    Raises: PrologError: no XML, an encoding we do not read, a DOCTYPE that declares entities, or no root element.
    """
    data = source.read(_FIRST_READ)
    _refuse_other_formats(data)
    position = len(_UTF8_MARK) if data.startswith(_UTF8_MARK) else 0
    declared = b""
    while True:
        position, found = _step(data, position)
        if isinstance(found, bytes):
            declared = declared or found
        elif found is not None:
            root = found.group(1).decode("utf-8", "replace")
            _refuse_html(root)
            return Prolog(root=root, encoding=_encoding(declared), offset=position, rest=data[position:])
        else:
            data = _more(source, data)


def _step(data: bytes, position: int) -> tuple[int, bytes | re.Match[bytes] | None]:
    """Step over one thing: an XML declaration is returned as bytes, the root's tag as a match, None asks for more."""
    start = data.find(b"<", position)
    if start < 0:
        _refuse_text(data, position)
        return position, None
    declaration = _DECLARATION.match(data, start)
    if declaration:
        return declaration.end(), declaration.group()
    if data[position:start].strip(b" \t\r\n\x00"):
        return _step_over_stray_text(data, position)
    root = _ROOT.match(data, start)
    if root:
        return start, root
    after = _end_of_misc(data, start)
    return (start, None) if after == _NEEDS_MORE else (after, b"")


def _step_over_stray_text(data: bytes, position: int) -> tuple[int, bytes | None]:
    """Step over text before the declaration (a real saved report has some); without a declaration it is no XML."""
    declaration = _DECLARATION.search(data, position)
    if not declaration:
        _refuse_text(data, position)
        return position, None
    return declaration.end(), declaration.group()


def _end_of_misc(data: bytes, start: int) -> int:
    """Return where the comment, processing instruction or DOCTYPE at `start` ends, _NEEDS_MORE if not yet read."""
    if data.startswith(b"<!--", start):
        end, length = data.find(b"-->", start + 4), 3
    elif data.startswith(b"<?", start):
        end, length = data.find(b"?>", start), 2
    elif _DOCTYPE.match(data, start):
        end, length = _end_of_doctype(data, start), 0
    elif len(data) - start < 16 or _DOCTYPE_NAME.match(data, start) or re.match(rb"<[A-Za-z_:]", data[start:]):
        return _NEEDS_MORE
    else:
        raise PrologError(f"The document is no XML: its markup begins with {_shown(data[start:])}. {_REMEDY}")
    return _NEEDS_MORE if end < 0 else end + length


def _end_of_doctype(data: bytes, start: int) -> int:
    """Return where a DOCTYPE ends, _NEEDS_MORE if it is not whole; internal subsets are dropped.

    Raises: PrologError: it declares entities (no VA report does; entity bombs and file readers do), or it is HTML's.
    """
    name = _DOCTYPE_NAME.match(data, start)
    if name and name.end() < len(data):
        _refuse_html(name.group(1).decode("utf-8", "replace"))
    depth, in_subset = 0, False
    for token in _DOCTYPE_TOKEN.finditer(data, start + len(b"<!DOCTYPE")):
        if token["entity"]:
            raise PrologError(
                "The document's DOCTYPE declares entities, which no report does and we never expand. "
                "Check where the document comes from."
            )
        if token["cut"]:
            return _NEEDS_MORE
        if token["subset"]:
            in_subset = token["subset"] == b"["
        elif token["open"]:
            depth += 1
        elif token["close"] and depth:
            depth -= 1
        elif token["close"] and not in_subset:
            return token.end()
    return _NEEDS_MORE


def _more(source: ByteSource, data: bytes) -> bytes:
    """Return the data with as much again behind it.

    Raises: PrologError: the document ends here, or its prolog is longer than PROLOG_LIMIT.
    """
    if len(data) >= PROLOG_LIMIT:
        raise PrologError(f"The first {PROLOG_LIMIT >> 20} MiB of the document hold no root element. {_REMEDY}")
    piece = source.read(len(data) or 1)
    if not piece:
        if not data.strip():
            raise PrologError(f"The document is empty. {_REMEDY}")
        _refuse_text(data, 0, at_end=True)
        raise PrologError(
            "The document stops before its root element. Fetch it again: its transfer was cut.", partial=True
        )
    return data + piece


_REMEDY = "Check the URL, the proxy and the account, and fetch the report again."


def _refuse_other_formats(data: bytes) -> None:
    """Raise PrologError for the encodings that the XML tokenisers would take for zero records, and for JSON."""
    for mark, name in _WIDE_MARKS.items():
        if data.startswith(mark):
            raise _wrong_encoding(name)
    if b"\0" in data[:4] and b"<" in data[:4]:
        raise _wrong_encoding("UTF-16 or UTF-32")
    if data.removeprefix(_UTF8_MARK).lstrip()[:1] in {b"{", b"["}:
        raise PrologError("The document is JSON, not XML. Ask for the report with output_format=XML.")


def _refuse_text(data: bytes, position: int, *, at_end: bool = False) -> None:
    """Raise PrologError if what stands there is plain text with no XML declaration in sight."""
    text = data[position:].strip(b" \t\r\n")
    if not text or (text.startswith(b"<") and at_end) or b"<?xml" in text:
        return
    if at_end or len(text) >= _FIRST_READ:
        raise PrologError(f"The document is no XML: it begins with {_shown(text)}. {_REMEDY}")


def _refuse_html(name: str) -> None:
    """Raise PrologError for the root or DOCTYPE of a web page."""
    if name.lower() in _HTML_ROOTS:
        raise PrologError(
            "The document is an HTML page, not a report (a login page, a proxy's or a maintenance notice). " + _REMEDY
        )


def _encoding(declaration: bytes) -> str:
    """Return what to transcode from, "" for UTF-8.

    Raises: PrologError: the document declares an encoding we do not read.
    """
    declared = _DECLARED.search(declaration)
    name = declared.group(1).decode("ascii", "replace") if declared else "utf-8"
    if name.lower() in _NATIVE:
        return ""
    if name.lower() not in _TRANSCODED:
        raise _wrong_encoding(name)
    return _TRANSCODED[name.lower()]


def _wrong_encoding(name: str) -> PrologError:
    """Return the error for a document in an encoding that we do not read."""
    return PrologError(
        f"The document is encoded in {name[:40]!r}, which is not read here. "
        "Convert it to UTF-8 first (iconv), with its declaration."
    )


def _shown(data: bytes) -> str:
    """Return the first bytes of a document in a form fit for an error text."""
    return repr(data[:40].decode("utf-8", "replace"))
