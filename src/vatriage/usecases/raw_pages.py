"""Raw pages as the server sent them: kept compressed, given to an Admin, each time with a line in the audit log."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import zstandard

from vatriage.errors import NotFoundError
from vatriage.model.instant import US, format_instant
from vatriage.model.viewer import Viewer
from vatriage.store.audit import note
from vatriage.store.pull_list import ledger_lines
from vatriage.usecases.pull_views import find_pull

_PIECE = 1 << 20


class RawPage(NamedTuple):
    """A raw page: its name, and its bytes in pieces."""

    name: str
    pieces: Iterator[bytes]


def raw_page(pull: int, number: int, *, folder: Path, compressed: bool, viewer: Viewer, now: int) -> RawPage:
    """Return a page of a pull as it came, and note who took it.

    Args:
        pull: its number.
        number: the page's, 1 first.
        folder: of raw pages.
        compressed: as it is kept (zstd), not as it came.
        viewer: who wants it.
        now: seconds.

    Raises:
        NotFoundError: there is no such page, its zone is not theirs to see, or its file is gone.
    """
    find_pull(pull, viewer=viewer)
    lines = [line for line in ledger_lines(pull, above=number - 1, limit=1) if line.number == number]
    name = Path(lines[0].raw_file).name if lines else ""
    if lines and lines[0].removed_at:
        raise NotFoundError(
            f"The raw page {number} of pull {pull} was removed at {format_instant(lines[0].removed_at * US)}.",
            "VATRIAGE_RAW_PAGES_MAX_BYTES and VATRIAGE_RAW_PAGES_MAX_AGE_DAYS say how much is kept, and how long.",
        )
    if not name or not (folder / name).is_file():
        raise NotFoundError(
            f"The raw page {number} of pull {pull} is not here.", "It was never committed, or its file was removed."
        )
    note(viewer.who, now, "raw page downloaded", f"pull {pull} page {number}", None, None)
    return RawPage(name if compressed else name.removesuffix(".zst"), _pieces(folder / name, compressed=compressed))


def _pieces(path: Path, *, compressed: bool) -> Iterator[bytes]:
    with path.open("rb") as source:
        reader: Any = source if compressed else zstandard.ZstdDecompressor().stream_reader(source)
        while piece := reader.read(_PIECE):
            yield piece
