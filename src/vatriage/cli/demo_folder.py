"""The demo's folder: made anew at every run, and never anybody else's."""

import shutil
from pathlib import Path

from vatriage.errors import UsageError

MARKER = ".made-by-vatriage-demo"
"""The file that says that a folder is ours to empty."""


def made_anew(folder: Path) -> None:
    """Make a folder for the demo, or empty the one of an earlier demo. Raises: UsageError: it holds something else."""
    marker = folder / MARKER
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{folder} is no folder.", "Choose another --folder for the demo.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = list(folder.iterdir())
    if found and (marker.is_symlink() or not marker.is_file()):
        raise UsageError(
            f"{folder} holds {found[0].name!r}, and was not made by the demo, which empties its folder.",
            "Choose another --folder, or remove this one yourself.",
        )
    marker.write_text("`vatriage demo` deletes everything in this folder when it runs again.\n")
    for path in found:
        if path == marker:
            continue  # last of all to go: a demo that is killed here finds its folder again
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
