"""`vatriage activate` and `vatriage pull`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from vatriage.cli import remote_device
from vatriage.cli.rejudge import judge_again
from vatriage.cli.session import Session, progress, say, show_json, warn
from vatriage.config import Config
from vatriage.errors import UsageError, VatriageError
from vatriage.model.scan_ceiling import MOST_ADDRESSES
from vatriage.model.viewer import COMMAND_LINE

if TYPE_CHECKING:
    from vatriage.cli.remote import Remote
    from vatriage.store.devices import Device
    from vatriage.usecases.pull_run import PullResult


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("activate")(activate)
    app.command("pull")(pull)


def activate(
    context: typer.Context,
    confirm_scan: Annotated[
        int,
        typer.Option(
            "--confirm-scan",
            min=0,
            max=MOST_ADDRESSES,
            help="Let each device scan up to so many addresses (real-time URLs).",
        ),
    ] = 0,
    confirm_groups: Annotated[
        bool,
        typer.Option(
            "--confirm-groups", help="Let each device scan its asset groups, however many addresses they hold."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Activate every submitted change; a device that starts scans needs a confirmation."""
    session: Session = context.obj
    if session.remote is not None:
        wanted = remote_device.Activation(confirm_scan, groups=confirm_groups)
        names, refused = remote_device.activate(session.remote, wanted)
    else:
        names, refused = _activated(session, confirm_scan, groups=confirm_groups)
    if as_json:
        show_json({"activated": names})
    else:
        say(f"Activated: {', '.join(names) or ('nothing' if refused else 'nothing was waiting')}.")
    for sentence in refused:
        warn(sentence)
    if refused:
        raise typer.Exit(2)


def _activated(session: Session, confirm_scan: int, *, groups: bool) -> tuple[list[str], list[str]]:
    session.store()
    from vatriage.wiring.servers import changes  # noqa: PLC0415 - keeps --help fast

    done = changes(session.clock, session.config.snapshots).activate(
        COMMAND_LINE, confirmed={"*": confirm_scan}, groups=groups, partly=True
    )
    return [subject for _, subject in done.activated], [str(error) for _, error in done.refused]


def pull(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Devices (default: all active ones).")] = None,
    full: Annotated[bool, typer.Option("--full", help="Ask for every host of the account.")] = False,
    delta: Annotated[
        bool, typer.Option("--delta", help="Ask for the hosts that changed since the last complete pull.")
    ] = False,
    no_rejudge: Annotated[
        bool, typer.Option("--no-rejudge", help="Leave stored alerts as they are judged; say how many may change.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Pull VA data now; a pull that was broken off less than a day ago goes on where it stopped.

    Without --full or --delta a pull is a delta, and a full one where VATRIAGE_FULL_PULL_DAYS have passed or the device changed.

    With --server its controller is asked to, and the verb does not wait: `vatriage --server ... pulls` shows the ledger.
    """
    session: Session = context.obj
    mode = _mode(full=full, delta=delta, remote=session.remote is not None)
    if session.remote is not None:
        _asked(session.remote, names, as_json=as_json)
        return
    config = session.store()
    from vatriage.usecases.devices import all_devices, find_device  # noqa: PLC0415 - needs an open store

    devices = [find_device(name) for name in names] if names else [item for item in all_devices() if item.active]
    results, code = [], 0
    for device in devices:
        result, failed = _pulled(device, config, session, mode, as_json=as_json)
        results.append(result)
        code = failed or code
    if as_json:
        show_json({"pulls": results})
    elif not devices:
        say("No active device. `vatriage device add`, then `vatriage activate`.")
    if devices:
        judge_again(session, wanted=not no_rejudge, quiet=as_json)
    if code:
        raise typer.Exit(code)


def _mode(*, full: bool, delta: bool, remote: bool) -> str:
    """Return full, delta, or "" for whatever is due."""
    if full and delta:
        raise UsageError("A pull is full or a delta, not both.", "Leave one of the options out.")
    if remote and (full or delta):
        raise UsageError("--full and --delta work on this machine's store only.", "Leave them out with --server.")
    return "full" if full else "delta" if delta else ""


def _pulled(
    device: "Device", config: Config, session: Session, mode: str, *, as_json: bool
) -> tuple[dict[str, Any], int]:
    """Pull one device; return what came of it, and the exit code."""
    try:
        result = _pull(device, config, session, mode)
    except VatriageError as error:
        from vatriage.usecases.pull_standing import what_stands  # noqa: PLC0415 - needs an open store

        stands = what_stands(device, session.clock)
        warn(f"Pull of device {device.name!r} failed: {error} {stands.sentence}")
        return {"device": device.name, "error": str(error)} | stands.to_dict(), error.exit_code
    if result.rejects:
        warn(f"{result.rejects:,} records or fields were rejected and kept: vatriage rejects --pull {result.pull}")
    if not as_json:
        say("\n  ".join([_told(result), *result.notes]))
    return result.to_dict(), 0


def _asked(remote: "Remote", names: list[str] | None, *, as_json: bool) -> None:
    """Ask a server's controller for pulls."""
    active = names or [item["name"] for item in remote.pages("devices", key="devices") if item["active"]]
    answers = [remote.post("pulls", device=name) for name in active]
    if as_json:
        show_json({"pulls": answers})
    for answer in answers:
        if not as_json:
            say(f"Device {answer['device']!r}: {answer['asked']}.")
    if not all(answer["controller"] for answer in answers):
        warn("No controller runs there, so nothing is pulled yet.")


def _pull(device: "Device", config: Config, session: Session, mode: str) -> "PullResult":
    from vatriage.usecases.pull_mode import Mode  # noqa: PLC0415 - needs an open store
    from vatriage.wiring.pulls import pull_device_now  # noqa: PLC0415 - keeps --help fast

    with progress(f"Pulling {device.name}", None, "pages") as advance:
        return pull_device_now(config, device, session.clock, advance, mode=Mode(mode) if mode else None)


def _told(result: "PullResult") -> str:
    """Return a pull as one line for people."""
    resumed = ", resumed" if result.resumed else ""
    changes = result.changes
    mode = f" {result.mode} pull" if result.mode == "delta" else ""
    return (
        f"{result.device}: {result.state}{mode}{resumed}, {result.hosts_expected:,} hosts, {result.detections:,} detections, "
        f"{result.vulnerabilities:,} KnowledgeBase entries, {result.rejects:,} rejects; new "
        f"{changes.detections_new:,}, changed {changes.detections_changed:,}, fixed {changes.fixed:,}, "
        f"gone {changes.gone:,}."
    )
