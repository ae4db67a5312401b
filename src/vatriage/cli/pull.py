"""`vatriage activate` and `vatriage pull`."""

import time
from typing import Annotated

import typer

from vatriage.cli.session import Session, progress, say, show_json, warn


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("activate")(activate)
    app.command("pull")(pull)


def activate(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Activate every submitted device."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.devices import activate_all  # noqa: PLC0415 - needs an open store

    names = activate_all(session.clock)
    if as_json:
        show_json({"activated": names})
    else:
        say(f"Activated: {', '.join(names) or 'nothing was waiting'}.")


def pull(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Devices (default: all active ones).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Pull VA data now."""
    session: Session = context.obj
    config = session.store()
    from vatriage.errors import VatriageError  # noqa: PLC0415 - keeps --help fast
    from vatriage.usecases.devices import all_devices, find_device  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.pulls import PullTools, pull_device  # noqa: PLC0415 - the same
    from vatriage.vault import open_vault  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring import account_of, fetcher, qualys_calls, report_reader  # noqa: PLC0415 - the same

    devices = [find_device(name) for name in names] if names else [item for item in all_devices() if item.active]
    results, code = [], 0
    for device in devices:
        password = open_vault(config.key).unlock(device.password_token, device.name)
        with progress(f"Pulling {device.name}", None, "pages") as advance:
            tools = PullTools(
                calls=qualys_calls(),
                fetcher=fetcher(config, device.url, device.login, password, device.ca_file),
                reader=report_reader(),
                clock=session.clock,
                pages=config.pages,
                snapshots=config.snapshots,
                page_hosts=config.page_hosts,
                longest_wait_s=config.longest_wait_s,
                sleep=time.sleep,
                progress=advance,
            )
            try:
                result = pull_device(device, account_of(device.url, device.login), tools)
            except VatriageError as error:
                warn(f"Pull of device {device.name!r} failed: {error} Earlier data stand.")
                results.append({"device": device.name, "error": str(error)})
                code = error.exit_code
                continue
        results.append(result.to_dict())
        if not as_json:
            say(
                f"{device.name}: {result.state}, {result.hosts_expected:,} hosts, {result.detections:,} detections, "
                f"{result.vulnerabilities:,} KnowledgeBase entries, {result.rejects:,} rejects; new "
                f"{result.changes.detections_new:,}, changed {result.changes.detections_changed:,}, fixed "
                f"{result.changes.fixed:,}, gone {result.changes.gone:,}."
            )
    if as_json:
        show_json({"pulls": results})
    elif not devices:
        say("No active device. `vatriage device add`, then `vatriage activate`.")
    if code:
        raise typer.Exit(code)
