"""Update rules as a viewer may see them: devices and zones that they do not see are counted, never named."""

from dataclasses import replace

from vatriage.clock import Clock
from vatriage.errors import NotAllowedError, NotFoundError
from vatriage.model.update_rule import DeviceSelector, Selector, UpdateRule, ZoneSelector, rule_of
from vatriage.model.viewer import Viewer
from vatriage.store.devices import Device
from vatriage.usecases.changes import Changes
from vatriage.usecases.config_kind import Content
from vatriage.usecases.update_rules import KIND, RuleLine, all_rules

ELSEWHERE = "in other zones"


def visible_rules(viewer: Viewer, clock: Clock) -> list[RuleLine]:
    """Return the rules that select something the viewer sees, in order of name; all of them to who sees every zone."""
    lines = all_rules(clock)
    if viewer.zones is None:
        return lines
    seen = _seen_devices(viewer)
    return [_veiled(line, viewer, seen) for line in lines if _concerns(line, viewer, seen)]


def visible_rule(name: str, viewer: Viewer, clock: Clock) -> RuleLine:
    """Return a rule. Raises: NotFoundError: there is none of that name that the viewer sees."""
    for line in visible_rules(viewer, clock):
        if line.name == name:
            return line
    raise NotFoundError(f"There is no update rule named {name!r}.", "The scheduler's page lists all.")


def check_reach(viewer: Viewer, content: Content | None) -> None:
    """Let only who sees all that a rule can select change it.

    Raises: NotAllowedError: it reaches beyond the viewer's zones.
    """
    if viewer.zones is None or content is None:
        return
    seen = _seen_devices(viewer)
    beyond = [item for item in rule_of(content).selectors if not _is_seen(item, viewer, seen)]
    if beyond:
        raise NotAllowedError(
            "The rule selects devices beyond the zones that you see.", "Select devices or zones of yours by name."
        )


def check_rule(viewer: Viewer, name: str, changes: Changes) -> None:
    """Let only who sees all that a rule selects, and will select, do anything with it. Raises: NotAllowedError."""
    check_reach(viewer, changes.current(KIND, name))
    check_reach(viewer, changes.submitted(KIND, name))


def device_names(viewer: Viewer) -> list[str]:
    """Return the names of the devices that a viewer sees, in order."""
    return sorted(_seen_devices(viewer))


def _seen_devices(viewer: Viewer) -> frozenset[str]:
    rows = Device.objects.select_related("zone")
    return frozenset(row.name for row in rows if viewer.sees(row.zone.name))


def _concerns(line: RuleLine, viewer: Viewer, seen: frozenset[str]) -> bool:
    return not seen.isdisjoint(line.devices) or any(
        _is_seen(item, viewer, seen) for item in rule_of(line.content).selectors
    )


def _is_seen(item: Selector, viewer: Viewer, seen: frozenset[str]) -> bool:
    match item:
        case DeviceSelector(device):
            return device in seen
        case ZoneSelector(zone):
            return viewer.sees(zone)
        case _:
            return False


def _veiled(line: RuleLine, viewer: Viewer, seen: frozenset[str]) -> RuleLine:
    """Return the line without the names of what the viewer does not see."""
    rule: UpdateRule = rule_of(line.content)
    selects = [
        item.words for item in rule.selectors
        if not isinstance(item, DeviceSelector | ZoneSelector) or _is_seen(item, viewer, seen)
    ]  # fmt: skip
    hidden = len(rule.selectors) - len(selects)
    devices = [name for name in line.devices if name in seen]
    beyond = len(line.devices) - len(devices)
    return replace(
        line, content={} if hidden or beyond else line.content, error="" if beyond else line.error,
        selects=tuple(selects + ([f"{hidden} {ELSEWHERE}"] if hidden else [])),
        devices=tuple(devices + ([f"{beyond} {ELSEWHERE}"] if beyond else [])),
    )  # fmt: skip
