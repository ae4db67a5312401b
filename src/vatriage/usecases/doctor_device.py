"""The doctor's look at one device: what its account can and cannot do. It asks for as little as shows that; no scan starts."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from email.utils import parsedate_to_datetime

from vatriage.clock import now_us
from vatriage.errors import VatriageError
from vatriage.model.instant import DAY_US, US, format_instant, from_datetime
from vatriage.net.interface import Request
from vatriage.net.permits import LongWaitError
from vatriage.store.devices import Device, PermitCall, PermitLimit
from vatriage.store.ledger import COMPLETE, RUNNING
from vatriage.store.pulls import Pull
from vatriage.usecases.connectivity import test_connectivity
from vatriage.usecases.connectivity_stages import ConnectivityTools, Heard, asked
from vatriage.usecases.diagnosis import Diagnosis, State
from vatriage.usecases.health import Check, failed, ok, warned
from vatriage.vendors.interface import QueryKind, Refusal, VendorError

_SKEW_S = 60
"""How far the clocks may differ before it is warned of."""
_GREAT_SKEW_S = 3_600
"""From here on what the server says is taken for the future (usecases/merge_page)."""
_OLD_S = 7 * 86_400
_FEW = 0.1
"""Of a window's calls."""
_NEEDED = {
    QueryKind.CURRENT: ("host_list", "detections", "knowledge_base"),
    QueryKind.LAST_SAVED: ("scan_report_list",),
    QueryKind.SAVED: ("scan_report_list",),
    QueryKind.REAL_TIME: ("scan_report_list",),
}
"""Without these the device's pulls fail."""
_WHAT = {
    "host_list": "list the account's hosts",
    "detections": "read detections",
    "knowledge_base": "download the KnowledgeBase",
    "scan_list": "list past scans",
    "scan_report_list": "list saved scan reports",
    "scheduled_scans": "list scheduled scans",
    "iscanner_list": "list Scanner Appliances",
}


