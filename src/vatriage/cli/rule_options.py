"""The options of `vatriage rule add`, as plain values of a rule; what they mean is checked by the model."""

from collections.abc import Sequence
from typing import Any

from vatriage.errors import UsageError


def when(
    *, every: str | None, daily: str | None, weekly: str | None, monthly: str | None, cron: str | None
) -> dict[str, Any]:
    """Return the kind of schedule that was asked for. Raises: UsageError: more than one was, or one cannot be read."""
    given = {
        name: text for name, text in {
            "every": every, "daily": daily, "weekly": weekly, "monthly": monthly, "cron": cron,
        }.items() if text is not None
    }  # fmt: skip
    if len(given) > 1:
        raise UsageError(f"A rule has one schedule, not {' and '.join(f'--{name}' for name in given)}.", "Choose one.")
    if not given:
        return {"kind": "on demand"}
    ((kind, text),) = given.items()
    match kind:
        case "every":
            return {"kind": kind, "every_minutes": _minutes(text)}
        case "daily":
            return {"kind": kind, "times": _list(text)}
        case "cron":
            return {"kind": kind, "cron": text}
    days, _, times = text.strip().rpartition(" ")
    if not days:
        raise UsageError(
            f"--{kind} {text!r} names no days and times.", 'Write it like "mon,thu 02:00" or "1,last 02:00".'
        )
    return {"kind": kind, "days" if kind == "weekly" else "dates": _list(days), "times": _list(times)}


def rule_content_of(
    networks: Sequence[str] | None,
    ranges: Sequence[str] | None,
    devices: Sequence[str] | None,
    zones: Sequence[str] | None,
    schedule: dict[str, Any],
    blackouts: Sequence[str] | None,
) -> dict[str, Any]:
    """Return a rule's content. Raises: UsageError: an option cannot be read."""
    selectors: list[dict[str, str]] = []
    for text in networks or ():
        network, _, mask = text.partition("/")
        selectors.append({"kind": "network", "network": network, "mask": mask or "255.255.255.255"})
    for text in ranges or ():
        first, _, last = text.partition("-")
        selectors.append({"kind": "range", "first": first, "last": last})
    selectors += [{"kind": "device", "device": name} for name in devices or ()]
    selectors += [{"kind": "zone", "zone": name} for name in zones or ()]
    return {"selectors": selectors, "schedule": schedule | {"blackouts": [_blackout(text) for text in blackouts or ()]}}


def _blackout(text: str) -> dict[str, Any]:
    days, _, span = text.strip().rpartition(" ")
    begin, dash, end = span.partition("-")
    if not days or not dash:
        raise UsageError(f"--blackout {text!r} is no window.", 'Write it like "sat,sun 08:00-18:00".')
    return {"days": _list(days), "begin": begin, "end": end}


def _minutes(text: str) -> int:
    number, unit = text[:-1], text[-1:]
    if unit not in ("m", "h") or not (number.isascii() and number.isdigit()):
        raise UsageError(f"--every {text!r} is no interval.", "Write it like 30m or 6h.")
    return int(number[:6]) * (60 if unit == "h" else 1)


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
