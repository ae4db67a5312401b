"""`vatriage pulls`: the ledger of pulls and imports."""

from itertools import islice
from typing import Annotated, Any

import typer

from vatriage.cli.session import Session, show_json, show_table


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("pulls")(pulls)


def pulls(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="So many at most.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List pulls and imports, newest first: what came of them."""
    session: Session = context.obj
    found = _found(session, limit)
    if as_json:
        show_json({"pulls": found})
        return
    columns = ["pull", "origin", "device", "zone", "state", "whole", "started_at", "finished_at", "error"]
    rows = [[_cell(item[name]) for name in columns] for item in found]
    show_table("Pulls and imports", [name.replace("_at", "") for name in columns], rows)


def _found(session: Session, limit: int) -> list[dict[str, Any]]:
    if session.remote is not None:
        return list(islice(session.remote.pages("pulls", key="pulls"), limit))
    session.store()
    from vatriage.usecases.pull_ledger import pulls_page  # noqa: PLC0415 - needs an open store

    return pulls_page(None, 0, limit)[0]


def _cell(value: object) -> str:
    return (
        {True: "yes", False: "no", None: "-"}.get(value, str(value)) if isinstance(value, bool | None) else str(value)
    )
