"""`vatriage init`: make the home folder, the tables and the snapshot."""

from typing import Annotated

import typer

from vatriage.cli.session import Session, say, show_json
from vatriage.wiring.opening import database_shown


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("init")(init)


def init(
    context: typer.Context,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build the snapshot again from the inventory.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make the home folder and its database; harmless where they are (other verbs do it themselves)."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.snapshots import rebuild_snapshot  # noqa: PLC0415 - needs an open store

    if rebuild or not config.snapshots.exists():
        rebuild_snapshot(config.snapshots)
    if as_json:
        show_json({"home": str(config.home), "database": database_shown(config)})
    else:
        say(f"vatriage is ready in {config.home}.")
