"""One device: what acts, what waits, its pulls, its account's limits, and when to pull it."""

from typing import Any

from django.http import HttpResponse

from vatriage.errors import VatriageError
from vatriage.model.instant import parse_instant
from vatriage.model.viewer import Right
from vatriage.usecases.changes_seen import sees_versions
from vatriage.usecases.device_overview import device_line, newest_scan_of, pulls_of, quota_of
from vatriage.usecases.devices import ACCESS_IP, DEVICE_TYPE
from vatriage.usecases.pull_advice import advise_pull
from vatriage.usecases.update_rules import next_pull, offered_rule
from vatriage.web import calling, house
from vatriage.web.page import PageRequest, page, show
from vatriage.web.pages.activate import waiting_for
from vatriage.web.pages.device_forms import explained, result
from vatriage.wiring import servers


@page("devices/device/<path:name>/", name="device", right=Right.READ)
def device(request: PageRequest, **values: Any) -> HttpResponse:
    """Show a device."""
    name = str(values["name"])
    line, desk = device_line(name, request.viewer.zones), house.changes()
    found = line.device
    pending = waiting_for("device", name)
    asked = explained(found.url)
    shown = {
        "line": line, "device": found, "device_type": DEVICE_TYPE, "access_ip": ACCESS_IP,
        **asked, "pending": pending,
        "pulls": [(pull, newest_scan_of(pull.counts)) for pull in pulls_of(found)],
        "quota": quota_of(servers.limits_of(house.config(), found.url, found.login)) if "explanation" in asked else [],
        "versions": desk.versions("device", name)[:5] if sees_versions(request.viewer, desk, "device", name) else [],
        "stamp": desk.stamp("device", name), "next": next_pull(name, house.clock()), "offered": offered_rule(), "content": desk.shown("device", name) or {},
    }  # fmt: skip
    return show(request, "devices/device.html", shown)


@page("devices/advice/<path:name>/", name="device-advice", right=Right.ADMIN, methods=("POST",))
def device_advice(request: PageRequest, **values: Any) -> HttpResponse:
    """Ask the account for its scan schedule and say what a pull would bring: the next one, or one at an instant."""
    name = str(values["name"])
    line, now = device_line(name, request.viewer.zones), house.now_s()
    kind = servers.qualys_calls().query(line.device.url).kind
    try:
        planned = next_pull(line.device.name, house.clock())
        said = request.POST.get("at", "")
        pull_at = parse_instant(said) // 1_000_000 if said else planned[1] if planned else now
        advice = advise_pull(line, kind, max(pull_at, now), calling.lists_of(line.device), now)
    except ValueError:
        return result(request, "parts/problem.html", {"text": "That is no time.", "hint": "Choose date and time."})
    except VatriageError as error:
        return result(request, "parts/problem.html", {"text": error.message, "hint": error.hint})
    return result(request, "devices/parts_advice.html", {"advice": advice})
