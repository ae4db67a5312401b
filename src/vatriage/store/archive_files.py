"""The alert archive's files: Parquet by zone and day, written beside their place, synced, renamed, read back and compared.

`archive/zone=Z/day=YYYY-MM-DD/part-*.parquet`; zones are written as in a URL, so that any name is one folder. Any engine
that reads Hive's folders reads them (docs/how-to/archive-alerts.md).
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from vatriage.errors import VatriageError

ROWS_TOGETHER = 1_000
"""Rows of a group in a file; rows lie in order of id, so an event is found in one group of each file."""
_LONGEST = 200
"""Bytes of a zone's name in a path; a longer one is its hash there, and whole in the file."""
_TEXTS = (
    "id", "zone", "source_address", "destination_address", "protocol", "sensor", "disposition", "target_address",
    "attacker_address", "host", "reasons", "group_id", "verdict_name", "format",
)  # fmt: skip
_NUMBERS = (
    "gid", "sid", "rev", "source_port", "destination_port", "target_port", "verdict", "rank",
)  # fmt: skip
_INSTANTS = ("at", "first_judged_at", "last_judged_at")
SCHEMA = pa.schema(
    [
        *(pa.field(name, pa.string(), nullable=False) for name in _TEXTS),
        *(pa.field(name, pa.int64(), nullable=False) for name in _NUMBERS),
        *(pa.field(name, pa.timestamp("us", tz="UTC"), nullable=False) for name in _INSTANTS),
        pa.field("conflict", pa.bool_(), nullable=False),
        pa.field("record", pa.string(), nullable=False),
        pa.field("earlier_records", pa.list_(pa.string()), nullable=False),
        pa.field("raw", pa.binary(), nullable=False),
        pa.field("alert_read", pa.binary(), nullable=False),
    ]
)
"""Columns of a file; `record` is the newest verdict's record (docs/reference/json.md), ports are -1 where there is none."""


class ArchiveError(VatriageError):
    """A file of the archive is missing, damaged, or cannot be written."""

    exit_code = 8


def day_name(day: int) -> str:
    """Return a day (since 1970-01-01) as its folder has it."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date().isoformat()


def part_path(zone: str, day: int, ids: Sequence[str]) -> str:
    """Return where some alerts lie inside the archive: always the same for the same alerts."""
    named = quote(zone, safe="")
    if len(named) > _LONGEST:
        named = f"hash-{sha256(zone.encode()).hexdigest()}"
    part = blake2b("\n".join(ids).encode(), digest_size=12).hexdigest()
    return f"zone={named}/day={day_name(day)}/part-{part}.parquet"


@contextmanager
def writers_turn(folder: Path) -> Iterator[None]:
    """Let one process at a time write the archive; what a dead one began is taken away.

    Raises: ArchiveError: the folder cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (folder / ".writing.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for draft in folder.glob("zone=*/day=*/.part-*.tmp"):
                draft.unlink(missing_ok=True)
            yield
    except OSError as error:
        raise ArchiveError(
            f"{folder} cannot be written: {error.strerror or error}.", "Free some space, or mend it."
        ) from error


def write_part(folder: Path, path: str, rows: Sequence[dict[str, Any]]) -> str:
    """Write a file and return its SHA-256, once it lies on the disk and was read back as it was given.

    Raises: ArchiveError: it cannot be written, or reads otherwise.
    """
    place = folder / path
    table = pa.Table.from_pylist(list(rows), schema=SCHEMA)
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = place.with_name(f".{place.name}.{os.getpid()}.tmp")
        with draft.open("wb") as file:
            pq.write_table(table, file, compression="zstd", row_group_size=ROWS_TOGETHER)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
        for parent in (place.parent, place.parent.parent, folder):
            _sync_folder(parent)
        back = read_part(folder, path)
    except OSError as error:
        raise ArchiveError(
            f"{place} cannot be written: {error.strerror or error}.",
            "The alerts stay in the database; free some space.",
        ) from error
    if not back.equals(table):
        raise ArchiveError(
            f"{place} reads otherwise than it was written.", "The alerts stay in the database; test the disk."
        )
    return digest(folder, path)


def read_part(
    folder: Path, path: str, columns: Sequence[str] | None = None, ids: Iterable[str] | None = None
) -> pa.Table:
    """Return a file's rows, or those of some alerts: of these only the groups of rows are read that may hold them.

    Raises: ArchiveError: it is missing or damaged.
    """
    wanted = None if ids is None else [("id", "in", sorted(ids))]
    try:
        with (folder / path).open("rb") as file:
            return pq.read_table(file, columns=columns, partitioning=None, schema=None, filters=wanted)
    except (OSError, pa.ArrowException) as error:
        raise ArchiveError(
            f"{folder / path} cannot be read: {error}.",
            "Bring it back from a backup; `vatriage archive verify` checks all.",
        ) from error


def digest(folder: Path, path: str) -> str:
    """Return a file's SHA-256. Raises: ArchiveError: it is missing or cannot be read."""
    try:
        with (folder / path).open("rb") as file:
            seen = sha256()
            while piece := file.read(1 << 20):
                seen.update(piece)
    except OSError as error:
        raise ArchiveError(
            f"{folder / path} cannot be read: {error.strerror or error}.", "Bring it back from a backup."
        ) from error
    return seen.hexdigest()


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
