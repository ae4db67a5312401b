"""The files that log rotation leaves beside a log: which of them is the one that was being read, which came after it.

A file is known by its device and inode, or by a hash of its first bytes, which a copy or a compressed copy keeps.
"""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

from vatriage.sensors.byte_pieces import BZIP2, GZIP, ZSTD, DamagedError, read_pieces

HEAD = 256
"""Bytes that tell files apart: more than one event of EVE needs for its time and flow."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """How far a log was read."""

    device: int
    inode: int
    offset: int
    """Bytes that were read, all of them whole events."""
    line: int
    """Lines (or records) that were read."""
    head: str
    """Hash of the first `head_bytes` bytes."""
    head_bytes: int
    written_ns: int
    """When the file was last written, as far as was seen."""


class Unpacked:
    """What a compressed file holds, read forward in bounded memory."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        file.seek(0)
        self._pieces = read_pieces(file, name)
        self._held = b""
        self.damage = ""
        """How the file is damaged, once its good part was read."""

    def read(self, size: int) -> bytes:
        """Return the next bytes without moving on, fewer only at the end."""
        while len(self._held) < size and (data := self._next()) is not None:
            self._held += data
        return self._held[:size]

    def skip(self, size: int) -> None:
        """Move on."""
        while size > 0 and (data := self.read(min(size, _STEP))):
            self._held = self._held[len(data) :]
            size -= len(data)

    def _next(self) -> bytes | None:
        try:
            piece = next(self._pieces, None)
        except DamagedError as error:
            self.damage = str(error)
            return None
        return None if piece is None else piece.data


_STEP = 1 << 20


@dataclass(slots=True, kw_only=True)
class Segment:
    """One file being read, plain or compressed."""

    path: Path
    file: BinaryIO
    found: os.stat_result
    first: bytes
    """The first HEAD bytes when it was opened, decompressed."""
    offset: int = 0
    line: int = 0
    packed: Unpacked | None = None
    """The inside of a compressed file, at `offset`; None for a plain one."""

    def read(self, size: int) -> bytes:
        """Return bytes from the offset on, as far as there are any."""
        if self.packed is not None:
            return self.packed.read(size)
        self.file.seek(self.offset)
        return self.file.read(size)

    def advance(self, size: int, lines: int) -> None:
        """Move on by so many bytes and lines."""
        self.offset += size
        self.line += lines
        if self.packed is not None:
            self.packed.skip(size)

    def head(self, size: int) -> bytes:
        """Return the first bytes, decompressed; at most HEAD."""
        if self.packed is not None:
            return self.first[:size]
        self.file.seek(0)
        return self.file.read(min(size, HEAD))

    def place(self, size: int = 0, lines: int = 0) -> Place:
        """Return how far it was read, or will have been after so many bytes and lines more."""
        offset = self.offset + size
        head = min(HEAD, offset)
        now = os.fstat(self.file.fileno())
        return Place(
            device=now.st_dev, inode=now.st_ino, offset=offset, line=self.line + lines, head=hashed(self.head(head)),
            head_bytes=head, written_ns=now.st_mtime_ns,
        )  # fmt: skip

    def resume(self, place: Place) -> bool:
        """Move to a place, if this is the place's file or a copy of it, compressed or not; else stay."""
        if place.head_bytes == 0 and not self._is(place):
            return False
        if hashed(self.head(place.head_bytes)) != place.head:
            return False
        if self.packed is None and self.found.st_size < place.offset:
            return False
        if self.packed is not None:
            self.packed.skip(place.offset)
        self.offset, self.line = place.offset, place.line
        return True

    def _is(self, place: Place) -> bool:
        return (self.found.st_dev, self.found.st_ino) == (place.device, place.inode)


def hashed(data: bytes) -> str:
    """Return the hash by which a file's first bytes are remembered."""
    return blake2b(data, digest_size=16).hexdigest()


def open_segment(path: Path) -> Segment | None:
    """Open a file, None if it is gone or no regular file. Raises: OSError: it cannot be read."""
    try:
        file = path.open("rb")
    except (FileNotFoundError, IsADirectoryError):
        return None
    found = os.fstat(file.fileno())
    if not stat.S_ISREG(found.st_mode):
        file.close()
        return None
    first = file.read(HEAD)
    segment = Segment(path=path, file=file, found=found, first=first)
    if first.startswith((GZIP, BZIP2, ZSTD)):
        segment.packed = Unpacked(file, str(path))
        segment.first = segment.packed.read(HEAD)
    return segment


class Files(Protocol):
    """The files of one log."""

    @property
    def name(self) -> str:
        """Under which its bookmark is kept."""

    def newest(self) -> Path:
        """Return the file that is written now; it need not be there."""

    def older(self) -> list[Path]:
        """Return those that were before it, the oldest first."""

    def first(self) -> list[Path]:
        """Return those before the newest that are read where nothing was read yet, the oldest first."""


class Log:
    """See Files: one path, and what rotation leaves beside it (`eve.json.1`, `eve.json-20261121.gz`).

    Args:
        path: the file that is written; rotation leaves names that begin with its own.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        """See Files.name."""
        return str(self._path)

    def newest(self) -> Path:
        """See Files.newest."""
        return self._path

    def older(self) -> list[Path]:
        """See Files.older."""
        begins = (f"{self._path.name}.", f"{self._path.name}-")
        return by_age(other for other in self._path.parent.iterdir() if other.name.startswith(begins))

    def first(self) -> list[Path]:
        """See Files.first: a log is followed from its own first line on."""
        return []


def by_age(paths: Iterable[Path]) -> list[Path]:
    """Return those that are regular files, the one that was written longest ago first."""
    ages: list[tuple[int, str, Path]] = []
    for path in paths:
        try:
            found = path.stat()
        except OSError:
            continue  # rotated away this moment: it has another name on the next look
        if stat.S_ISREG(found.st_mode):
            ages.append((found.st_mtime_ns, path.name, path))
    return [path for _, _, path in sorted(ages)]
