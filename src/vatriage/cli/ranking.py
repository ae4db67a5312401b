"""`vatriage ranking`: what alerts of one verdict are ranked by."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vatriage.cli.session import Session, say, show_json, show_table, warn
from vatriage.model.viewer import COMMAND_LINE

if TYPE_CHECKING:
    from vatriage.usecases.ranking import LoadedList

app = typer.Typer(
    help="What alerts of one verdict are ranked by: lists, and what targets are worth.", no_args_is_help=True
)
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_ZONE = Annotated[str, typer.Argument(help="The network's zone.")]
_NETWORK = Annotated[str, typer.Argument(help="192.0.2.0/24, or one address.")]
_REJECTS_SHOWN = 20


@app.command("load-kev")
def load_kev(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CISA's JSON file of Known Exploited Vulnerabilities (plain, gzip).")],
    as_json: _JSON = False,
) -> None:
    """Load a newer catalogue of exploited vulnerabilities than the one that came with the program."""
    session: Session = context.obj
    from vatriage.usecases.ranking import load_kev as load  # noqa: PLC0415 - keeps --help fast

    _tell(load(file, session.config.ranking, session.clock), "known exploited vulnerabilities", as_json=as_json)


@app.command("load-epss")
def load_epss(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="FIRST's CSV file of EPSS scores of a day (plain, gzip).")],
    as_json: _JSON = False,
) -> None:
    """Load the probabilities that vulnerabilities are exploited."""
    session: Session = context.obj
    from vatriage.usecases.ranking import load_epss as load  # noqa: PLC0415 - keeps --help fast

    _tell(load(file, session.config.ranking, session.clock), "EPSS scores", as_json=as_json)


@app.command("show")
def show(context: typer.Context, as_json: _JSON = False) -> None:
    """Show what is loaded, how old it is, and what targets are worth."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.asset_values import asset_values  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.ranking import ranking_state  # noqa: PLC0415 - keeps --help fast

    state, values = ranking_state(config.ranking, session.clock), asset_values()
    if as_json:
        show_json({**asdict(state), "asset_values": values})
        return
    for warning in state.warnings:
        warn(warning)
    say(f"known exploited vulnerabilities: {state.known_exploited_entries:,}, of {state.known_exploited_date}")
    say(f"EPSS scores: {f'of {state.epss_date}' if state.epss_date else 'not loaded'}")
    rows = [[row["zone"], row["network"], str(row["value"]), row["who"], row["at"]] for row in values]
    show_table("What targets are worth", ["zone", "network", "value", "said by", "at"], rows)


@app.command("set")
def set_value(
    context: typer.Context,
    zone: _ZONE,
    network: _NETWORK,
    value: Annotated[int, typer.Argument(min=1, max=5, help="1 (little) to 5 (most); 3 where nobody said anything.")],
    as_json: _JSON = False,
) -> None:
    """Say what targets in a network are worth."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.asset_values import set_asset_value  # noqa: PLC0415 - needs an open store

    said = set_asset_value(
        zone, network, value, snapshots=config.snapshots, who=COMMAND_LINE, zones=None, clock=session.clock
    )
    if as_json:
        show_json(said)
    else:
        say(f"Targets in {said['network']} of zone {zone!r} are worth {value} of 5 from now on.")


@app.command("clear")
def clear_value(context: typer.Context, zone: _ZONE, network: _NETWORK) -> None:
    """Take back what was said of a network."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.asset_values import clear_asset_value  # noqa: PLC0415 - needs an open store

    clear_asset_value(zone, network, snapshots=config.snapshots, who=COMMAND_LINE, zones=None, clock=session.clock)
    say(f"Nothing is said of {network} in zone {zone!r} any more.")


def _tell(loaded: "LoadedList", what: str, *, as_json: bool) -> None:
    for reject in loaded.rejects[:_REJECTS_SHOWN]:
        warn(f"{reject.place}: {reject.problem}")
    if len(loaded.rejects) > _REJECTS_SHOWN:
        warn(f"... and {len(loaded.rejects) - _REJECTS_SHOWN:,} more")
    if loaded.warning:
        warn(loaded.warning)
    if as_json:
        show_json(
            {
                "date": loaded.date, "version": loaded.version, "entries": loaded.entries, "rejects": len(loaded.rejects),
            }
        )  # fmt: skip
    else:
        say(f"{loaded.entries:,} {what} of {loaded.date} loaded, {len(loaded.rejects):,} entries rejected.")
