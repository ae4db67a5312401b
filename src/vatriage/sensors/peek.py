"""The first bytes of a source, looked at without being lost: for telling its format before it is read."""

import bz2
import io
import zlib
from typing import BinaryIO, cast

from vatriage.sensors.byte_pieces import BZIP2, GZIP, ZSTD
from vatriage.sensors.interface import SensorError

MOST = 256 << 10
"""Bytes looked at: the first line of EVE with a payload is longer than 64 KiB."""
_STEP = 64 << 10


class Peeked:
    """A source again from its first byte on: what was looked at, then the rest, with no copy of the rest."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest
        self._read1 = getattr(rest, "read1", rest.read)

    def read1(self, size: int = -1) -> bytes:
        """Return what is there, at most `size` bytes; empty at the end."""
        if not self._head:
            return cast("bytes", self._read1(size))
        given, self._head = (self._head, b"") if size < 0 else (self._head[:size], self._head[size:])
        return given

    read = read1

    def fileno(self) -> int:
        """Return the source's descriptor. Raises: io.UnsupportedOperation: it has none, or bytes are in hand."""
        if self._head:
            raise io.UnsupportedOperation("bytes are in hand")
        return self._rest.fileno()


def peek(source: BinaryIO, name: str) -> tuple[bytes, BinaryIO]:
    """Return the first bytes, decompressed, up to a whole line if it comes; and the source as if nothing had been read.

    Raises: SensorError: the source itself cannot be read.
    """
    head = b""
    read = getattr(source, "read1", source.read)
    while len(head) < MOST:
        try:
            data = read(_STEP)
        except OSError as error:
            raise SensorError(f"Reading alerts from {name} failed: {error}.", "Check the file or the pipe.") from error
        head += data
        plain = _plain(head)
        if not data or b"\n" in plain.lstrip():
            break
    return _plain(head), cast("BinaryIO", Peeked(head, source))


def _plain(head: bytes) -> bytes:
    """Return what the first bytes are, unpacked as far as they go; damage is told by the reader, which meets it again."""
    for magic, unpack in _UNPACK.items():
        if head.startswith(magic):
            try:
                return unpack(head)
            except (zlib.error, OSError, ValueError):
                return b""
    return head


def _gzip(head: bytes) -> bytes:
    return zlib.decompressobj(wbits=31).decompress(head, MOST)


def _bzip2(head: bytes) -> bytes:
    return bz2.BZ2Decompressor().decompress(head, MOST)


def _zstandard(head: bytes) -> bytes:
    import zstandard  # noqa: PLC0415 - most sources are plain

    try:
        return zstandard.ZstdDecompressor().stream_reader(head).read(MOST)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from error


_UNPACK = {GZIP: _gzip, BZIP2: _bzip2, ZSTD: _zstandard}
