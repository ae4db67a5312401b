"""`vatriage device`: report queries."""

import sys
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vatriage.cli import remote_device
from vatriage.cli.connectivity import test_device
from vatriage.cli.session import Session, say, show_json, show_table, warn
from vatriage.errors import UsageError
from vatriage.model.viewer import COMMAND_LINE

if TYPE_CHECKING:
    from vatriage.config import Config
    from vatriage.net.interface import Fetcher
    from vatriage.store.devices import Device

app = typer.Typer(help="Devices: report queries to VA servers.", no_args_is_help=True)
MOST_ADDRESSES = 2**31 - 2
"""That a scan may be confirmed for by number: one less than what stands for asset groups."""
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
    if session.remote is not None:
        sent = _said(url, login, ca_file, complete_checks) | {"name": name, "zone": zone}
        _warn_of(url)
        password = _password(stdin=password_stdin)
        wanted = remote_device.Activation(confirm_scan, groups=confirm_groups) if activate else None
        _added(*remote_device.add(session.remote, sent | {"password": password}, wanted), as_json=as_json)
        return
    config = session.store()
    from vatriage.model.secret import Secret  # noqa: PLC0415 - keeps --help fast
    from vatriage.usecases.devices import DeviceForm, add_device, find_device, shown  # noqa: PLC0415 - needs a store
    from vatriage.vault import open_vault  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring import changes  # noqa: PLC0415 - keeps --help fast

    _check(config, url, ca_file)
    form = DeviceForm(
        url=url, login=login, password=Secret(_password(stdin=password_stdin)), zone=zone, ca_file=ca_file,
        complete_checks=complete_checks,
    )  # fmt: skip
    desk = changes(session.clock)
    add_device(name, form, vault=open_vault(config.key), changes=desk, who=COMMAND_LINE)
    refused: list[str] = []
    if activate:
        done = desk.activate(
            COMMAND_LINE, confirmed={name: confirm_scan}, groups=confirm_groups, only=[("device", name)], partly=True
        )
        refused = [str(error) for _, error in done.refused]
    _added(shown(find_device(name)), refused, as_json=as_json)


def _added(device: dict[str, Any], refused: list[str], *, as_json: bool) -> None:
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
    url: Annotated[str | None, typer.Option(help="A new URL; it voids the confirmation of a scan.")] = None,
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
    if session.remote is not None:
        sent = _said(url, login, ca_file, complete_checks)
        if url is not None:
            _warn_of(url)
        if password_stdin:
            sent["password"] = _password(stdin=True)
        _edited(remote_device.edit(session.remote, name, sent), as_json=as_json)
        return
    config = session.store()
    from vatriage.model.secret import Secret  # noqa: PLC0415 - keeps --help fast
    from vatriage.usecases.devices import DeviceForm, edit_device, find_device, shown  # noqa: PLC0415 - needs a store
    from vatriage.vault import open_vault  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring import changes  # noqa: PLC0415 - keeps --help fast

    known = find_device(name)
    _check(config, url or known.url, ca_file)
    password = Secret(_password(stdin=True)) if password_stdin else None
    form = DeviceForm(url=url, login=login, password=password, ca_file=ca_file, complete_checks=complete_checks)
    desk = changes(session.clock)
    device = edit_device(name, form, vault=open_vault(config.key), changes=desk, who=COMMAND_LINE)
    _edited(shown(device), as_json=as_json)


def _edited(device: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(device)
    else:
        say(f"Device {device['name']!r} is changed and submitted; run `vatriage activate`.")


def _said(url: str | None, login: str | None, ca_file: Path | None, complete_checks: str | None) -> dict[str, Any]:
    """Return what was said of a device, for a server; a file of authorities is one of the server's."""
    said = {"url": url, "login": login, "ca_file": ca_file and str(ca_file), "complete_checks": complete_checks}
    return {name: value for name, value in said.items() if value is not None}


def _warn_of(url: str) -> None:
    """Warn of what a URL may be meant otherwise; the server says whether it can be meant at all."""
    from vatriage.vendors.interface import VendorError  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring import qualys_calls  # noqa: PLC0415 - the same

    try:
        warnings = qualys_calls().query(url).warnings
    except VendorError as error:
        raise UsageError(error.message, error.hint) from error
    for sentence in warnings:
        warn(f"Warning: {sentence}")


def _password(*, stdin: bool) -> str:
    """Return the password. Raises: UsageError: none came."""
    try:
        text = sys.stdin.readline().rstrip("\r\n") if stdin else getpass("Password: ")
    except EOFError:
        text = ""
    if not text:
        raise UsageError("No password came.", "Type it, or send it to --password-stdin.")
    return text


def _check(config: "Config", url: str, ca_file: Path | None) -> None:
    """Warn of what the URL may be meant otherwise. Raises: UsageError: URL or authority file cannot be meant."""
    from vatriage.model.route import Route  # noqa: PLC0415 - keeps --help fast
    from vatriage.net.interface import NetError  # noqa: PLC0415 - the same
    from vatriage.vendors.interface import VendorError  # noqa: PLC0415 - the same
    from vatriage.wiring import connecting, qualys_calls  # noqa: PLC0415 - the same

    try:
        query = qualys_calls().query(url)
        connecting(config, url, Route(ca_file=str(ca_file or "")))
    except (VendorError, NetError) as error:  # nothing was sent: it is what was typed that is wrong
        raise UsageError(error.message, error.hint) from error
    for sentence in query.warnings:
        warn(f"Warning: {sentence}")


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
        from vatriage.wiring import changes  # noqa: PLC0415 - keeps --help fast

        remove_device(name, changes=changes(session.clock), who=COMMAND_LINE)
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
    from vatriage.wiring import qualys_calls, report_reader  # noqa: PLC0415 - the same

    device = find_device(name)
    return cancel_last_scan(device.pk, _fetcher(config, device), qualys_calls(config), report_reader(), config.home)


def _fetcher(config: "Config", device: "Device") -> "Fetcher":
    from vatriage.vault import open_vault  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring import device_route, fetcher  # noqa: PLC0415 - the same

    password = open_vault(config.key).unlock(device.password_token, device.name)
    return fetcher(config, device.url, device.login, password, device_route(config, device))
