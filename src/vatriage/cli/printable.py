"""Text that others wrote (reports, alerts, file names), made harmless for a terminal and for a line."""

import re

_DOUBTFUL = re.compile(r"[^\x20-\x7e]")
_DOUBTFUL_IN_JSON = re.compile(r"[^\n\x20-\x7e]")


def printable(text: str) -> str:
    r"""Return a text in one line, its control, bidirectional and other invisible characters written as `\x1b`."""
    return text if text.isprintable() else _DOUBTFUL.sub(_escaped, text)


def printable_lines(text: str) -> str:
    """Return a text of several lines, each made printable."""
    return text if text.isprintable() else "\n".join(map(printable, text.split("\n")))


def printable_bytes(raw: bytes) -> str:
    """Return bytes as printable text: UTF-8 where they are, else escaped one by one."""
    return printable(raw.decode(errors="backslashreplace"))


def printable_json(text: str) -> str:
    r"""Return JSON that means the same, with every invisible character inside its strings as `\uXXXX`."""
    return _DOUBTFUL_IN_JSON.sub(_escaped_in_json, text)


def cut(text: str, most: int) -> str:
    """Return a text, or its first `most` characters and how many were left out."""
    return text if len(text) <= most else f"{text[:most]}... ({len(text) - most:,} more characters)"


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def _escaped_in_json(found: re.Match[str]) -> str:
    character = found[0]
    if character.isprintable():
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
