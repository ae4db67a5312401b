"""`vatriage device`: report queries."""

import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer

from vatriage.cli.session import Session, say, show_json, show_table

app = typer.Typer(help="Devices: report queries to VA servers.", no_args_is_help=True)
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A name of your own.")],
    url: Annotated[str, typer.Option(help="The API server: host, host:port or https://host:port.")],
    login: Annotated[str, typer.Option(help="The account's login.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    zone: Annotated[str, typer.Option(help="The address space the reports describe.")] = "default",
    ca_file: Annotated[Path | None, typer.Option(help="PEM file of a private authority.")] = None,
    complete_checks: Annotated[str, typer.Option(help="Do the scans run all checks? yes, no or unknown.")] = "unknown",
    activate: Annotated[bool, typer.Option("--activate", help="Activate it at once.")] = False,
    as_json: _JSON = False,
) -> None:
    """Submit a device; nothing acts on it until it is activated."""
    session: Session = context.obj
    config = session.store()
    from vatriage.model.secret import Secret  # noqa: PLC0415 - keeps --help fast
    from vatriage.usecases.devices import add_device, shown  # noqa: PLC0415 - needs an open store
    from vatriage.vault import open_vault  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring import fetcher  # noqa: PLC0415 - keeps --help fast

    text = sys.stdin.readline().rstrip("\r\n") if password_stdin else getpass("Password: ")
    fetcher(config, url, login, Secret(text), str(ca_file or ""))
    device = add_device(
        name=name, url=url, login=login, password=Secret(text), zone=zone, ca_file=ca_file,
        complete_checks=complete_checks, activate=activate, vault=open_vault(config.key), clock=session.clock,
    )  # fmt: skip
    if as_json:
        show_json(shown(device))
    else:
        say(f"Device {name!r} is {'active' if activate else 'submitted; run `vatriage activate`'}.")


@app.command("list")
def list_all(context: typer.Context, as_json: _JSON = False) -> None:
    """List the devices."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.devices import all_devices, shown  # noqa: PLC0415 - needs an open store

    devices = [shown(device) for device in all_devices()]
    if as_json:
        show_json({"devices": devices})
        return
    names = ["name", "url", "login", "zone", "complete_checks", "active"]
    show_table("Devices", names, [[str(device[name]) for name in names] for device in devices])


@app.command("show")
def show(context: typer.Context, name: str, as_json: _JSON = False) -> None:
    """Show one device."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.devices import find_device, shown  # noqa: PLC0415 - needs an open store

    device = shown(find_device(name))
    if as_json:
        show_json(device)
        return
    for key, value in device.items():
        say(f"{key.replace('_', ' '):16} {value}")


@app.command("remove")
def remove(context: typer.Context, name: str, as_json: _JSON = False) -> None:
    """Remove a device; what it brought stays."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.devices import remove_device  # noqa: PLC0415 - needs an open store

    remove_device(name, session.clock)
    if as_json:
        show_json({"removed": name})
    else:
        say(f"Device {name!r} is removed.")


@app.command("test")
def test(context: typer.Context, name: str, as_json: _JSON = False) -> None:
    """Test connectivity: reach the server, log in, ask for one host. Never starts a scan."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.connectivity import test_connectivity  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.devices import find_device  # noqa: PLC0415 - the same
    from vatriage.vault import open_vault  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring import fetcher, qualys_calls, report_reader  # noqa: PLC0415 - the same

    device = find_device(name)
    password = open_vault(config.key).unlock(device.password_token, device.name)
    test_connectivity(
        fetcher(config, device.url, device.login, password, device.ca_file),
        qualys_calls(),
        report_reader(),
        config.home,
    )
    if as_json:
        show_json({"device": name, "ok": True})
    else:
        say(f"Device {name!r}: the server was reached, its certificate and our login were accepted.")
