"""A document's bytes, read forward in blocks and counted."""

from typing import BinaryIO

BLOCK_SIZE = 4 * 1024 * 1024
"""Bytes asked for at once: large enough that the cost of a block is that of its bytes, small enough to hold several."""


class ByteSource:
    """Reads a stream forward; a short read is not taken for the end (sockets and decompressors give short reads)."""

    def __init__(self, stream: BinaryIO, first: bytes = b"") -> None:
        """Begin; `first` has been taken from the stream already and is given out first."""
        self._stream = stream
        self._first = first
        self.bytes_read = 0
        """Bytes taken from the stream so far."""

    def read(self, size: int = BLOCK_SIZE) -> bytes:
        """Return `size` bytes, fewer only at the end of the stream, none after it.

        Raises: OSError: the stream failed; that is the stream's fault, not the document's.
        """
        pieces = [self._first[:size]] if self._first else []
        missing = size - len(self._first[:size])
        self._first = self._first[size:]
        while missing > 0 and (piece := self._stream.read(missing)):
            pieces.append(piece)
            missing -= len(piece)
        self.bytes_read += size - missing
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
