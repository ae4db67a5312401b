"""`vatriage signatures`: rule files, and how much of them can be verified."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vatriage.cli.session import Session, say, show_json, show_table, warn

if TYPE_CHECKING:
    from vatriage.signatures.interface import RuleReject

_REJECTS_SHOWN = 20
app = typer.Typer(help="Rule files: what each signature claims.", no_args_is_help=True)
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("load")
def load(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(help="Rule files, sid-msg.map, classification.config, or folders of them.")
    ],
    as_json: _JSON = False,
) -> None:
    """Add the signatures of rule files; earlier revisions stay, because earlier alerts name them."""
    session: Session = context.obj
    from vatriage.usecases.signatures import load_signatures  # noqa: PLC0415 - keeps --help fast

    config = session.config
    config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    loaded = load_signatures(paths, config.signatures)
    warn_of_rejects(loaded.rejects)
    if loaded.set_aside is not None:
        warn(f"The stored signatures could not be read and lie in {loaded.set_aside} now: load earlier rules again.")
    classes = len(loaded.index.classes)
    if as_json:
        show_json(
            {
                "signatures": loaded.count,
                "rejects": len(loaded.rejects),
                "classtypes": classes,
                "version": loaded.index.version,
            }
        )
    else:
        say(
            f"{loaded.count:,} signatures and {classes:,} classtypes loaded, {len(loaded.rejects):,} rules or lines rejected."
        )


def warn_of_rejects(rejects: "list[RuleReject]") -> None:
    """Print the first rejects and how many more there are."""
    for reject in rejects[:_REJECTS_SHOWN]:
        warn(f"{reject.file}:{reject.line}: {reject.problem}")
    if len(rejects) > _REJECTS_SHOWN:
        warn(f"... and {len(rejects) - _REJECTS_SHOWN:,} more rejected rules or lines")


@app.command("coverage")
def show_coverage(context: typer.Context, as_json: _JSON = False) -> None:
    """Count how many loaded signatures VA data can decide at all."""
    session: Session = context.obj
    from vatriage.signatures.coverage import count_map_only, coverage  # noqa: PLC0415 - keeps --help fast
    from vatriage.usecases.signatures import stored_signatures  # noqa: PLC0415 - the same

    index = stored_signatures(session.config.signatures)
    counts = coverage(index)
    if as_json:
        show_json(counts)
        return
    rows = {**counts, "map_only": count_map_only(index)}
    show_table(
        "Signatures", ["what", "count"], [[name.replace("_", " "), f"{count:,}"] for name, count in rows.items()]
    )
