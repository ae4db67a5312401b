"""A MAC address in its one spelling: `00:11:22:33:44:55`, lower case. Only the 48 bits of Ethernet are a MAC."""

import re

_DIGITS = re.compile(r"[0-9a-f]{12}")


def canonical_mac(text: str) -> str:
    """Return a MAC in its one spelling. Raises: ValueError: it is none."""
    digits = re.sub(r"[:.\-\s]", "", text.lower())
    if not _DIGITS.fullmatch(digits):
        raise ValueError(f"{text[:60]!r} is no MAC address")
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))
