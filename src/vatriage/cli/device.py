"""`vatriage device`: report queries."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vatriage.cli import remote_device
from vatriage.cli.connectivity import test_device
from vatriage.cli.device_submission import Said, add_here, add_there, edit_here, edit_there
from vatriage.cli.session import Session, say, show_json, show_table
from vatriage.errors import UsageError
from vatriage.model.scan_ceiling import MOST_ADDRESSES
from vatriage.model.viewer import COMMAND_LINE

if TYPE_CHECKING:
    from vatriage.config import Config
    from vatriage.net.interface import Fetcher
    from vatriage.store.devices import Device

app = typer.Typer(help="Devices: report queries to VA servers.", no_args_is_help=True)
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A name of your own.")],
    url: Annotated[
        str,
        typer.Option(
            help="The API server (host, host:port), or a report query as SERVER/msp/scan_report_list.php?last=yes."
        ),
    ],
    login: Annotated[str, typer.Option(help="The account's login.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    zone: Annotated[str, typer.Option(help="The address space the reports describe.")] = "default",
    ca_file: Annotated[Path | None, typer.Option(help="PEM file of a private authority.")] = None,
    complete_checks: Annotated[str, typer.Option(help="Do the scans run all checks? yes, no or unknown.")] = "unknown",
    activate: Annotated[bool, typer.Option("--activate", help="Activate it at once.")] = False,
    confirm_scan: Annotated[
        int,
        typer.Option(
            "--confirm-scan",
            min=0,
            max=MOST_ADDRESSES,
            help="Let it scan up to so many addresses at every pull (real-time URLs).",
        ),
    ] = 0,
    confirm_groups: Annotated[
        bool,
        typer.Option("--confirm-groups", help="Let it scan its asset groups, however many addresses they hold."),
    ] = False,
    as_json: _JSON = False,
) -> None:
    """Submit a device; nothing acts on it until it is activated."""
    session: Session = context.obj
    said = Said(
        name=name, url=url, login=login, ca_file=ca_file, complete_checks=complete_checks, zone=zone,
        reads_from="standard input" if password_stdin else "terminal",
    )  # fmt: skip
    wanted = remote_device.Activation(confirm_scan, groups=confirm_groups) if activate else None
    if session.remote is not None:
        device, refused = add_there(session.remote, said, wanted)
    else:
        device, refused = add_here(session, said, wanted)
    _show_added(device, refused, as_json=as_json)


def _show_added(device: dict[str, Any], refused: list[str], *, as_json: bool) -> None:
    if as_json:
        show_json(device)
    else:
        say(f"Device {device['name']!r} is {'active' if device['active'] else 'submitted; run `vatriage activate`'}.")
    if refused:
        raise UsageError(refused[0])


@app.command("edit")
def edit(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The device.")],
    new_name: Annotated[
        str | None, typer.Option("--name", help="Another name; pulls, rules and history follow once it is activated.")
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(help="A new URL; it voids the confirmation of a scan. On another server: give the password too."),
    ] = None,
    login: Annotated[str | None, typer.Option(help="A new login.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read a new password from standard input.")
    ] = False,
    ca_file: Annotated[Path | None, typer.Option(help="PEM file of a private authority.")] = None,
    complete_checks: Annotated[
        str | None, typer.Option(help="Do the scans run all checks? yes, no or unknown.")
    ] = None,
    as_json: _JSON = False,
) -> None:
    """Change a device; the change is submitted, and acts only once it is activated."""
    session: Session = context.obj
    said = Said(
        name=name, url=url, login=login, ca_file=ca_file, complete_checks=complete_checks,
        reads_from="standard input" if password_stdin else None, new_name=new_name,
    )  # fmt: skip
    device = edit_here(session, said) if session.remote is None else edit_there(session.remote, said)
    if as_json:
        show_json(device)
    else:
        say(f"Device {device['name']!r} is changed and submitted; run `vatriage activate`.")


@app.command("list")
def list_all(context: typer.Context, as_json: _JSON = False) -> None:
    """List the devices."""
    session: Session = context.obj
    devices = list(session.remote.pages("devices", key="devices")) if session.remote is not None else _all(session)
    if as_json:
        show_json({"devices": devices})
        return
    names = ["name", "url", "login", "zone", "complete_checks", "active", "pending"]
    show_table("Devices", names, [[str(device[name]) for name in names] for device in devices])


def _all(session: Session) -> list[dict[str, Any]]:
    session.store()
    from vatriage.usecases.devices import all_devices, shown  # noqa: PLC0415 - needs an open store

    return [shown(device) for device in all_devices()]


@app.command("show")
def show(context: typer.Context, name: str, as_json: _JSON = False) -> None:
    """Show one device."""
    session: Session = context.obj
    device = session.remote.get("devices", name) if session.remote is not None else _one(session, name)
    if as_json:
        show_json(device)
        return
    for key, value in device.items():
        say(f"{key.replace('_', ' '):16} {value}")


def _one(session: Session, name: str) -> dict[str, Any]:
    session.store()
    from vatriage.usecases.devices import find_device, shown  # noqa: PLC0415 - needs an open store

    return shown(find_device(name))


@app.command("remove")
def remove(context: typer.Context, name: str, as_json: _JSON = False) -> None:
    """Remove a device; what it brought stays."""
    session: Session = context.obj
    if session.remote is not None:
        remote_device.remove(session.remote, name)
    else:
        session.store()
        from vatriage.usecases.devices import remove_device  # noqa: PLC0415 - needs an open store
        from vatriage.wiring.servers import changes  # noqa: PLC0415 - keeps --help fast

        remove_device(name, changes=changes(session.clock, session.config.snapshots), who=COMMAND_LINE)
    if as_json:
        show_json({"removed": name})
    else:
        say(f"Device {name!r} is removed.")


@app.command("test")
def test(context: typer.Context, name: str, as_json: _JSON = False) -> None:
    """Test connectivity, stage by stage, down to the configured query. Never starts a scan."""
    test_device(context.obj, name, as_json=as_json)


@app.command("cancel-pull")
def cancel_pull(context: typer.Context, name: str, as_json: _JSON = False) -> None:
    """Cancel the device's pull, whoever runs it: it ends after its page, and the next one goes on with it."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases import run_now  # noqa: PLC0415 - needs an open store

    run_now.cancel_pull(name, who=COMMAND_LINE, clock=session.clock)
    if as_json:
        show_json({"device": name, "cancelled": True})
    else:
        say(f"Device {name!r}: its pull ends after the page that is under way.")


