"""Lists of stored alerts: filters, pages, groups, MARS's four lists. What a viewer may see is decided in the query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from vatriage.errors import UsageError
from vatriage.model.alert import Disposition
from vatriage.model.alert_filter import AlertFilter, Decision, Order
from vatriage.model.verdict import Verdict
from vatriage.store.alert_branches import branches_of, is_narrow, read_branches
from vatriage.store.alert_counts import LEVELS
from vatriage.store.alert_pages import Key, alerts_after, all_signatures, groups_after, messages_of
from vatriage.store.review_rows import contradicted_since, newest_of_groups, said_of
from vatriage.store.tuning_rows import marks_of

PAGE = 50
"""Rows of a page."""
COUNTED = 10_000
"""Alerts up to which a list is counted exactly."""
SIGNATURES = 1_000
"""A part of a message that more signatures share is refused: the list would be everything."""

MARS_LISTS: Mapping[str, tuple[str, str, AlertFilter]] = {
    "unconfirmed": (
        "Unconfirmed false positives", "Not affected by the evidence at hand; no person has said so yet.",
        AlertFilter(verdicts=frozenset({Verdict.NOT_AFFECTED}), reviewed=False),
    ),
    "system": (
        "System determined false positives", "Blocked by the sensor, and the target is not affected: nothing to be done.",
        AlertFilter(verdicts=frozenset({Verdict.NOT_AFFECTED}), disposition=Disposition.BLOCKED),
    ),
    "confirmed": (
        "User confirmed false positives", "A person said so, with a reason.",
        AlertFilter(decisions=frozenset({Decision.CONFIRMED_FALSE_POSITIVE})),
    ),
    "positive": (
        "User confirmed positives", "A person said that the attack was real.",
        AlertFilter(decisions=frozenset({Decision.CONFIRMED_POSITIVE})),
    ),
    "noise": (
        "Noise", "Real events that a person does not want to look at again.",
        AlertFilter(decisions=frozenset({Decision.NOISE})),
    ),
}  # fmt: skip
"""MARS's lists of false positives as filters (VERDICT 7): name -> title, meaning, filter. They are views, no states."""
BESIDE_MARS: Mapping[str, tuple[str, str, AlertFilter]] = {
    "contradicted": (
        "Contradicted", "A person called them false positives or noise, and the evidence of today says otherwise: look again.",
        AlertFilter(contradicted=True),
    ),
    "marked": (
        "Marked by a tuning rule", "A standing rule of a person speaks of them, and nobody has reviewed them one by one.",
        AlertFilter(marked=True),
    ),
}  # fmt: skip
"""Lists of the same kind that MARS did not have."""
LISTS = {**MARS_LISTS, **BESIDE_MARS}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPage:
    """Some rows of a list, in order."""

    rows: list[dict[str, Any]]
    """Columns of an alert or group, with `message`, `review` (None, or the review in force as a dictionary),
    `contradicted` (None, or the review that evidence speaks against, with `since_us`) and `marked` (None, or the
    tuning rule that marks it: `rule`, `mark`)."""
    following: str | None
    """What `after` must be for the next page; None = this is the last."""


def list_alerts(
    wanted: AlertFilter, *, zones: frozenset[str] | None, now: int, order: Order = Order.RANK, after: str | None = None,
    size: int = PAGE,
) -> AlertPage:  # fmt: skip
    """Return a page of alerts.

    Args:
        wanted: the filter.
        zones: names of the zones that the viewer may see, None = all.
        now: seconds.
        order: of the list.
        after: `following` of the page before, None = the first page.
        size: rows.

    Raises: UsageError: `after` is not ours, or too many signatures fit the filter's.
    """
    rows = alerts_after(wanted.within(zones), order, signatures_of(wanted.signature), _key(after), size + 1, now)
    say_of(rows, [(row["id"], row["group_id"], row["verdict"]) for row in rows], now)
    return _page(rows, size, ("rank", "at_us"))


def count_listed(wanted: AlertFilter, *, zones: frozenset[str] | None, now: int) -> tuple[int, bool]:
    """Return how many alerts a list holds, and whether they are more than that, because `COUNTED` is where counting ends."""
    narrowed = wanted.within(zones)
    branches = branches_of(narrowed, Order.TIME, signatures_of(wanted.signature), now)
    found = sum(1 for _ in read_branches(branches, ("at_us", "id"), COUNTED + 1, narrow=is_narrow(narrowed)))
    return min(found, COUNTED), found > COUNTED


