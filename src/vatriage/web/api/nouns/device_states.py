"""How devices stand: what acts, what waits, how old their data is, what their accounts still allow, when to pull them."""

from typing import Any

from ninja import Schema
from pydantic import Field

from vatriage.model.instant import US, format_instant
from vatriage.model.viewer import Right
from vatriage.usecases.device_overview import DeviceLine, device_line, device_lines, quota_of
from vatriage.usecases.pull_advice import Told, advise_pull
from vatriage.usecases.update_rules import next_pull
from vatriage.web import calling, house
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint
from vatriage.web.api.instants import AsOf, instant_us
from vatriage.web.api.sent_device import DeviceDraft, draft_of
from vatriage.web.api.shapes import After, Content, Instant, Limit, Name, Next, Sent
from vatriage.wiring import servers


class StateLine(Schema):
    """A device as it stands."""

    name: str
    zone: str
    state: str = Field(description="submitted, active, change pending or deletion pending.")
    last_pull: int | None = Field(description="Its number; GET /pulls/{number} shows it.")
    complete_at: Instant | None = Field(description="When the last complete pull began.")
    data_at: Instant | None = Field(description="When the newest scan was that its pulls reported.")


class StateList(Schema):
    """A page of devices, in order of name."""

    devices: list[StateLine]
    next: Next


class Quota(Schema):
    """What the server said of an account's limits."""

    resource: str
    concurrency: int
    calls: int = Field(description="Allowed in a window, 0 = it does not say.")
    window_s: int
    not_before: Instant | None
    noted_at: Instant | None


class State(StateLine):
    """A device as it stands, with its account and its next pull."""

    content: Content = Field(description="What acts, or else what was submitted; without passwords.")
    quota: list[Quota]
    next_rule: str | None = Field(description="The update rule that pulls it next.")
    next_pull: Instant | None


class AdviceWanted(Sent):
    """Which pull is meant."""

    device: Name
    at: AsOf = Field(default=None, description="When it will be pulled; left out = as its rules say, else now.")


class AdviceLine(Schema):
    """What the pull would bring of one scheduled scan."""

    scan: str
    freshness: str = Field(description="fresh, still running, soon old, nothing new or never run.")
    good: bool
    sentence: str
    remedy: str = Field(description="What to do, empty = nothing.")
    suggested_at: Instant | None


class PullAdvised(Schema):
    """Whether a pull comes at a good time."""

    device: str
    pull_at: Instant
    advice: list[AdviceLine]
    nothing: str = Field(description="Why there is no advice, empty = there is.")


class ApplianceList(Schema):
    """The Scanner Appliances of an account, by name."""

    appliances: list[str]


@endpoint("GET", "/device-states", right=Right.READ, answer=StateList)
def list_device_states(request: ApiRequest, after: After = "", limit: Limit = 100) -> Any:
    """List how the devices of your zones stand."""
    lines = [line for line in device_lines(request.viewer.zones) if line.device.name > after]
    more = len(lines) > limit
    return {"devices": list(map(_line, lines[:limit])), "next": lines[limit - 1].device.name if more else None}


@endpoint("GET", "/device-states/{path:name}", right=Right.READ, answer=State, errors=(404,))
def get_a_device_state(request: ApiRequest, name: str) -> Any:
    """Show how one device stands, what its account still allows, and when it is pulled next."""
    line = device_line(name, request.viewer.zones)
    coming = next_pull(name, house.clock())
    limits = quota_of(servers.account_of(line.device.url, line.device.login))
    return _line(line) | {
        "content": house.changes().shown("device", name) or {}, "next_rule": coming and coming[0],
        "next_pull": _instant(coming[1] if coming else 0),
        "quota": [
            {
                "resource": limit.resource, "concurrency": limit.concurrency, "calls": limit.calls,
                "window_s": limit.window_s, "not_before": _instant(limit.not_before),
                "noted_at": _instant(limit.noted_at),
            }
            for limit in limits
        ],
    }  # fmt: skip


@endpoint("POST", "/pull-advice", right=Right.ADMIN, answer=PullAdvised, errors=(404, 502), body=JSON)
def advise_a_pull(request: ApiRequest, wanted: AdviceWanted) -> Any:
    """Ask the account for its scan schedule, and say what a pull would bring: something fresh, or nothing new."""
    line, now = device_line(wanted.device, request.viewer.zones), house.now_s()
    kind = servers.qualys_calls().query(line.device.url).kind
    coming, said = next_pull(wanted.device, house.clock()), instant_us(wanted.at)
    at = said // US if said is not None else coming[1] if coming else now
    found = advise_pull(line, kind, max(at, now), calling.lists_of(line.device), now)
    return {
        "device": wanted.device, "pull_at": _instant(found.pull_at), "advice": list(map(_advice, found.told)),
        "nothing": found.nothing,
    }  # fmt: skip


@endpoint("POST", "/appliance-lists", right=Right.ADMIN, answer=ApplianceList, errors=(404, 502), body=JSON)
def list_appliances(request: ApiRequest, draft: DeviceDraft) -> Any:
    """Ask the account of a device or a draft for its Scanner Appliances."""
    return {"appliances": calling.lists_of(draft_of(request.viewer, draft)).appliances()}


def _line(line: DeviceLine) -> dict[str, Any]:
    return {
        "name": line.device.name, "zone": line.device.zone.name, "state": line.state.value,
        "last_pull": None if line.pull is None else line.pull.pk, "complete_at": _instant(line.complete_at),
        "data_at": _instant(line.data_at),
    }  # fmt: skip


def _advice(told: Told) -> dict[str, Any]:
    return {
        "scan": told.advice.scan.title, "freshness": told.advice.freshness.value, "good": told.good,
        "sentence": told.sentence, "remedy": told.remedy, "suggested_at": _instant(told.advice.suggested_at),
    }  # fmt: skip


def _instant(seconds: int) -> str | None:
    return format_instant(seconds * US) if seconds else None
