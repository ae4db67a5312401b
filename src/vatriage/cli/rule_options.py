"""The options of `vatriage rule add` and `rule edit`, as plain values of a rule; what they mean is checked by the model."""

from collections.abc import Mapping, Sequence
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
    given = {"network": networks, "range": ranges, "device": devices, "zone": zones}
    selectors = [_selector(kind, text) for kind, texts in given.items() for text in texts or ()]
    return {"selectors": selectors, "schedule": schedule | {"blackouts": [_blackout(text) for text in blackouts or ()]}}


def changed_content(
    now: Mapping[str, Any],
    selectors: Mapping[str, Sequence[str] | None],
    kind: Mapping[str, Any] | None,
    rest: Mapping[str, Any],
    blackouts: Sequence[str] | None,
) -> dict[str, Any]:
    """Return a rule's content after some options were given; None leaves what they stand for as it is.

    Args:
        now: the content as it is.
        selectors: by kind, what takes the place of the selectors of that kind; empty texts select nothing.
        kind: the kind of schedule, with its times.
        rest: fields of the schedule that every kind has.
        blackouts: the windows; empty texts are none.

    Raises: UsageError: an option cannot be read.
    """
    kept = [dict(item) for item in now["selectors"] if selectors.get(item["kind"]) is None]
    new = [_selector(name, text) for name, texts in selectors.items() for text in texts or () if text]
    before = dict(now["schedule"])
    if kind is not None:
        before = {name: value for name, value in before.items() if name in _OF_ANY_KIND} | dict(kind)
    schedule = before | {name: value for name, value in rest.items() if value is not None}
    if blackouts is not None:
        schedule["blackouts"] = [_blackout(text) for text in blackouts if text]
    return {"selectors": kept + new, "schedule": schedule}


_OF_ANY_KIND = ("zone", "jitter_s", "missed", "blackouts")


def _selector(kind: str, text: str) -> dict[str, str]:
    """Return what an option selects; what it means is checked by the model."""
    if kind == "network":
        network, _, mask = text.partition("/")
        return {"kind": kind, "network": network, "mask": mask or "255.255.255.255"}
    if kind == "range":
        first, _, last = text.partition("-")
        return {"kind": kind, "first": first, "last": last}
    return {"kind": kind, kind: text}


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