def device_checks(device: Device, tools: ConnectivityTools, limits: str) -> Iterator[Check]:
    """Yield what is found of a device.

    Args:
        device: a stored one.
        tools: of Test Connectivity.
        limits: whose limits its calls count against.

    Raises: RequestRefusedError: its URL cannot be meant.
    """
    diagnosis = test_connectivity(device.url, tools)
    yield from _stages(diagnosis)
    if diagnosis.trouble is None or diagnosis.trouble.stage not in ("name resolution", "proxy", "TCP", "TLS", "login"):
        yield from _Examination(tools, _NEEDED[QueryKind(diagnosis.query)]).checks()
    yield from _limits(limits, now_us(tools.clock) // US)
    yield _activity(device)
    yield _last_pull(device, now_us(tools.clock) // US)


def _stages(diagnosis: Diagnosis) -> Iterator[Check]:
    """Yield the stages of Test Connectivity that were reached; quota, versions and rights follow one by one."""
    for stage in diagnosis.stages:
        found = " ".join(stage.details)
        if stage.state is State.SKIPPED or stage.name in ("quota headers", "API versions", "permission"):
            continue
        if stage.name == "KnowledgeBase entitlement" and stage.state is State.PASSED:
            continue
        if stage.state is State.PASSED:
            yield ok(stage.name, found)
        elif stage.state is State.WARNING:
            yield warned(stage.name, found, stage.remedy)
        else:
            trouble = diagnosis.trouble
            yield failed(stage.name, found, stage.remedy, trouble.exit_code if trouble else 1)


class _Examination:
    """Asks for one thing after the other.

    Args:
        tools: of Test Connectivity.
        needed: resources without which the device's pulls fail.
    """

    def __init__(self, tools: ConnectivityTools, needed: Sequence[str]) -> None:
        self._tools = tools
        self._needed = needed
        self._skews: list[float] = []

    def checks(self) -> Iterator[Check]:
        """Yield rights and versions by resource, then what the answers told of clock and limits."""
        calls = self._tools.calls
        month_ago = (now_us(self._tools.clock) - 30 * DAY_US) // US
        for request, versions in calls.probes(month_ago):
            yield self._versioned(request, versions)
        for request in (calls.saved_reports({"last": "yes"}), calls.scheduled_scans(), calls.appliances()):
            answered = self._ask(request)
            yield self._right(request.resource, answered, "")
        if self._skews:
            yield self._clock()

    def _versioned(self, request: Request, versions: Sequence[str]) -> Check:
        """Return what comes of a resource at the version that is set; where it has ended, which other one answers."""
        answered = self._ask(request)
        if not _has_ended(answered):
            return self._right(request.resource, answered, f" by version {versions[0]}")
        served = next(
            (
                other
                for other in versions[1:]
                if not _has_ended(self._ask(self._tools.calls.at_version(request, other)))
            ),
            "",
        )
        name = f"right: {request.resource}"
        found = f"Version {versions[0]} of {request.resource} is not served."
        if served:
            return self._lacking(
                name, request.resource, f"{found} Version {served} answers.",
                f"Set VATRIAGE_API_VERSIONS={request.resource}={served}, and see whether a newer vatriage is out.",
            )  # fmt: skip
        return self._lacking(
            name, request.resource, f"{found} Nor are {', '.join(versions[1:])}.",
            "See whether a newer vatriage is out; or the URL names another server than an API server.",
        )  # fmt: skip

    def _right(self, resource: str, answered: Heard | VatriageError, by: str) -> Check:
        name, what = f"right: {resource}", _WHAT.get(resource, resource)
        if isinstance(answered, Heard):
            return ok(name, f"The account may {what}{by}.")
        if isinstance(answered, LongWaitError):
            return warned(name, answered.message, "Ask again then.")
        remedy = "Have a manager of the subscription grant the right or the module."
        return self._lacking(name, resource, f"The account may not {what}{by}: {answered.message}", remedy)

    def _lacking(self, name: str, resource: str, found: str, remedy: str) -> Check:
        if resource in self._needed:
            return failed(name, found, remedy, 6)
        return warned(name, found, f"{remedy} This device's pulls do without.")

    def _ask(self, request: Request) -> Heard | VatriageError:
        tools, began = self._tools, now_us(self._tools.clock)
        try:
            heard = asked(request, tools.fetcher, tools.calls, tools.reader, tools.folder)
        except VatriageError as error:
            return error
        if (told := _told_at(heard.answer.headers.get("date", ""))) is not None:
            ended = now_us(tools.clock)
            # The server's second has begun at some instant of the call: what lies within is no difference.
            early, late = (told - ended) / US, (told + US - began) / US
            self._skews.append(early if early > 0 else min(late, 0.0))
        return heard

    def _clock(self) -> Check:
        skew = min(self._skews, key=abs)
        if abs(skew) < 1:
            return ok("clock", "This machine's clock and the server's agree.")
        side = "slow" if skew > 0 else "fast"
        found = f"This machine's clock is {timedelta(seconds=round(abs(skew)))} {side} against the server's."
        remedy = "Set the clock, and have it kept by NTP."
        if abs(skew) >= _GREAT_SKEW_S:
            return failed("clock", found, remedy)
        return warned("clock", found, remedy) if abs(skew) >= _SKEW_S else ok("clock", found)


def _told_at(text: str) -> int | None:
    """Return a Date header's instant in microseconds, None if it is none."""
    try:
        return from_datetime(parsedate_to_datetime(text))
    except ValueError:
        return None


def _has_ended(answered: Heard | VatriageError) -> bool:
    return isinstance(answered, VendorError) and answered.refusal is Refusal.VERSION


def _limits(account: str, now: int) -> Iterator[Check]:
    """Yield what is left of each limit, as the last answers of any process told it."""
    for limit in PermitLimit.objects.filter(account=account, noted_at__gt=0).order_by("resource"):
        name = f"limit: {limit.resource}"
        at_once = f"{limit.concurrency} at once"
        if limit.not_before > now:
            until = format_instant(limit.not_before * US)
            yield warned(name, f"{at_once}; nobody may call before {until}.", "Wait; pulls go on by themselves then.")
            continue
        if not limit.calls or not limit.window_s:
            yield ok(name, f"{at_once}; the server tells of no window.")
            continue
        used = limit.others + _ours(account, limit.resource, now - limit.window_s)
        left = max(limit.calls - used, 0)
        found = f"{left:,} of {limit.calls:,} calls in {limit.window_s:,} s are left, {at_once}."
        if left < limit.calls * _FEW:
            yield warned(name, found, "Pull less often or at other times, or buy a larger limit.")
        else:
            yield ok(name, found)


def _ours(account: str, resource: str, since: int) -> int:
    return PermitCall.objects.filter(account=account, resource=resource, at__gt=since).count()


def _activity(device: Device) -> Check:
    if device.active:
        return ok("device", "It is active.")
    return warned("device", "It is submitted, not active: nothing pulls it.", "Run `vatriage activate`.")


def _last_pull(device: Device, now: int) -> Check:
    pulls = Pull.objects.filter(device=device).order_by("-pk")
    last, complete = pulls.first(), pulls.filter(state=COMPLETE).first()
    if last is None:
        return warned("last pull", "It was never pulled.", f"Run `vatriage pull {device.name}`.")
    since = f"{timedelta(seconds=max(now - complete.started_at, 0))} ago" if complete else "never"
    found = f"Pull {last.pk}: {last.state}. The last complete one began {since}."
    if last.state == RUNNING:
        return ok("last pull", found)
    if last.state != COMPLETE:
        goes_on = " The next one goes on where it stopped." if last.resumable else ""
        return warned("last pull", f"{found} {last.error}", f"See `vatriage pulls`, mend it and pull again.{goes_on}")
    if now - last.started_at > _OLD_S:
        return warned("last pull", found, "Pull again, or give the device an update rule.")
    return ok("last pull", found)
