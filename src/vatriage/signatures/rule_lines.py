"""A rule file's lines to whole rules: continuations, Snort 3's free layout, comments of every kind.

Suricata and Snort 2 end a rule with its line unless a backslash stands there. Snort 3 lets a rule run on to its closing
parenthesis, and comments whole passages with `/* ... */` and `#begin ... #end`. A rule in a comment is a rule that is
switched off; prose in a comment is passed over.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from vatriage.signatures.rule_header import ACTIONS, ARROWS

_ACTION = "|".join(sorted(ACTIONS, reverse=True))
_COMMENT_MARKS = re.compile(r"[#\s]+")
_COMMENTED_ACTION = re.compile(rf"[#\s]++(?:{_ACTION})(?=[\s(])")
_COMMENTED_HEAD_OF_SNORT3 = re.compile(rf"[#\s]++(?:{_ACTION})(?:\s+[a-z0-9_.\-]+)?\s*\(")
_COMMENTED_START = re.compile(rf"[#\s]++(?:{_ACTION})\s")
_SID = re.compile(r"[(;\s]sid\s*:\s*[0-9]", re.ASCII)
_BEGIN = re.compile(r"#\s*begin\b")
_END = re.compile(r"#\s*end\b")
_COMMENT_FIRST = re.compile(r"\s*+/\*")
_TOKEN = re.compile(r'\\.|"|\)\s*+/\*')
RULE = re.compile(rf"(?:{_ACTION})(?=[\s(])")
"""How a rule begins."""


class Entry(NamedTuple):
    """One rule, or one line that is none."""

    line: int
    text: str
    commented: bool


def entries(text: str) -> Iterator[Entry]:
    """Yield rules, commented rules and lines that are no rule; prose, blank lines and Suricata's `;` comments are passed over."""
    lines, numbers = _with_marked_passages([line.strip() for line in text.split("\n")])
    position = 0
    while position < len(lines):
        start, line = position, lines[position]
        position += 1
        if not line or line[0] == ";":
            continue
        if line[0] != "#":
            position, rule = _rule_from(lines, start)
            yield Entry(numbers[start], rule, commented=False)
        elif commented := _commented_rule_from(lines, start):
            position, rule = commented
            yield Entry(numbers[start], _COMMENT_MARKS.sub("", rule, count=1), commented=True)


def _with_marked_passages(lines: list[str]) -> tuple[list[str], Sequence[int]]:
    """Return the lines with a `#` before each that stands in `/* ... */` or between `#begin` and `#end`; their numbers.

    What stands before, in and behind a comment on one line becomes a line each, so that none of them is lost.
    """
    if not any("/*" in line or line.startswith(("#begin", "# begin")) for line in lines):
        return lines, range(1, len(lines) + 1)
    last_end = max((place for place, line in enumerate(lines) if _END.match(line)), default=-1)
    marked: list[str] = []
    numbers: list[int] = []
    inside = ""
    for place, line in enumerate(lines):
        if not inside and place < last_end and _BEGIN.match(line):
            inside = "#end"
        if inside == "#end":
            inside = "" if _END.match(line) else inside
            parts = [f"# {line}" if inside else line]
        else:
            parts, inside = _parts(line, inside)
        marked.extend(parts)
        numbers.extend([place + 1] * len(parts))
    return marked, numbers


def _parts(line: str, inside: str) -> tuple[list[str], str]:
    """Return a line cut at the ends of `/* ... */`, what is in comments marked; and whether the next line is inside."""
    blank = "#" if inside else ""
    parts: list[str] = []
    position = 0
    while position < len(line):
        if inside:
            end = line.find("*/", position)
            inside = "*/" if end < 0 else ""
            stop = len(line) if end < 0 else end
            parts.append(f"# {line[position:stop].strip()}")
        else:
            stop = _start_of_comment(line, position)
            inside = "*/" if stop < len(line) else ""
            parts.append(line[position:stop].strip())
        position = stop + 2
    return [part for part in parts if part] or [blank], inside


def _start_of_comment(line: str, position: int) -> int:
    """Return where `/*` opens a comment: first of all or behind a rule's end, never inside a text in quotes."""
    if opening := _COMMENT_FIRST.match(line, position):
        return opening.end() - 2
    if line.startswith("#", position):
        return len(line)
    quoted = False
    for token in _TOKEN.finditer(line, position):
        if token[0] == '"':
            quoted = not quoted
        elif token[0][0] == ")" and not quoted:
            return token.end() - 2
    return len(line)


def _rule_from(lines: list[str], start: int) -> tuple[int, str]:
    """Return where the next entry may begin, and the rule or stray line at `start`."""
    position, rule = _continued(lines, start, commented=False)
    if not RULE.match(rule) or rule.endswith(")"):
        return position, rule
    return _closed(lines, position, rule) or (position, rule)


def _continued(lines: list[str], start: int, *, commented: bool) -> tuple[int, str]:
    """Join the lines that a backslash continues; each line of a commented rule may bear its own mark."""
    position = start + 1
    parts = [lines[start]]
    while parts[-1].endswith("\\") and position < len(lines):
        if commented and _COMMENTED_START.match(lines[position]):
            break
        parts.append(lines[position].lstrip("# \t") if commented else lines[position])
        position += 1
    return position, "".join(part.removesuffix("\\") for part in parts) if len(parts) > 1 else parts[0]


def _closed(lines: list[str], position: int, rule: str) -> tuple[int, str] | None:
    """Join lines up to the closing parenthesis (Snort 3); None if another rule or the file's end comes before it."""
    parts = [rule]
    for place in range(position, len(lines)):
        line = lines[place]
        if RULE.match(line) or _COMMENTED_START.match(line):
            return None
        if line.startswith("#"):
            continue
        parts.append(line)
        if line.endswith(")"):
            return place + 1, "\n".join(parts)
    return None


def _commented_rule_from(lines: list[str], start: int) -> tuple[int, str] | None:
    """Return what `_rule_from` does for a rule behind comment marks; None for prose."""
    if not _COMMENTED_ACTION.match(lines[start]):
        return None
    position, rule = _continued(lines, start, commented=True)
    if rule.endswith(")"):
        return (position, rule) if _is_commented_rule(rule) else None
    closed = _closed_commented(lines, position, rule)
    if closed is not None and _is_commented_rule(closed[1]):
        return closed
    return (position, rule) if _is_commented_rule(rule) else None


def _closed_commented(lines: list[str], position: int, rule: str) -> tuple[int, str] | None:
    parts = [rule]
    for place in range(position, len(lines)):
        line = lines[place]
        if not line.startswith("#") or _COMMENTED_START.match(line):
            return None
        inner = line.lstrip("#").lstrip()
        if inner.startswith("#"):
            continue
        parts.append(inner)
        if line.endswith(")"):
            return place + 1, "\n".join(parts)
    return None


def _is_commented_rule(rule: str) -> bool:
    """Whether a comment is a rule: prose may begin with "alert" too, but has neither an arrow before a parenthesis nor a sid."""
    head, parenthesis, body = rule.partition("(")
    if not parenthesis:
        return False
    if not ARROWS.isdisjoint(head.split()):
        return True
    return bool(_COMMENTED_HEAD_OF_SNORT3.match(rule) and _SID.search("(" + body))
