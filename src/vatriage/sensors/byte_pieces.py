"""Bytes of a source, piece by piece: plain, gzip, bzip2 or Zstandard, told apart by their first bytes.

Sources are read forward only, so pipes and sockets will do. Compressed files may consist of several members (rotated logs
that were joined). What lies before the damage of a compressed file is handed out.
"""

import bz2
import select
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, NamedTuple

from vatriage.sensors.interface import SensorError

READ_SIZE = 1 << 20
"""Bytes asked for at a time."""

GZIP = b"\x1f\x8b"
BZIP2 = b"BZh"
ZSTD = b"\x28\xb5\x2f\xfd"
_MAGICS = (GZIP, BZIP2, ZSTD)
_GZIP_SLICE = 16 << 10
"""Compressed bytes a step: at gzip's best ratio (1 : 1032) a step stays below 17 MiB."""
_BZIP2_OUTPUT = 512
"""Bytes out a step: a step that meets damage loses what it had in hand, so it has little."""
_ZSTD_SLICE = 512
"""Compressed bytes a step: a block of 128 KiB may take four, so a step stays below 17 MiB."""


class Piece(NamedTuple):
    """Some bytes, and whether the source has no more at the moment (a live source should not wait to be judged)."""

    data: bytes
    paused: bool = False


class DamagedError(Exception):
    """A compressed stream broke; what came before has been handed out. Never leaves the wing."""


def read_pieces(source: BinaryIO, name: str) -> Iterator[Piece]:
    """Yield a source's bytes, decompressed.

    Raises:
        SensorError: the source itself cannot be read (a disk or network error).
        DamagedError: after the last good piece of a damaged compressed source.
    """
    raw = _read_raw(source, name)
    head = b""
    for piece in raw:
        head += piece.data
        if not any(magic.startswith(head) for magic in _MAGICS) or len(head) >= len(ZSTD):
            break
    else:
        piece = Piece(b"", paused=True)
    if head.startswith(GZIP):
        yield from _gunzip(_chain(head, raw))
    elif head.startswith(BZIP2):
        yield from _bunzip(_chain(head, raw))
    elif head.startswith(ZSTD):
        yield from _unzstd(_chain(head, raw))
    else:
        if head:
            yield Piece(head, piece.paused)
        yield from raw


def _read_raw(source: BinaryIO, name: str) -> Iterator[Piece]:
    # read1 returns what is there; read would wait until a megabyte has come.
    read = getattr(source, "read1", source.read)
    while True:
        try:
            data = read(READ_SIZE)
        except OSError as error:
            raise SensorError(f"Reading alerts from {name} failed: {error}.", "Check the file or the pipe.") from error
        if not data:
            return
        yield Piece(data, paused=len(data) < READ_SIZE and not _has_more(source))


def _has_more(source: BinaryIO) -> bool:
    """Whether a read would return at once; sources that are no files (BytesIO) cannot say and count as paused."""
    try:
        poll = select.poll()
        poll.register(source.fileno(), select.POLLIN)
        return bool(poll.poll(0))
    except (OSError, ValueError, AttributeError):
        return False


def _chain(head: bytes, raw: Iterator[Piece]) -> Iterator[bytes]:
    yield head
    for piece in raw:
        yield piece.data


def _gunzip(raw: Iterator[bytes]) -> Iterator[Piece]:
    stream = zlib.decompressobj(wbits=31)
    begun = False
    position = 0
    for data in raw:
        for start in range(0, len(data), _GZIP_SLICE):
            rest = data[start : start + _GZIP_SLICE]
            while rest:
                if not begun and not (rest := rest.lstrip(b"\0")):
                    break  # zeros between and behind members are padding, as gzip itself has it
                before = stream.copy()
                begun = True
                try:
                    yield Piece(stream.decompress(rest))
                except zlib.error as error:
                    yield from _rescue(before, rest)
                    raise DamagedError(f"gzip is damaged near byte {position}: {error}") from error
                position += len(rest) - len(stream.unused_data)
                rest = stream.unused_data
                if stream.eof:
                    stream = zlib.decompressobj(wbits=31)
                    begun = False
    if begun:
        raise DamagedError(f"gzip ends in the middle of a member, after {position} bytes")


def _rescue(stream: "zlib._Decompress", data: bytes) -> Iterator[Piece]:
    """Yield what a step that broke would have given: byte by byte up to the broken one."""
    with suppress(zlib.error):  # the caller reports the damage; here only the good part counts
        for index in range(len(data)):
            yield Piece(stream.decompress(data[index : index + 1]))


def _bunzip(raw: Iterator[bytes]) -> Iterator[Piece]:
    stream = bz2.BZ2Decompressor()
    begun = False
    position = 0
    for data in raw:
        rest = data
        while rest:
            begun = True
            parts: list[bytes] = []
            try:
                parts.append(stream.decompress(rest, _BZIP2_OUTPUT))
                while not stream.eof and not stream.needs_input:
                    parts.append(stream.decompress(b"", _BZIP2_OUTPUT))
                    if len(parts) * _BZIP2_OUTPUT >= READ_SIZE:
                        yield Piece(b"".join(parts))
                        parts.clear()
            except OSError as error:
                yield Piece(b"".join(parts))
                raise DamagedError(f"bzip2 is damaged near byte {position}: {error}") from error
            yield Piece(b"".join(parts))
            position += len(rest) - len(stream.unused_data)
            rest = stream.unused_data
            if stream.eof:
                stream = bz2.BZ2Decompressor()
                begun = False
    if begun:
        raise DamagedError(f"bzip2 ends in the middle of a stream, after {position} bytes")


def _unzstd(raw: Iterator[bytes]) -> Iterator[Piece]:
    import zstandard  # noqa: PLC0415 - most sources are plain

    stream = None
    position = 0
    for data in raw:
        for start in range(0, len(data), _ZSTD_SLICE):
            rest = data[start : start + _ZSTD_SLICE]
            while rest:
                stream = stream or zstandard.ZstdDecompressor().decompressobj()
                try:
                    yield Piece(stream.decompress(rest))
                except zstandard.ZstdError as error:
                    raise DamagedError(f"Zstandard is damaged near byte {position}: {error}") from error
                position += len(rest) - len(stream.unused_data)
                rest = stream.unused_data
                if stream.eof:
                    stream = None
    if stream is not None:
        raise DamagedError(f"Zstandard ends in the middle of a frame, after {position} bytes")
