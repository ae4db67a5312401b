"""`vatriage zone`: address spaces, and the networks of each."""

from typing import Annotated

import typer

from vatriage.cli.session import Session, say, show_json, show_table
from vatriage.model.viewer import COMMAND_LINE

app = typer.Typer(help="Zones: address spaces, and which networks belong to each.", no_args_is_help=True)
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_all(context: typer.Context, as_json: _JSON = False) -> None:
    """List the zones: their networks, how many devices report on them, what waits for activation."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.zones import all_zones  # noqa: PLC0415 - needs an open store

    lines = all_zones()
    if as_json:
        zones = [
            {
                "name": line.name, "networks": line.networks, "devices": line.devices, "pending": line.pending or None,
            }
            for line in lines
        ]  # fmt: skip
        show_json({"zones": zones})
        return
    rows = [[line.name, ", ".join(line.networks) or "-", str(line.devices), line.pending or "-"] for line in lines]
    show_table("Zones", ["name", "networks", "devices", "pending"], rows)


@app.command("edit")
def edit(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The zone.")],
    new_name: Annotated[
        str,
        typer.Option(
            "--name", help="Another name; devices, rules and users follow. Not once alerts were judged in it."
        ),
    ] = "",
    network: Annotated[
        list[str] | None,
        typer.Option(help='A network, in place of those it has: 192.0.2.0/24; repeat it. "" = none.'),
    ] = None,
    as_json: _JSON = False,
) -> None:
    """Change a zone; the change is submitted, and acts only once it is activated."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.zones import submit_zone, submitted_networks  # noqa: PLC0415 - needs an open store
    from vatriage.wiring.servers import changes  # noqa: PLC0415 - keeps --help fast

    desk = changes(session.clock, config.snapshots)
    seen = desk.stamp("zone", name)
    now = submitted_networks(name, desk)
    networks = now if network is None else [text for text in network if text]
    submit_zone(name, networks, changes=desk, who=COMMAND_LINE, seen=seen, new_name=new_name)
    if as_json:
        show_json({"name": name, "new_name": new_name or None, "networks": networks})
    else:
        say(f"Zone {name!r} is changed and submitted; run `vatriage activate`.")
