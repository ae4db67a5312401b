"""`vatriage leases`: files of DHCP leases into the inventory, so that a change of tenant is not overlooked."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vatriage.cli.printable import printable
from vatriage.cli.session import Session, say, show_json, show_table, warn
from vatriage.errors import NotFoundError
from vatriage.model.viewer import COMMAND_LINE


class LeaseFormat(StrEnum):
    """The formats of vatriage.leases.formats, which start-up does not import."""

    ISC = "isc"
    KEA = "kea"
    ZEEK = "zeek"
    CSV = "csv"


app = typer.Typer(help="DHCP leases: who held an address, when.", no_args_is_help=True)
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_LIMIT = Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")]


@app.command("import")
def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file of leases.")],
    format_name: Annotated[
        LeaseFormat | None,
        typer.Option("--format", help="Its format; without it, it is told by the first bytes."),
    ] = None,
    zone: Annotated[str, typer.Option(help="The address space that it describes.")] = "default",
    as_json: _JSON = False,
) -> None:
    """Take DHCP leases in: ISC dhcpd.leases, Kea's memfile, Zeek's dhcp.log, or a table.

    Leases only raise doubt, or name one more host: they never clear an alert.
    """
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.leases import import_leases  # noqa: PLC0415 - needs an open store
    from vatriage.wiring.readers import lease_reader  # noqa: PLC0415 - keeps --help fast

    try:
        source = file.open("rb")
    except OSError as error:
        raise NotFoundError(
            f"{file} cannot be read: {error.strerror or error}.", "Check the path and its permissions."
        ) from error
    with source:
        kind, reader = lease_reader(format_name, source.read(4_096))
        source.seek(0)
        result = import_leases(
            source, file=str(file), kind=kind, reader=reader, zone=zone, who=COMMAND_LINE, clock=session.clock,
            snapshots=config.snapshots,
        )  # fmt: skip
    for one in result.first_rejects:
        warn(f"{printable(str(file))}:{one.line}: {printable(one.problem)}")
    if result.rejects:
        warn(f"{result.rejects:,} records rejected and kept: vatriage leases rejects {result.number}")
    if as_json:
        show_json(result.to_dict())
    else:
        say(
            f"{result.leases:,} leases of {printable(str(file))} ({kind}) taken in; {result.rejects:,} records rejected."
        )


@app.command("imports")
def imports(context: typer.Context, limit: _LIMIT = 50, as_json: _JSON = False) -> None:
    """List the files that were taken in, the newest first."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.leases import list_lease_imports  # noqa: PLC0415 - needs an open store

    rows = list_lease_imports(None, limit)
    if as_json:
        show_json({"imports": rows})
        return
    names = ["number", "at", "zone", "file", "format", "leases", "rejects"]
    show_table("Lease files", names, [[printable(str(row[name])) for name in names] for row in rows])


@app.command("rejects")
def rejects(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="The import's number.")],
    limit: _LIMIT = 100,
    as_json: _JSON = False,
) -> None:
    """Show what could not be read in a file."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.leases import list_lease_rejects  # noqa: PLC0415 - needs an open store

    rows = [row | {"raw": row["raw"].decode(errors="replace")} for row in list_lease_rejects(number, None, limit)]
    if as_json:
        show_json({"rejects": rows})
        return
    names = ["line", "problem", "raw"]
    show_table("Rejects", names, [[printable(str(row[name])) for name in names] for row in rows])
