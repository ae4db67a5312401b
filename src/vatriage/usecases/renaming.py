"""A device or zone has another name: whatever names it in words (rules, pending changes, versions) follows."""

from collections.abc import Iterator
from typing import Any

from vatriage.store.changes import ConfigVersion, PendingChange
from vatriage.store.destinations import Destination
from vatriage.store.update_rules import RuleRow, RunPull
from vatriage.usecases.config_kind import Content

RULE = "update rule"


def rename_in_runs(device: int, name: str) -> None:
    """Let the runs of rules tell the new name of a device; a run that pulled a deleted one of that name keeps both."""
    taken = RunPull.objects.filter(device_name=name).values("run_id")
    RunPull.objects.filter(device_id=device).exclude(run_id__in=taken).update(device_name=name)


def rename_in_rules(kind: str, name: str, new: str) -> None:
    """Let selectors (kind: device or zone) name a subject's new name: of rules that act, that wait, and that were."""
    for row in RuleRow.objects.all():
        selectors = _selectors(row.selectors, kind, name, new)
        if selectors != row.selectors:
            RuleRow.objects.filter(pk=row.pk).update(selectors=selectors)
    for entry, content in _contents(RULE):
        selectors = _selectors(content["selectors"], kind, name, new)
        if selectors != content["selectors"]:
            entry.content = content | {"selectors": selectors}
            entry.save(update_fields=["content"])


def rename_zone_of_devices(name: str, new: str) -> None:
    """Let the pending changes and the versions of devices name a zone's new name; what acts knows it by its number."""
    for entry, content in _contents("device"):
        if content["zone"] == name:
            entry.content = content | {"zone": new}
            entry.save(update_fields=["content"])


def rename_zone_of_destinations(name: str, new: str) -> None:
    """Let destinations that want verdicts of some zones want those of a zone under its new name."""
    for row in Destination.objects.all():
        if name in row.zones:
            row.zones = sorted({new, *row.zones} - {name})
            row.save(update_fields=["zones"])


def own_secrets(content: Content, subject: str) -> Content:
    """Return a content that says whose its secrets are, where it only says so by the name it has."""
    known = "password_token" in content and "url" in content and not content.get("secret_owner")
    return content | {"secret_owner": subject} if known else content


def _contents(kind: str) -> Iterator[tuple[PendingChange | ConfigVersion, Content]]:
    """Yield, row and content, what waits and what was of a kind, but for deletions."""
    rows: list[PendingChange | ConfigVersion] = [
        *PendingChange.objects.filter(kind=kind), *ConfigVersion.objects.filter(kind=kind),
    ]  # fmt: skip
    yield from ((row, row.content) for row in rows if row.content is not None)


def _selectors(selectors: list[dict[str, Any]], kind: str, name: str, new: str) -> list[dict[str, Any]]:
    return [item | {kind: new} if item["kind"] == kind and item[kind] == name else item for item in selectors]
