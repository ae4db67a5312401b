"""`vatriage pool`: virtual addresses and load balancers, and who stands behind them."""

from typing import Annotated

import typer

from vatriage.cli.printable import printable
from vatriage.cli.session import Session, instant, say, show_json, show_table
from vatriage.model.instant import US
from vatriage.model.viewer import COMMAND_LINE

app = typer.Typer(help="Virtual addresses: which hosts stand behind them.", no_args_is_help=True)
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_REASON = Annotated[str, typer.Option(help="How you know; compulsory.")]


@app.command("list")
def list_all(
    context: typer.Context,
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="The withdrawn ones too.")] = False,
    as_json: _JSON = False,
) -> None:
    """List the virtual addresses."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.virtual_addresses import list_pools  # noqa: PLC0415 - needs an open store

    pools = list_pools(None, withdrawn=withdrawn)
    if as_json:
        show_json({"pools": pools})
        return
    names = ["number", "zone", "address", "port", "members", "author", "valid_from", "valid_until", "withdrawn_at"]
    told = [
        pool
        | {
            "members": ", ".join(pool["members"]) or "not known",
            "port": pool["port"] if pool["port"] is not None else "any",
        }
        for pool in pools
    ]
    show_table(
        "Virtual addresses",
        names,
        [[printable(str(row[name] if row[name] is not None else "-")) for name in names] for row in told],
    )


@app.command("add")
def add(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="The virtual address.")],
    reason: _REASON,
    member: Annotated[
        list[str] | None,
        typer.Option(
            help="Who stands behind it: 10.0.0.5 or 10.0.0.5:8443; repeat it. None: it is shared by nobody knows whom."
        ),
    ] = None,
    port: Annotated[int | None, typer.Option(help="Only this port of it.")] = None,
    zone: Annotated[str, typer.Option(help="Its zone.")] = "default",
    since: Annotated[str | None, typer.Option("--from", help="Since when (default: now).")] = None,
    until: Annotated[str | None, typer.Option(help="Until when (default: until it is withdrawn).")] = None,
    as_json: _JSON = False,
) -> None:
    """Say who stands behind a virtual address: an alert at it is as bad as at the worst of them."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.virtual_addresses import PoolForm, add_pool  # noqa: PLC0415 - needs an open store

    form = PoolForm(
        zone=zone, address=address, port=port, members=member or [], reason=reason,
        valid_from=instant(since, session.clock) // US if since else 0,
        valid_until=instant(until, session.clock) // US if until else 0,
    )  # fmt: skip
    number = add_pool(form, who=COMMAND_LINE, zones=None, clock=session.clock, snapshots=config.snapshots)
    show_json({"number": number}) if as_json else say(f"Virtual address {number} is added; it counts from now on.")


@app.command("withdraw")
def withdraw(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="Its number, as `pool list` shows it.")],
    reason: _REASON,
) -> None:
    """Let a virtual address count no more; it stays on record."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.virtual_addresses import withdraw_pool  # noqa: PLC0415 - needs an open store

    withdraw_pool(number, reason, who=COMMAND_LINE, zones=None, clock=session.clock, snapshots=config.snapshots)
    say(f"Virtual address {number} is withdrawn.")
