"""How long a scan took, as Qualys writes it: `04:29:11`, or `2 days 04:29:11`."""

import re

_DURATION = re.compile(r"(?:(\d{1,4})\s*(?:d|days?)[\s,]*)?(\d{1,4}):([0-5]?\d):([0-5]?\d)", re.IGNORECASE)


def seconds_of(text: str) -> int | None:
    """Return a duration in seconds, None if the text is none."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
