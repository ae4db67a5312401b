"""`vatriage doctor`: what this machine and a device's account can and cannot do, and what to do about it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from vatriage.cli.session import Session, say, show_json, show_table
from vatriage.config import Config
from vatriage.errors import NotFoundError, VatriageError

if TYPE_CHECKING:
    from vatriage.store.devices import Device
    from vatriage.usecases.health import Check


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("doctor")(doctor)


def doctor(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Devices (default: all).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what this machine and each device's account can and cannot do, line by line, each with what to do.

    It changes nothing and starts no scan. The exit code is that of the first line that fails, 0 if none does.
    """
    session: Session = context.obj
    config = session.config
    machine = _machine(session, config)
    devices: dict[str, list[Check]] = {}
    if all(check.name != "tables" or check.health == "ok" for check in machine):
        devices = {device.name: _device(session, config, device) for device in _devices(names)}
    if as_json:
        show_json(
            {
                "machine": [check.to_dict() for check in machine],
                "devices": [
                    {"device": name, "checks": [check.to_dict() for check in checks]}
                    for name, checks in devices.items()
                ],
            }
        )
    else:
        _show({"this machine": machine} | {f"device {name!r}": checks for name, checks in devices.items()})
    codes = [check.exit_code for checks in (machine, *devices.values()) for check in checks if check.exit_code]
    if codes:
        raise typer.Exit(codes[0])


def _machine(session: Session, config: Config) -> "list[Check]":
    from vatriage.wiring.opening import look_at_store, machine  # noqa: PLC0415 - keeps --help fast

    tables = look_at_store(config)
    from vatriage.usecases.doctor_machine import machine_checks  # noqa: PLC0415 - needs an open store

    return list(machine_checks(machine(config, session.clock), tables))


def _devices(names: list[str] | None) -> "Iterable[Device]":
    from vatriage.usecases.devices import all_devices, find_device  # noqa: PLC0415 - needs an open store

    return [find_device(name) for name in names] if names else all_devices()


def _device(session: Session, config: Config, device: "Device") -> "list[Check]":
    """Return what is found of a device; what keeps us from looking is found as well."""
    from vatriage.usecases.doctor_device import device_checks  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.health import failed  # noqa: PLC0415 - the same
    from vatriage.vault import open_vault  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring.servers import connectivity_tools, device_route, limits_of  # noqa: PLC0415 - the same

    try:
        password = open_vault(config.key).unlock(device.password_token, device.owner)
        route = device_route(config, device)
        tools = connectivity_tools(config, device.url, device.login, password, route, session.clock)
        return list(device_checks(device, tools, limits_of(config, device.url, device.login)))
    except NotFoundError:
        raise
    except VatriageError as error:
        return [failed("device", error.message, error.hint, error.exit_code)]


def _show(found: "dict[str, list[Check]]") -> None:
    for place, checks in found.items():
        rows = [
            [check.health, check.name, f"{check.found}{f' -> {check.remedy}' if check.remedy else ''}"]
            for check in checks
        ]
        show_table(place, ["", "what", "what was found"], rows)
    bad = sum(check.health == "fail" for checks in found.values() for check in checks)
    doubtful = sum(check.health == "warn" for checks in found.values() for check in checks)
    say(f"{bad} fail, {doubtful} warn." if bad or doubtful else "All is well.")
