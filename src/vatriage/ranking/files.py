"""Files of lists: read within bounds, replaced whole."""

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from vatriage.errors import written
from vatriage.ranking.interface import RankingError

_GZIP = b"\x1f\x8b"


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file, plain or gzip, for reading. Raises: RankingError: it cannot be opened or read."""
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == _GZIP
            plain.seek(0)
            if packed:
                with gzip.GzipFile(fileobj=plain) as inner:
                    yield inner  # type: ignore[misc]  # GzipFile reads as BinaryIO does
            else:
                yield plain
    except (OSError, EOFError, zlib.error) as error:
        said = getattr(error, "strerror", None) or error
        raise RankingError(f"{path} cannot be read: {said}.", "Check the path and its permissions.") from error


def read_bounded(path: Path, most: int) -> bytes:
    """Return a file's bytes, unpacked. Raises: RankingError: it cannot be read, or holds more than `most` bytes."""
    with opened(path) as source:
        content = source.read(most + 1)
    if len(content) > most:
        raise RankingError(f"{path} holds more than {most:,} bytes.", "It is not the list that is meant here.")
    return content


def replace(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or as it was. Raises: DiskError: it cannot be written."""
    with written(str(path)):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
