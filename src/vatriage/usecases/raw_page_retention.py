"""How long raw pages are kept: by size and by age, whole pulls at a time, the oldest first.

The ledger says first that a page is removed, and then its file goes: a process that dies in between leaves a file that
the next look removes, never a page that the ledger promises and nobody has.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from django.db import transaction

from vatriage.store.raw_rows import KeptPull, note_removed, removable_pulls, removed_files

_ENDING = ".xml.zst"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How much is kept."""

    max_bytes: int
    """Compressed, 0 = no bound."""
    max_age_s: float
    """Since the pull ended, 0 = no bound."""


class Removed(NamedTuple):
    """What was removed."""

    pulls: int
    files: int
    bytes: int


class Kept(NamedTuple):
    """What raw pages take at present."""

    files: int
    bytes: int


def kept_pages(folder: Path) -> Kept:
    """Return what the raw pages in a folder take."""
    sizes = _sizes(folder)
    return Kept(len(sizes), sum(sizes.values()))


def remove_raw_pages(folder: Path, keep: Retention, now: int) -> Removed:
    """Remove the raw pages that are not to be kept any longer; those of a pull that may be gone on with stay.

    Args:
        folder: of raw pages.
        keep: how much is kept.
        now: seconds.

    Raises: OSError: a file could not be removed; the next look tries again.
    """
    sizes = _sizes(folder)
    left_behind = removed_files(sizes)
    chosen = _chosen(removable_pulls(), {name: sizes[name] for name in sizes if name not in left_behind}, keep, now)
    if chosen:
        with transaction.atomic():
            note_removed([pull.id for pull in chosen], now)
    going = [*left_behind, *(name for pull in chosen for name in pull.files if name in sizes)]
    for name in going:
        (folder / name).unlink(missing_ok=True)
    return Removed(len(chosen), len(going), sum(sizes[name] for name in going))


def tidied(folder: Path, keep: Retention, now: int) -> str:
    """Do the same beside other work, which must not fail of it; return what went wrong, "" if nothing."""
    try:
        remove_raw_pages(folder, keep, now)
    except OSError as error:
        return (
            f"Old raw pages could not be removed: {error.strerror or error}. They are tried again after the next pull."
        )
    return ""


def _chosen(pulls: list[KeptPull], sizes: dict[str, int], keep: Retention, now: int) -> list[KeptPull]:
    """Return the pulls whose pages go."""
    total, chosen = sum(sizes.values()), []
    for pull in pulls:
        is_old = keep.max_age_s and now - pull.ended_at > keep.max_age_s
        if not is_old and not (keep.max_bytes and total > keep.max_bytes):
            continue
        chosen.append(pull)
        total -= sum(sizes.get(name, 0) for name in pull.files)
    return chosen


def _sizes(folder: Path) -> dict[str, int]:
    """Return the raw pages in a folder with their sizes; one that goes meanwhile is left out."""
    if not folder.is_dir():
        return {}
    found = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(_ENDING):
                try:
                    found[entry.name] = entry.stat().st_size
                except FileNotFoundError:
                    continue
    return found
