"""Tracebacks go to a file of the home folder that only its owner reads; people get one line with a reference."""

import fcntl
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

NAME = "errors.log"
MOST_BYTES = 1_000_000
"""Of one file, before it is put aside."""
KEPT = 3
"""Files that were put aside: errors.log.1 is the newest."""
_SHORTEST = 4
"""A secret that is shorter is not looked for: half of all words would be masked."""


class OneLine(logging.Formatter):
    """Writes a record as one line: of an exception, its class only."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; line breaks inside a message stay inside it."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        text = f"{at} {record.levelname} {record.name}: {record.getMessage()}{f' ({kind})' if kind else ''}"
        return text.replace("\n", "\\n").replace("\r", "\\r")


class ErrorFile(logging.Handler):
    """Appends records that carry an exception, with their tracebacks, to errors.log; several processes may share it.

    A record's `secrets` (an iterable of texts, from `extra`) are masked wherever they stand.

    Args:
        home: the folder.
    """

    def __init__(self, home: str) -> None:
        super().__init__(logging.ERROR)
        self._folder = Path(home)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; a disk that is full is no reason to break what is being answered."""
        if not record.exc_info:
            return
        record.exc_text = None  # another handler's formatter may have kept an unmasked one
        try:
            text = masked(self.format(record), getattr(record, "secrets", ()))
            with _alone(self._folder):
                _append(self._folder / NAME, text.encode(errors="backslashreplace") + b"\n\n")
        except OSError:
            self.handleError(record)
        finally:
            record.exc_text = None


def masked(text: str, secrets: Iterable[str]) -> str:
    """Return a text without some secrets, however Python spells them."""
    for secret in sorted({item for item in secrets if len(item) >= _SHORTEST}, key=len, reverse=True):
        for spelling in (secret, repr(secret)[1:-1], ascii(secret)[1:-1]):
            text = text.replace(spelling, "***")
    return text


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other process write until the end of the block."""
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _append(path: Path, text: bytes) -> None:
    if path.exists() and path.stat().st_size + len(text) > MOST_BYTES:
        for number in range(KEPT, 0, -1):
            older = path.with_name(f"{NAME}.{number - 1}") if number > 1 else path
            if older.exists():
                older.replace(path.with_name(f"{NAME}.{number}"))
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(file, "ab") as target:
        target.write(text)
