"""Of what a quota plan is made: the rules and devices that act, with those in their place that are only submitted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from vatriage.model.update_rule import UpdateRule, rule_of
from vatriage.store.changes import PendingChange
from vatriage.store.devices import Device
from vatriage.store.update_rules import RuleRow
from vatriage.usecases.config_kind import Content
from vatriage.usecases.devices import ACCESS_IP
from vatriage.usecases.update_rules import KIND
from vatriage.vendors.interface import VendorError


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRule:
    """A rule of the plan."""

    name: str
    key: str
    """What decides its jitter."""
    rule: UpdateRule


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDevice:
    """A device of the plan. See Selectable."""

    name: str
    url: str
    zone: str
    account: str
    owner: str
    """Whose limits its calls count against."""
    stored: Device | None = None
    """None: it is only submitted."""
    access_ip: str = ACCESS_IP


def planned_rules(candidate: tuple[str, Content] | None, *, pending: bool) -> list[PlannedRule]:
    """Return the rules that are not paused, in order of name.

    Args:
        candidate: name and content of a rule that is not accepted yet; it stands in for the acting one of that name.
        pending: take every rule as it will be once all that is submitted is activated.
    """
    acting = {row.name: row for row in RuleRow.objects.all()}
    keys = {name: row.key for name, row in acting.items()}
    contents = {
        name: {"selectors": row.selectors, "schedule": row.schedule} for name, row in acting.items() if not row.paused
    }
    for row in _waiting(KIND) if pending else ():
        contents.pop(row.subject, None)
        paused = row.subject in acting and acting[row.subject].paused
        if row.content is not None and not paused:
            contents[row.subject] = row.content
    if candidate is not None:
        contents[candidate[0]] = candidate[1]
    return [
        PlannedRule(name=name, key=keys.get(name, name), rule=rule_of(content))
        for name, content in sorted(contents.items())
    ]


def planned_devices(
    account_of: Callable[[str, str], str], limits_of: Callable[[str, str], str], *, pending: bool
) -> list[PlannedDevice]:
    """Return the devices, those that are only submitted as well, in order of name.

    Args:
        account_of: returns the account of a URL and a login.
        limits_of: returns whose limits they count against.
        pending: take every device as it will be once all that is submitted is activated.
    """
    rows = {row.name: row for row in Device.objects.select_related("zone")}
    said = {
        name: {"name": name, "url": row.url, "login": row.login, "zone": row.zone.name} for name, row in rows.items()
    }
    for row in _waiting("device") if pending else ():
        said.pop(row.subject, None)
        if row.content is not None:
            said[row.subject] = {"name": row.subject} | row.content
    found = (_device(item, account_of, limits_of, rows.get(name)) for name, item in sorted(said.items()))
    return [device for device in found if device is not None]


def _device(
    said: Mapping[str, str],
    account_of: Callable[[str, str], str],
    limits_of: Callable[[str, str], str],
    row: Device | None,
) -> PlannedDevice | None:
    """Return a device of the plan; None: its URL is not understood any more, so that no rule can pull it."""
    try:
        account, owner = account_of(said["url"], said["login"]), limits_of(said["url"], said["login"])
    except VendorError:
        return None
    return PlannedDevice(
        name=said["name"], url=said["url"], zone=said["zone"], account=account, owner=owner, stored=row
    )


def _waiting(kind: str) -> Iterable[PendingChange]:
    return PendingChange.objects.filter(kind=kind)
