"""Reads a document's frame: the small document around its records."""

from codecs import getincrementaldecoder
from collections.abc import Callable, Mapping

from vatriage.vendors.xml.expat import ExpansionError, ExpatError, message_of, new_parser
from vatriage.vendors.xml.repair import FORBIDDEN

TEXT_KEPT = 64 * 1024
"""Characters kept of one element's text; a frame's texts are dates, codes, addresses."""

_DEPTH_LIMIT = 64
_TOKEN_LIMIT = 8 * 1024 * 1024
"""Bytes of one tag; expat looks at an unfinished one again with each piece it is fed."""

Attributes = Mapping[str, str]

Leaf = Callable[[tuple[str, ...], str, Attributes], None]
"""Called at each element's end with its path from the root (upper case), its own text, trimmed, and its attributes."""


class FrameError(Exception):
    """The frame is not well-formed; the text says why."""


class FrameReader:
    """Feeds frame pieces to expat and tells each element's text."""

    def __init__(
        self, on_element: Leaf, encoding: str = "", on_root: Callable[[Attributes], None] = lambda _: None
    ) -> None:
        """Prepare to read.

        Args:
            on_element: see Leaf.
            encoding: Python's name of the document's, "" for UTF-8.
            on_root: called with the root element's attributes, at its start.
        """
        self._on_element = on_element
        self._on_root = on_root
        # Texts of a frame are dates and codes: what is no valid text in it is replaced without much ado.
        self._decoder = getincrementaldecoder(encoding or "utf-8")("replace")
        self._path: list[str] = []
        self._texts: list[str] = []
        self._attributes: list[Attributes] = []
        self._fed = 0
        self.closed = False
        """The root element has been closed: the document is whole."""
        self.failed = False
        """The frame is not well-formed and cannot be read on."""
        self._parser = new_parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def feed(self, piece: bytes) -> None:
        """Take the next piece, cut anywhere.

        Raises: FrameError: the frame is not well-formed up to here.
        """
        data = FORBIDDEN.sub(" ", self._decoder.decode(piece)).encode()
        self.failed = True
        try:
            self._parser.Parse(data, False)
        except ExpatError as error:
            raise FrameError(message_of(error)) from error
        except ExpansionError as error:
            raise FrameError(str(error)) from error
        self._fed += len(data)
        if self._fed - max(self._parser.CurrentByteIndex, 0) > _TOKEN_LIMIT:
            raise FrameError(f"one tag is longer than {_TOKEN_LIMIT >> 20} MiB")
        self.failed = False

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        """Enter an element."""
        if len(self._path) >= _DEPTH_LIMIT:
            raise FrameError(f"elements are nested more than {_DEPTH_LIMIT} deep")
        if not self._path:
            self._on_root(attributes)
        self._path.append(name.upper())
        self._texts.append("")
        self._attributes.append(attributes)

    def _text(self, data: str) -> None:
        """Take text of the innermost element."""
        if self._texts and len(self._texts[-1]) < TEXT_KEPT:
            self._texts[-1] += data[:TEXT_KEPT]

    def _end(self, _name: str) -> None:
        """Leave an element."""
        self._on_element(tuple(self._path), self._texts.pop().strip(), self._attributes.pop())
        self._path.pop()
        self.closed = not self._path
