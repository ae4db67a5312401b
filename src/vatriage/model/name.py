"""Names that people give to zones and devices."""

from vatriage.errors import UsageError

LONGEST = 64
"""Characters of a name."""


def checked_name(what: str, text: str, most: int = LONGEST) -> str:
    """Return a name as it is. Raises: UsageError: it is none.

    Args:
        what: whose name, for the message: "zone", "device name".
        text: 1 to `most` printable characters, no blank at either end: one cannot see those, and would not find it again.
        most: characters.
    """
    if not 0 < len(text) <= most:
        raise UsageError(f"The {what} has {len(text)} characters.", f"It must have 1 to {most} characters.")
    if not text.isprintable() or text != text.strip():
        raise UsageError(
            f"The {what} {text!r} holds characters that cannot be seen.",
            f"Use 1 to {most} characters that can be seen, and no blank at either end.",
        )
    return text
