"""Snapshot files: written beside the current one, named by their hash, made current by a rename, read by mapping.

This module imports neither Django nor DBOS: `vatriage triage` needs nothing of the store but these files.
"""

import fcntl
import json
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from vatriage.errors import VatriageError
from vatriage.model.snapshot import Snapshot, SnapshotColumns, empty_columns

FORMAT = 3
"""Version of the files' layout."""

_CURRENT = "current.json"
_BEHIND = "behind"


class SnapshotError(VatriageError):
    """The snapshot files are missing or damaged."""

    exit_code = 8


def own_mark(folder: Path) -> Path:
    """Return the file that is there while this thread may make the inventory know more than the snapshot."""
    return folder / f"{_BEHIND}.{os.getpid()}.{threading.get_ident()}.{socket.gethostname()}"


def dead_marks(folder: Path) -> list[Path]:
    """Return the marks of processes of this machine that died before they built a snapshot of what they wrote."""
    return [mark for mark in folder.glob(f"{_BEHIND}*") if _is_dead(mark.name.partition(".")[2])]


@contextmanager
def builders_turn(folder: Path) -> Iterator[None]:
    """Let one process at a time read the inventory and save a snapshot, so that the later reader is the later saver."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "building.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def save_snapshot(folder: Path, snapshot: Snapshot) -> None:
    """Write a snapshot and make it the current one; earlier ones are removed, mapped files live on until closed.

    A process that dies at any instant leaves the old snapshot current.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / snapshot.id
    if not (place / "complete").exists():
        _write_columns(place, snapshot.columns)
    note = {"format": FORMAT, "id": snapshot.id, "knowledge_base": snapshot.knowledge_base}
    _replace(folder / _CURRENT, json.dumps(note).encode())
    for other in folder.iterdir():
        if other.is_dir() and other.name != snapshot.id:
            shutil.rmtree(other, ignore_errors=True)


def load_snapshot(folder: Path) -> Snapshot:
    """Map the current snapshot; an inventory without one is an empty snapshot.

    Raises: SnapshotError: the files are damaged, or of another version of the program.
    """
    for attempt in (1, 2, 3):
        note = _read_note(folder)
        if note is None:
            return Snapshot(columns=empty_columns(), id="empty", knowledge_base="empty")
        try:
            place = folder / note["id"]
            columns = {name: np.load(place / f"{name}.npy", mmap_mode="r") for name in SnapshotColumns.names()}
            return Snapshot(columns=SnapshotColumns(**columns), id=note["id"], knowledge_base=note["knowledge_base"])
        except (OSError, ValueError) as error:
            if attempt == 3:  # a newer snapshot may replace this one between the note and the files
                raise _damaged(folder, error) from error
    raise AssertionError("unreachable")


def is_behind(folder: Path) -> bool:
    """Whether the inventory may know more than the snapshot: a writer is at work, or died before it built a new one.

    A snapshot of another version of the program counts as one that is behind.
    """
    return any(folder.glob(f"{_BEHIND}*")) or _is_of_another_version(folder)


def _is_of_another_version(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / _CURRENT).read_bytes()).get("format", FORMAT) != FORMAT)
    except (OSError, ValueError, AttributeError):
        return False  # missing or damaged: reading it says so


def _is_dead(writer: str) -> bool:
    """Whether the process of a mark is known to be gone; a number in use again counts as alive."""
    process, _, rest = writer.partition(".")
    return rest.partition(".")[2] in {"", socket.gethostname()} and not Path(f"/proc/{process or '-'}").exists()


def _write_columns(place: Path, columns: SnapshotColumns) -> None:
    draft = place.with_name(f"{place.name}.{os.getpid()}.tmp")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for name in SnapshotColumns.names():
        with (draft / f"{name}.npy").open("wb") as file:
            np.save(file, getattr(columns, name), allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
    (draft / "complete").touch()
    shutil.rmtree(place, ignore_errors=True)
    draft.rename(place)


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _read_note(folder: Path) -> dict[str, str] | None:
    try:
        note = json.loads((folder / _CURRENT).read_bytes())
        if note["format"] != FORMAT:
            raise _damaged(folder, f"format {note['format']}, this program reads {FORMAT}")
        return {"id": str(note["id"]), "knowledge_base": str(note["knowledge_base"])}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, error) from error


def _damaged(folder: Path, error: object) -> SnapshotError:
    return SnapshotError(
        f"The snapshot in {folder} cannot be read: {error}.",
        "Build it again from the inventory with `vatriage init --rebuild`.",
    )