def list_groups(
    wanted: AlertFilter, *, zones: frozenset[str] | None, now: int, order: Order = Order.RANK, after: str | None = None,
    size: int = PAGE,
) -> AlertPage:  # fmt: skip
    """Return a page of groups that hold an alert of the filter; counts are of all their alerts. See `list_alerts`.

    Rows hold `newest_review` as well: the number of the newest review of the group, in force or not, 0 = none; and `mixed`:
    whether there is more to say of its alerts than their worst verdict.
    """
    rows = groups_after(wanted.within(zones), order, signatures_of(wanted.signature), _key(after), size + 1, now)
    say_of(rows, [("", row["id"], row["worst"]) for row in rows], now)
    newest = newest_of_groups(row["id"] for row in rows)
    for row in rows:
        row["newest_review"] = newest.get(row["id"], 0)
        row["mixed"] = sum(row[name] > 0 for name in LEVELS) > 1 or row["system_determined"] > 0
    return _page(rows, size, ("worst", "last_at_us"))


def say_of(rows: Sequence[dict[str, Any]], subjects: Sequence[tuple[str, str, int]], now: int) -> None:
    """Add to rows of a list what people say of them; subjects are as in `said_of`."""
    said, marks = said_of(subjects, now), marks_of(subjects, now)
    for row, (alert_id, group_id, _) in zip(rows, subjects, strict=True):
        row["review"], against = said.in_force.get(row["id"]), said.contradicted.get(row["id"])
        row["contradicted"] = against and against | {"since_us": contradicted_since(against, alert_id, group_id)}
        row["marked"] = None if row["review"] or against else marks.get(row["id"])


def mars_list(name: str, zones: frozenset[str] | None = None) -> AlertFilter:
    """Return the filter of a list of LISTS. Raises: UsageError: there is no such list."""
    if name not in LISTS:
        raise UsageError(f"There is no list named {name!r}.", f"The lists are {', '.join(LISTS)}.")
    return replace(LISTS[name][2], zones=zones)


def signatures_of(text: str) -> list[tuple[int, int]] | None:
    """Return (gid, sid) of the signatures that a text stands for; None for an empty text.

    Args:
        text: `sid`, `gid:sid`, `gid:sid:rev` (the revision is not asked for), or a part of a message in any case.

    Raises: UsageError: too many signatures fit.
    """
    wanted = text.strip().casefold()
    if not wanted:
        return None
    parts = wanted.split(":")
    if len(parts) <= 3 and all(part.isascii() and part.isdigit() for part in parts):
        return _by_number([int(part) for part in parts])
    found = [(gid, sid) for gid, sid, message in all_signatures() if wanted in message.casefold()]
    if len(found) > SIGNATURES:
        raise UsageError(f"{len(found):,} signatures have {text!r} in their message.", "Write more of the message.")
    return sorted(found)


def _by_number(parts: Sequence[int]) -> list[tuple[int, int]]:
    if any(part >= 1 << 63 for part in parts):
        return []
    if len(parts) == 1:
        return sorted((gid, sid) for gid, sid, _message in all_signatures() if sid == parts[0])
    return [(parts[0], parts[1])]


def _page(rows: list[dict[str, Any]], size: int, keys: tuple[str, str]) -> AlertPage:
    messages = messages_of([(row["gid"], row["sid"]) for row in rows])
    for row in rows:
        row["message"] = messages.get((row["gid"], row["sid"]), "")
    shown = rows[:size]
    following = None
    if len(rows) > size:
        last = shown[-1]
        following = f"{last[keys[0]]}.{last[keys[1]]}.{last['id']}"
    return AlertPage(rows=shown, following=following)


def _key(after: str | None) -> Key | None:
    if not after:
        return None
    rank, _, rest = after.partition(".")
    at_us, _, name = rest.partition(".")
    if not (rank.isdecimal() and at_us.isdecimal() and len(rank) <= 9 and len(at_us) <= 18 and name.isalnum()):
        raise UsageError("The page cannot be found: its address was changed.", "Begin with the first page.")
    return int(rank), int(at_us), name
