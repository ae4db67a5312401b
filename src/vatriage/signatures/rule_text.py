r"""One rule's text to one `Signature`: only the options that judging needs.

Source of the syntax: Suricata's "Rules Format", Snort 2's manual (chapter 3) and Snort 3's (chapter 5). Options are
`keyword;` or `keyword:value;`; inside a value `;`, `"` and `\` are escaped with a backslash. Suricata ends an option at the first bare
`;`; texts in quotes may hold one here as well, as Snort 3 allows.
"""

import re
from collections.abc import Iterable

from vatriage.model.claim_text import claims_in_text
from vatriage.model.claims import merge_claims
from vatriage.model.signature import ClaimSource, Signature
from vatriage.signatures.rule_header import read_sides

_OPTION = re.compile(
    r"""\s*+(?: ([A-Za-z_][A-Za-z0-9_.\-]*+)\s*+ (?: :\s*+( (?: [^;"\\]++ | "(?:[^"\\]++|\\.)*+" | \\. )*+ ) )?+ (?:;|\Z)
        | (\S) )""",
    re.VERBOSE | re.DOTALL,
)
_BARE_OPTION = re.compile(
    r"""\s*+(?: ([A-Za-z_][A-Za-z0-9_.\-]*+)\s*+ (?: :\s*+( (?: [^;\\]++ | \\. )*+ ) )?+ (?:;|\Z) | (\S) )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r'\\([\\";:])')
_METADATA = frozenset({"cve", "attack_target", "tag", "confidence"})
_MAX_NUMBER = 0xFFFF_FFFF
_MAX_PRIORITY = 255
_FLOWS = {"to_server": "to_server", "from_client": "to_server", "to_client": "to_client", "from_server": "to_client"}


def read_rule(text: str, *, enabled: bool, location: str) -> Signature:
    """Return a rule's signature.

    Args:
        text: the whole rule, from its action to its closing parenthesis.
        enabled: False for a rule that is commented out.
        location: `file:line`, for people.

    Raises: ValueError: the text is no rule; the message says why.
    """
    head, parenthesis, body = text.partition("(")
    body = body.rstrip()
    if not parenthesis or not body.endswith(")"):
        raise ValueError("the rule has no options in parentheses")
    source_side, destination_side = read_sides(head)
    options = _split_options(body[:-1])
    metadata = _metadata(options.get("metadata", ()))
    message = _ESCAPED.sub(r"\1", _unquote(_only(options, "msg")))
    claims, conflict = merge_claims(
        {
            ClaimSource.REFERENCE: options.get("reference", ()),
            ClaimSource.METADATA: metadata.get("cve", ()),
            ClaimSource.MESSAGE: (message,),
        }
    )
    target = _only(options, "target").strip()
    return Signature(
        gid=_number(options, "gid", 1),
        sid=_number(options, "sid", None),
        rev=_number(options, "rev", 0),
        message=message,
        enabled=enabled,
        claims=claims,
        conflict=conflict,
        target=target if target in ("src_ip", "dest_ip") else None,
        attack_targets=tuple(metadata.get("attack_target", ())),
        flow=_flow(options.get("flow", ())),
        source_side=source_side,
        destination_side=destination_side,
        classtype=_only(options, "classtype").strip(),
        priority=_priority(options.get("priority", ())),
        tags=tuple(metadata.get("tag", ())),
        confidence=next(iter(metadata.get("confidence", ())), ""),
        location=location,
    )


def _split_options(body: str) -> dict[str, list[str]]:
    """Return each option's values in order, under its lower-case keyword."""
    found = _OPTION.findall(body)
    if any(rest for _, _, rest in found):
        # An odd number of quotes: Suricata does not mind, it ends the option at the first bare `;`.
        found = _BARE_OPTION.findall(body)
    options: dict[str, list[str]] = {}
    for keyword, value, rest in found:
        if rest:
            raise ValueError(f"the options cannot be read from {rest!r} on")
        options.setdefault(keyword.lower(), []).append(value)
    return options


def _only(options: dict[str, list[str]], keyword: str) -> str:
    values = options.get(keyword)
    if values is None:
        return ""
    if len(values) > 1 and len({value.strip() for value in values}) > 1:
        raise ValueError(f"{keyword} is given {len(values)} times with different values")
    return values[0]


def _unquote(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) >= 2 and value[0] == value[-1] == '"' else value


def _number(options: dict[str, list[str]], keyword: str, missing: int | None) -> int:
    text = _only(options, keyword).strip()
    if not text and keyword not in options:
        if missing is None:
            raise ValueError(f"the rule has no {keyword}")
        return missing
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= _MAX_NUMBER):
        raise ValueError(f"{keyword} {text!r} is no number from 0 to {_MAX_NUMBER}")
    if keyword == "sid" and int(text) == 0:
        raise ValueError("sid 0 names no signature")
    return int(text)


def _priority(values: Iterable[str]) -> int | None:
    """Return the worst priority given; None without one. It only ranks, so a bad one is no reason to refuse the rule."""
    texts = [value.strip() for value in values]
    numbers = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) <= 3]
    return min((number for number in numbers if 1 <= number <= _MAX_PRIORITY), default=None)


def _metadata(values: Iterable[str]) -> dict[str, list[str]]:
    """Return the values of all `metadata` keywords that matter: comma-separated `key value`, keys in lower case.

    What other items name (`tag CVE_2022_22965`) counts as a value of `cve`.
    """
    metadata: dict[str, list[str]] = {}
    for value in values:
        for item in value.split(","):
            key, _, text = item.strip().partition(" ")
            if text and (word := key.lower()) in _METADATA:
                metadata.setdefault(word, []).append(text.strip())
            if key.lower() != "cve" and (named := claims_in_text(item)):
                metadata.setdefault("cve", []).extend(one.id for one in named)
    return metadata


def _flow(values: Iterable[str]) -> str | None:
    for value in values:
        for word in value.split(","):
            if direction := _FLOWS.get(word.strip().lower()):
                return direction
    return None
