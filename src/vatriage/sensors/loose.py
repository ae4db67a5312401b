"""Values of JSON and key-value texts as other programs write them: numbers as texts, texts as numbers."""

from typing import Any

_MAX_DIGITS = 20


def number_of(value: Any) -> int | None:
    """Return an integer, also of `80.0` and `"80"`; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str):
        digits = value.strip()
        usable = digits.isascii() and digits.removeprefix("-").isdigit() and len(digits) <= _MAX_DIGITS
        return int(digits) if usable else None
    return value if isinstance(value, int) else None


def text_value(value: Any) -> str:
    """Return a text, also of a number; an empty one for anything else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