@app.command("cancel-scan")
def cancel_scan(context: typer.Context, name: str, as_json: _JSON = False) -> None:
    """Cancel the scan that the device's last pull started."""
    session: Session = context.obj
    if session.remote is not None:
        ref = str(session.remote.post("scan-cancellations", device=name)["cancelled"])
    else:
        ref = _cancel(session, name)
    if as_json:
        show_json({"device": name, "cancelled": ref})
    else:
        say(f"Device {name!r}: scan {ref} is cancelled.")


def _cancel(session: Session, name: str) -> str:
    config = session.store()
    from vatriage.usecases.connectivity import cancel_last_scan  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.devices import find_device  # noqa: PLC0415 - the same
    from vatriage.wiring.readers import report_reader  # noqa: PLC0415 - the same
    from vatriage.wiring.servers import qualys_calls  # noqa: PLC0415 - the same

    device = find_device(name)
    return cancel_last_scan(device.pk, _fetcher(config, device), qualys_calls(config), report_reader(), config.home)


def _fetcher(config: "Config", device: "Device") -> "Fetcher":
    from vatriage.vault import open_vault  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring.servers import device_route, fetcher  # noqa: PLC0415 - the same

    password = open_vault(config.key).unlock(device.password_token, device.owner)
    return fetcher(config, device.url, device.login, password, device_route(config, device))
