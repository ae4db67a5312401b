"""sid-msg.map: what a signature references, without its rule.

Version 1 is `sid || message || reference || ...`, version 2 is
`gid || sid || rev || classtype || priority || message || reference || ...`; a version 2 may say `#v2` in its first line
(source: the maps that oinkmaster, pulledpork and rulecat write). A map holds neither `metadata` nor the head of a rule,
so its entries confirm, add to the rule that they belong to, and never stand for it (`from_rule=False`).
"""

import re
from collections.abc import Iterator

from vatriage.model.claims import merge_claims
from vatriage.model.signature import ANY_REVISION, ClaimSource, Signature
from vatriage.signatures.interface import MAX_RAW, Found, RuleReject

_MARK = re.compile(r"#\s*v([12])\s*\Z", re.IGNORECASE)
_REFERENCE = re.compile(r"\w+\s*,")
_MAX_NUMBER = 0xFFFF_FFFF
_FIELDS_BEFORE_REFERENCES = {1: 2, 2: 6}
_NO_CLASS = "NOCLASS"
_MAX_PRIORITY = 255


def read_map(text: str, name: str) -> Found:
    """Return the entries of a map.

    Args:
        text: the whole file.
        name: what to call it in locations and rejects.
    """
    version = _version(text)
    signatures: list[Signature] = []
    rejects: list[RuleReject] = []
    for number, line in _lines(text):
        fields = [part.strip() for part in line.split("||")]
        try:
            location = f"{name}:{number}"
            signatures.append(_first(fields, location) if version == 1 else _second(fields, location))
        except ValueError as error:
            rejects.append(RuleReject(file=name, line=number, problem=str(error), raw=line[:MAX_RAW]))
    return Found(signatures=signatures, rejects=rejects)


def _version(text: str) -> int:
    """Return what the file says of itself, else what its lines look like."""
    for line in text.split("\n"):
        stripped = line.strip()
        if mark := _MARK.match(stripped):
            return int(mark[1])
        if stripped and not stripped.startswith("#"):
            break
    return 2 if any(_looks_second(line.split("||")) for _, line in _lines(text)) else 1


def _looks_second(fields: list[str]) -> bool:
    if len(fields) < _FIELDS_BEFORE_REFERENCES[2]:
        return False
    return all(_is_number(fields[place].strip()) for place in (0, 1, 2, 4))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield number, stripped


def _first(fields: list[str], location: str) -> Signature:
    if len(fields) < _FIELDS_BEFORE_REFERENCES[1]:
        raise ValueError("the line is not 'sid || message || references'")
    sid, message, *references = fields
    if _is_number(message) and len(fields) == 3 and not _REFERENCE.match(fields[2]):
        raise ValueError("the line is 'generator || alert || message' of a gen-msg.map, which names no vulnerability")
    return _entry(1, _number("sid", sid, 1), ANY_REVISION, message, references, location)


def _second(fields: list[str], location: str) -> Signature:
    if len(fields) < _FIELDS_BEFORE_REFERENCES[2]:
        raise ValueError("the line is not 'gid || sid || rev || classtype || priority || message || references'")
    gid, sid, rev, classtype, priority, message, *references = fields
    return _entry(
        *(_number("gid", gid, 0), _number("sid", sid, 1), _number("rev", rev, 0), message, references, location),
        classtype="" if classtype == _NO_CLASS else classtype,
        # 0 is written where the rule states none.
        priority=int(priority) if _is_number(priority) and 1 <= int(priority) <= _MAX_PRIORITY else None,
    )


def _entry(
    gid: int,
    sid: int,
    rev: int,
    message: str,
    references: list[str],
    location: str,
    *,
    classtype: str = "",
    priority: int | None = None,
) -> Signature:
    claims, conflict = merge_claims({ClaimSource.SID_MSG_MAP: references, ClaimSource.MESSAGE: (message,)})
    return Signature(
        gid=gid,
        sid=sid,
        rev=rev,
        message=message,
        enabled=False,
        claims=claims,
        conflict=conflict,
        classtype=classtype,
        priority=priority,
        from_rule=False,
        location=location,
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= _MAX_NUMBER


def _number(field: str, text: str, least: int) -> int:
    if not _is_number(text) or int(text) < least:
        raise ValueError(f"{field} {text[:80]!r} is no number from {least} to {_MAX_NUMBER}")
    return int(text)
