"""When to pull a device: its account's scan schedule against its next pull, in sentences."""

from dataclasses import dataclass

from vatriage.inventory.freshness import Advice, Freshness, advise
from vatriage.model.instant import US, format_instant
from vatriage.usecases.account_lists import AccountLists
from vatriage.usecases.device_overview import DeviceLine
from vatriage.vendors.interface import QueryKind

_NOT_ASKED = {
    QueryKind.REAL_TIME: "Each pull of this device runs a scan of its own: no scheduled scan has to be waited for.",
    QueryKind.SAVED: "This device always fetches the same saved report: no later scan changes what it brings.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An advice as a person reads it."""

    advice: Advice
    good: bool
    sentence: str
    remedy: str
    """What to do, "" if nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullAdvice:
    """What is to be said of a device's pull."""

    pull_at: int
    told: list[Told]
    nothing: str
    """Why there is no advice, "" if there is."""


def advise_pull(line: DeviceLine, kind: QueryKind, pull_at: int, lists: AccountLists, now: int) -> PullAdvice:
    """Compare a pull of a device with the scans its account plans; calls the account where that can matter.

    Args:
        line: the device.
        kind: what its URL asks for.
        pull_at: when it will be pulled, seconds; now, where no rule says.
        lists: of its account.
        now: seconds.

    Raises: NetError, VendorError, LongWaitError: the account was not to be asked.
    """
    if kind in _NOT_ASKED:
        return PullAdvice(pull_at=pull_at, told=[], nothing=_NOT_ASKED[kind])
    plans = lists.planned_scans(now)
    if not plans:
        return PullAdvice(
            pull_at=pull_at, told=[],
            nothing="The account has no scheduled scan: its data is renewed only by scans that somebody starts.",
        )  # fmt: skip
    told = [_told(advise(plan, pull_at, line.complete_at)) for plan in plans]
    return PullAdvice(pull_at=pull_at, told=sorted(told, key=lambda item: item.good), nothing="")


def _told(advice: Advice) -> Told:
    good = advice.freshness is Freshness.FRESH
    return Told(advice=advice, good=good, sentence=_sentence(advice), remedy="" if good else _remedy(advice))


def _sentence(advice: Advice) -> str:
    title, at = f"Scan {advice.scan.title!r}", _when(advice.pull_at)
    report, following = _when(advice.report_at), _when(advice.next_at)
    match advice.freshness:
        case Freshness.FRESH:
            text = f"{title}: a pull at {at} fetches the report of the scan that ends at {report}."
        case Freshness.STILL_RUNNING:
            before = f" before it, of {report}" if advice.report_at else " before it, if there is one"
            text = f"{title} will still be running at {at}, until about {following}: the pull would fetch the report{before}."
        case Freshness.SOON_OLD:
            text = (
                f"{title}: a pull at {at} would fetch the report of {report}, {_long(advice.pull_at - advice.report_at)} "
                f"old, when the next scan ends in only {_long(advice.next_at - advice.pull_at)}, at about {following}."
            )
        case Freshness.NOTHING_NEW:
            text = (
                f"{title}: a pull at {at} would bring nothing new: the last scan ended at {report} and has been pulled."
            )
        case Freshness.NEVER_RUN:
            text = f"{title} has not run yet: a pull at {at} would bring nothing of it."
    unknown = " How long it takes is not known yet: no past run tells." if advice.scan.duration_s is None else ""
    return text + unknown


def _remedy(advice: Advice) -> str:
    if not advice.suggested_at:
        return "When it runs next is not known: look again after its schedule has been set."
    if advice.scan.every_s == 86_400:
        return f"Pull daily at {_when(advice.suggested_at)[11:16]} UTC, or once at {_when(advice.suggested_at)}."
    return f"Pull at {_when(advice.suggested_at)}, or daily at that time of day."


def _when(seconds: int) -> str:
    text = format_instant(seconds * US)
    return f"{text[:10]} {text[11:16]} UTC"


def _long(seconds: int) -> str:
    """Return a length as a person says it: 45 minutes, 17 hours, 3 days."""
    for length, name in ((86_400, "days"), (3_600, "hours")):
        if seconds >= 2 * length:
            return f"{seconds // length} {name}"
    minutes = max(seconds // 60, 1)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
