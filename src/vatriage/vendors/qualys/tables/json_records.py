"""The records of a JSON array, one after the other, in bounded memory; a bad record costs itself only."""

import re
from collections.abc import Iterator
from json import JSONDecoder
from typing import Any, NamedTuple

from vatriage.vendors.qualys.tables.lines import RECORD_LIMIT, decoded
from vatriage.vendors.xml.source import ByteSource

_BETWEEN = re.compile(r"[ \t\r\n,]*")
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?P<closed>"?)|(?P<open>[\[{])|(?P<close>[\]}])', re.DOTALL)
_STRANGE = re.compile(r"[^\s,\[\]{}\"]+")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object. Raises: ValueError: a field stands in it twice, as where two records have run into one."""
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a field stands in it twice")
    return value


_DECODER = JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_object)
"""Control characters in texts are accepted; the text of a number is kept."""


class JsonRecord(NamedTuple):
    """One element of the array."""

    number: int
    """Counted from 1."""
    value: Any
    """Numbers are text, as they stand there."""
    raw: str


class BrokenJson(NamedTuple):
    """An element that is no JSON."""

    number: int
    problem: str
    raw: str


class JsonRecords:
    """Iterates a document's elements once; then its state tells how it ended. Memory: a block and a record."""

    def __init__(self, source: ByteSource) -> None:
        self._blocks = decoded(source)
        self._text = ""
        self._place = 0
        self._over = False
        self.closed = False
        """The array's end has been seen."""
        self.trailing = False
        """Something stands behind it."""
        self.too_long = False
        """Reading stopped at an element longer than RECORD_LIMIT."""

    def __iter__(self) -> Iterator[JsonRecord | BrokenJson]:
        while not self._text.strip() and self._fill():
            pass
        self._place = self._text.find("[") + 1
        number = 0
        while self._find_element():
            number += 1
            record = self._element(number)
            if record is None:
                return
            yield record

    def _find_element(self) -> bool:
        """Go to the next element's first character; False at the array's end or the document's."""
        while True:
            self._place = _BETWEEN.match(self._text, self._place).end()  # type: ignore[union-attr] # the same
            if self._place < len(self._text):
                break
            if not self._fill():
                return False
        if self._text[self._place] != "]":
            return True
        self.closed = True
        rest = self._text[self._place + 1 :]
        self.trailing = bool(rest.strip()) or any(block.strip() for block in self._blocks)
        return False

    def _element(self, number: int) -> JsonRecord | BrokenJson | None:
        """Return the element that begins here, None if the document ends inside it or it is too long."""
        while True:
            start = self._place
            try:
                value, end = _DECODER.raw_decode(self._text, start)
            except (ValueError, RecursionError) as error:
                end = self._end_of_element()
                if end:
                    self._place = end
                    return BrokenJson(number, f"it is no JSON ({error})", self._text[start:end])
            else:
                if end < len(self._text) or self._over:
                    self._place = end
                    return JsonRecord(number, value, self._text[start:end])
            self.too_long = len(self._text) - self._place > RECORD_LIMIT
            if self.too_long or self._over:
                return None
            self._fill()  # at the document's end the element is looked at once more, knowing that nothing follows

    def _end_of_element(self) -> int:
        """Return where the bad element that begins here ends, by its brackets alone; 0 if it has not been read whole."""
        strange = _STRANGE.match(self._text, self._place)
        if strange:
            return strange.end() if strange.end() < len(self._text) or self._over else 0
        depth = 0
        for token in _TOKEN.finditer(self._text, self._place):
            if token["open"]:
                depth += 1
            elif token["close"]:
                depth -= 1
            elif not token["closed"]:
                return 0
            if depth <= 0:
                return token.end()
        return 0

    def _fill(self) -> bool:
        """Read on; False at the document's end."""
        block = next(self._blocks, None)
        if block is None:
            self._over = True
            return False
        self._text = self._text[self._place :] + block
        self._place = 0
        return True
