"""The files of a pull: the spool of the page under way, and the raw pages that are kept compressed."""

from hashlib import file_digest
from pathlib import Path

import zstandard

from vatriage.errors import written


def spool(folder: Path, pull: int) -> Path:
    """Return where the page under way is written."""
    return folder / f"{pull:08d}.part"


def stream_spool(folder: Path, pull: int) -> Path:
    """Return where the report of a running scan is written: it outlives its process."""
    return folder / f"{pull:08d}-scan.part"


def keep_raw(body: Path, folder: Path, pull: int, number: int) -> str:
    """Keep a page as it came, compressed; return its file's name. Raises: DiskError: there is no room for it."""
    name = f"{pull:08d}-{number:06d}.xml.zst"
    with written(str(folder / name)), body.open("rb") as source, (folder / name).open("wb") as target:
        zstandard.ZstdCompressor(level=3).copy_stream(source, target)
    return name


def sweep(folder: Path, pull: int, committed: int, *, keep_stream: bool = False) -> None:
    """Remove what a process that died left of a pull: its spool, and raw pages that were never committed."""
    spool(folder, pull).unlink(missing_ok=True)
    if not keep_stream:
        stream_spool(folder, pull).unlink(missing_ok=True)
    for path in folder.glob(f"{pull:08d}-*.xml.zst"):
        if int(path.name[9:15]) > committed:
            path.unlink(missing_ok=True)


def sha256_of(body: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with body.open("rb") as source:
        return file_digest(source, "sha256").hexdigest()
