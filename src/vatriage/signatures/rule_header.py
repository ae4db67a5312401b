"""The head of a rule: which of its ends is at home.

A rule's head is `action protocol source port -> destination port`. Only the two addresses matter to triage. Variables
other than those listed here can mean anything, so they are ANY.
"""

from functools import lru_cache

from vatriage.model.signature import Side

ACTIONS = (
    *("alert", "drop", "reject", "rejectsrc", "rejectdst", "rejectboth", "pass"),
    *("log", "sdrop", "sblock", "activate", "dynamic"),
    *("block", "react", "rewrite", "file_id"),
)
"""The actions of Suricata, of Snort 2 beyond those, and of Snort 3 (whose `file_id` names a kind of file)."""

HOME_VARIABLES = frozenset(
    {
        "$HOME_NET",
        *(f"${name}_SERVERS" for name in ("HTTP", "SQL", "SMTP", "DNS", "TELNET", "DC", "FTP", "SSH", "SIP", "POP3")),
        *(f"${name}_{end}" for name in ("DNP3", "MODBUS", "ENIP") for end in ("CLIENT", "SERVER")),
    }
)
"""Variables that both programs' configurations define as a part of `$HOME_NET`."""

EXTERNAL_VARIABLES = frozenset({"$EXTERNAL_NET", "$AIM_SERVERS"})
"""Variables that name other people's hosts."""

ARROWS = frozenset({"->", "<>", "=>", "<-"})
"""Between the ends: one way, Suricata's and Snort's both ways, Suricata 8's request and response, Snort's old reverse."""


def read_sides(head: str) -> tuple[Side, Side]:
    """Return what the text before a rule's `(` says of source and destination.

    A head without addresses (Snort 3's `alert http`, `alert file`, `file_id`) and both two-way arrows leave both ends ANY.

    Raises: ValueError: the head is none.
    """
    words = (head if "[" not in head else _close_up(head)).split()
    if len(words) <= 2:
        return Side.ANY, Side.ANY
    if len(words) != 7 or words[4] not in ARROWS:
        raise ValueError("the head is not 'action protocol source port -> destination port'")
    if words[4] == "->":
        return side_of(words[2]), side_of(words[5])
    return (side_of(words[5]), side_of(words[2])) if words[4] == "<-" else (Side.ANY, Side.ANY)


def _close_up(head: str) -> str:
    """Drop the blanks inside brackets, so that every address is one word."""
    parts = []
    depth = 0
    for character in head:
        depth += (character == "[") - (character == "]")
        if depth <= 0 or not character.isspace():
            parts.append(character)
    return "".join(parts)


@lru_cache(maxsize=4096)
def side_of(address: str) -> Side:
    """Return what one address of a rule says: `$HOME_NET`, `!$HOME_NET`, `[$HTTP_SERVERS,$HOME_NET]`, ...

    In a list the positive members decide, all of them together: members with `!` only narrow. A list of exclusions
    alone is what they leave over.
    """
    if address.startswith("!"):
        return _side_without(_members(address[1:]))
    if not address.startswith("["):
        return _side_of_variable(address)
    members = _members(address)
    positive = {_side_of_variable(member) for member in members if not member.startswith("!")}
    if not positive:
        return _side_without(tuple(member[1:] for member in members))
    return positive.pop() if len(positive) == 1 else Side.ANY


def _members(address: str) -> tuple[str, ...]:
    """Return a list's members; nested brackets stay inside their member, which then is no known variable."""
    inner = address[1:-1] if address.startswith("[") and address.endswith("]") else address
    return tuple(member for member in inner.split(",") if member)


def _side_of_variable(word: str) -> Side:
    if word in HOME_VARIABLES:
        return Side.HOME
    return Side.EXTERNAL if word in EXTERNAL_VARIABLES else Side.ANY


def _side_without(excluded: tuple[str, ...]) -> Side:
    """Return what is left without these; only the whole of $HOME_NET leaves strangers (a web server's exclusion leaves desks)."""
    return Side.EXTERNAL if "$HOME_NET" in excluded else Side.ANY
