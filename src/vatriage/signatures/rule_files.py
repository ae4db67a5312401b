"""Rule files of Suricata and Snort 2: signatures out, nothing lost.

A rule that cannot be read becomes a `RuleReject`; its neighbours are loaded. Rules that are commented out are read too
(`enabled=False`), because a sensor may run another selection than the one at hand.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from vatriage.model.signature import Signature
from vatriage.signatures.interface import RuleReject, SignaturesError
from vatriage.signatures.rule_header import ACTIONS, ARROWS
from vatriage.signatures.rule_text import read_rule

MAX_RAW = 4096
"""Characters of a rejected rule that are kept."""

_ACTION = "|".join(sorted(ACTIONS, reverse=True))
_COMMENT_MARKS = re.compile(r"[#\s]+")
_COMMENTED_ACTION = re.compile(rf"[#\s]++(?:{_ACTION})\s")
_RULE = re.compile(rf"(?:{_ACTION})\s")


class _Entry(NamedTuple):
    """One logical line: continuations joined."""

    line: int
    text: str
    commented: bool


def read_rules(source: Path | BinaryIO, name: str = "") -> tuple[list[Signature], list[RuleReject]]:
    """Return the signatures of a file, a stream or a folder, and the rules that could not be read.

    Args:
        source: a file; a folder, of which all `*.rules` below are read in order of their paths; or a binary stream.
        name: what to call the source in locations and rejects; the path as given if empty.

    Raises: SignaturesError: the file or folder cannot be opened, or the folder holds no rule file.
    """
    if not isinstance(source, Path):
        return _read_text(decode(source.read()), name or "-")
    if not source.is_dir():
        return _read_text(decode(_read_bytes(source)), name or str(source))
    files = sorted(path for path in source.rglob("*.rules") if path.is_file())
    if not files:
        raise SignaturesError(f"Folder {source} holds no rule file.", "Rule files are named *.rules.")
    signatures: list[Signature] = []
    rejects: list[RuleReject] = []
    for path in files:
        label = f"{name}/{path.relative_to(source)}" if name else str(path)
        found, broken = _read_text(decode(_read_bytes(path)), label)
        signatures += found
        rejects += broken
    return signatures, rejects


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SignaturesError(f"Reading rules from {path} failed: {error.strerror}.", "Check the path.") from error


def decode(content: bytes) -> str:
    """Return a rule file's text: UTF-8 with or without its mark, else Latin-1, which fits any bytes."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _read_text(text: str, name: str) -> tuple[list[Signature], list[RuleReject]]:
    signatures: list[Signature] = []
    rejects: list[RuleReject] = []
    for entry in _entries(text):
        try:
            if not _RULE.match(entry.text):
                raise ValueError("the line starts with none of the known actions")  # noqa: TRY301 - one exit for all
            signatures.append(read_rule(entry.text, enabled=not entry.commented, location=f"{name}:{entry.line}"))
        except ValueError as error:
            rejects.append(RuleReject(file=name, line=entry.line, problem=str(error), raw=entry.text[:MAX_RAW]))
    return signatures, rejects


def _entries(text: str) -> Iterator[_Entry]:
    """Yield rules and commented rules; prose, blank lines and Suricata's `;` comments are passed over."""
    lines = text.split("\n")
    position = 0
    while position < len(lines):
        start = position
        line = lines[position].strip()
        position += 1
        if not line or line[0] == ";" or (line[0] == "#" and not _is_commented_rule(line)):
            continue
        commented = line[0] == "#"
        parts = [line]
        while parts[-1].endswith("\\") and position < len(lines):
            # Each line of a commented rule may bear its own mark.
            following = lines[position].strip()
            parts.append(following.lstrip("# \t") if commented else following)
            position += 1
        rule = "".join(part.removesuffix("\\") for part in parts) if len(parts) > 1 else line
        yield _Entry(start + 1, _COMMENT_MARKS.sub("", rule, count=1) if commented else rule, commented)


def _is_commented_rule(line: str) -> bool:
    """Whether a comment is a rule: prose may begin with "alert" too, but has no arrow before a parenthesis."""
    head, parenthesis, _ = line.partition("(")
    return bool(parenthesis and _COMMENTED_ACTION.match(line) and not ARROWS.isdisjoint(head.split()))
