"""What the verbs of devices ask another machine."""

from typing import TYPE_CHECKING, Any, NamedTuple

from vatriage.cli.remote import Remote
from vatriage.errors import VatriageError

if TYPE_CHECKING:
    from vatriage.usecases.diagnosis import Diagnosis


class Activation(NamedTuple):
    """What a person confirms when activating."""

    addresses: int
    """That each device may scan; 0 = none."""
    groups: bool


def add(remote: Remote, sent: dict[str, Any], activation: Activation | None) -> tuple[dict[str, Any], list[str]]:
    """Submit a device and activate it if wanted; return it, and what speaks against its activation."""
    remote.post("devices", **sent)
    refused: list[str] = []
    if activation is not None:
        _, refused = activate(remote, activation, only=sent["name"])
    return remote.get("devices", sent["name"]), refused


def edit(remote: Remote, name: str, sent: dict[str, Any]) -> dict[str, Any]:
    """Submit a change on top of what the device is now; return the device."""
    changed: dict[str, Any] = remote.ask("PATCH", "devices", name, body=sent, stamp=remote.stamp("devices", name))
    return changed


def remove(remote: Remote, name: str) -> None:
    """Remove a device at once."""
    remote.ask("DELETE", "devices", name, stamp=remote.stamp("devices", name))
    if any((item["kind"], item["subject"]) == ("device", name) for item in remote.get("changes")["changes"]):
        remote.post("changes", "activate", only=[{"kind": "device", "subject": name}])


def activate(remote: Remote, activation: Activation, only: str | None = None) -> tuple[list[str], list[str]]:
    """Activate all changes, or that of one device; return the names of what acts, and what speaks against the rest."""
    wanted: dict[str, Any] = {"partly": True, "groups": activation.groups}
    if activation.addresses:
        wanted["confirmed"] = {only or "*": activation.addresses}
    if only is not None:
        wanted["only"] = [{"kind": "device", "subject": only}]
    done = remote.post("changes", "activate", **wanted)
    return done["activated"], [str(VatriageError(item["message"], item["hint"])) for item in done["refused"]]


def test(remote: Remote, name: str) -> "Diagnosis":
    """Return the stages of Test Connectivity, as the server went through them."""
    from vatriage.model.instant import parse_instant  # noqa: PLC0415 - keeps --help fast
    from vatriage.usecases.diagnosis import CertificateShown, Diagnosis, StageResult, State, Trouble  # noqa: PLC0415 - the same

    told = remote.post("connectivity-tests", device=name)
    trouble = told["trouble"]
    return Diagnosis(
        server=told["server"], query=told["query"], at_us=parse_instant(told["at"]),
        stages=tuple(
            StageResult(**stage | {"state": State(stage["state"]), "details": tuple(stage["details"])})
            for stage in told["stages"]
        ),
        chain=tuple(CertificateShown(**item) for item in told["chain"]),
        trouble=None if trouble is None else Trouble(
            **trouble | {"hints": tuple(trouble["hints"]), "causes": tuple(trouble["causes"])},
            exit_code=told["exit_code"],
        ),
    )  # fmt: skip
