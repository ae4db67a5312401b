"""Writing XML: escaping, CDATA, elements, dates. Strings in, strings out."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from xml.sax.saxutils import escape as _escape

_ILLEGAL = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
"""What XML 1.0 cannot hold in any form (production Char)."""


def text(value: object) -> str:
    """Return a value as element content: escaped; characters that XML cannot hold become U+FFFD."""
    return _escape(_ILLEGAL.sub("\ufffd", str(value)))


def attribute(value: str) -> str:
    """Return a text as it stands between the double quotes of an attribute."""
    return text(value).replace('"', "&quot;")


def cdata(value: str) -> str:
    """Return a text as CDATA; a `]]>` in it is split over two sections."""
    return f"<![CDATA[{_ILLEGAL.sub(chr(0xFFFD), value).replace(']]>', ']]]]><![CDATA[>')}]]>"


def element(name: str, value: object | None) -> str:
    """Return `<NAME>value</NAME>`, or nothing for None."""
    if value is None:
        return ""
    return f"<{name}>{value if isinstance(value, int) else text(value)}</{name}>"


def cdata_element(name: str, value: str | None) -> str:
    """Return `<NAME>` with a CDATA section, or nothing for None and for an empty text."""
    return f"<{name}>{cdata(value)}</{name}>" if value else ""


def flag(name: str, value: bool | None) -> str:  # noqa: FBT001 - a flag is what it writes
    """Return `<NAME>0</NAME>` or `<NAME>1</NAME>`, or nothing for None."""
    return "" if value is None else f"<{name}>{int(value)}</{name}>"


@lru_cache(maxsize=4096)
def instant(moment: datetime) -> str:
    """Return an instant as Qualys writes it: UTC, whole seconds, `2026-05-03T10:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def dated(name: str, moment: datetime | None) -> str:
    """Return an element with an instant, or nothing for None."""
    return "" if moment is None else f"<{name}>{instant(moment)}</{name}>"


def lines(indent: int, *parts: str) -> str:
    """Join the parts that say something, one a line, `indent` spaces deep."""
    pad = " " * indent
    return "".join(f"{pad}{part}\n" for part in parts if part)
