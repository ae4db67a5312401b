"""Files that tell of signatures, told apart by name and content: rules, sid-msg.map, classification.config.

In a folder only files whose names say what they are are read, because a rule archive holds others too; a file that is
named by itself is read for what it holds.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from vatriage.signatures.classification import START, read_classes
from vatriage.signatures.interface import Found, SignaturesError
from vatriage.signatures.rule_files import read_rules
from vatriage.signatures.sid_msg_map import read_map


class Kind(StrEnum):
    """What a file holds."""

    RULES = "rules"
    MAP = "sid-msg.map"
    CLASSES = "classification.config"


_READERS: Mapping[Kind, Callable[[str, str], Found]] = MappingProxyType(
    {Kind.RULES: read_rules, Kind.MAP: read_map, Kind.CLASSES: read_classes}
)


def read_signature_files(source: Path | BinaryIO, name: str = "") -> Found:
    """Return what a file, a stream or a folder tells of signatures.

    Args:
        source: a file; a folder, of which all `*.rules`, `*sid-msg*.map` and `*classification*.config` below are read in
            order of their paths; or a binary stream.
        name: what to call the source in locations and rejects; the path as given if empty.

    Raises: SignaturesError: the file or folder cannot be opened, or the folder holds no such file.
    """
    if not isinstance(source, Path):
        return _read(source.read(), name or "-")
    if not source.is_dir():
        return _read(_bytes(source), name or str(source))
    files = list(_files_below(source))
    if not files:
        hint = "Rule files are named *.rules, maps *sid-msg*.map, classifications *classification*.config."
        raise SignaturesError(f"Folder {source} holds no rule file.", hint)
    return join_found(
        _read(_bytes(path), f"{name}/{path.relative_to(source)}" if name else str(path)) for path in files
    )


def join_found(parts: Iterator[Found]) -> Found:
    """Return several files' content as one; of two priorities of a classtype the worse one."""
    whole = Found()
    classes: dict[str, int] = {}
    for part in parts:
        whole.signatures.extend(part.signatures)
        whole.rejects.extend(part.rejects)
        for classtype, priority in part.classes.items():
            classes[classtype] = min(priority, classes.get(classtype, priority))
    return Found(signatures=whole.signatures, classes=classes, rejects=whole.rejects)


def kind_of(name: str, text: str) -> Kind:
    """Return what a file holds: by its name, or by its first line that is no comment; rules if nothing else fits."""
    if named := _kind_by_name(Path(name).name):
        return named
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            if START.match(stripped):
                return Kind.CLASSES
            return Kind.MAP if "||" in stripped.partition("(")[0] else Kind.RULES
    return Kind.RULES


def _kind_by_name(name: str) -> Kind | None:
    lower = name.lower()
    if lower.endswith(".rules"):
        return Kind.RULES
    if lower.endswith(".map") and "sid-msg" in lower:
        return Kind.MAP
    return Kind.CLASSES if lower.endswith(".config") and "classification" in lower else None


def _files_below(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if _kind_by_name(path.name) and path.is_file())


def _read(content: bytes, name: str) -> Found:
    text = decode(content)
    return _READERS[kind_of(name, text)](text, name)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SignaturesError(f"Reading rules from {path} failed: {error.strerror}.", "Check the path.") from error


def decode(content: bytes) -> str:
    """Return a file's text: UTF-8 with or without its mark, else Latin-1, which fits any bytes."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")
