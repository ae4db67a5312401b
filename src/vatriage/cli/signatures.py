"""`vatriage signatures`: rule files, and how much of them can be verified."""

from pathlib import Path
from typing import Annotated

import typer

from vatriage.cli.session import Session, say, show_json, show_table, warn

app = typer.Typer(help="Rule files: what each signature claims.", no_args_is_help=True)
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("load")
def load(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Rule files, or folders of *.rules.")],
    as_json: _JSON = False,
) -> None:
    """Add the signatures of rule files; earlier revisions stay, because earlier alerts name them."""
    session: Session = context.obj
    from vatriage.usecases.signatures import load_signatures  # noqa: PLC0415 - keeps --help fast

    config = session.config
    config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    loaded = load_signatures(paths, config.signatures)
    count = sum(len(revisions) for revisions in loaded.index.signatures.values())
    for reject in loaded.rejects[:20]:
        warn(f"{reject.file}:{reject.line}: {reject.problem}")
    if as_json:
        show_json({"signatures": count, "rejects": len(loaded.rejects), "version": loaded.index.version})
    else:
        say(f"{count:,} signatures loaded, {len(loaded.rejects):,} rules rejected.")


@app.command("coverage")
def show_coverage(context: typer.Context, as_json: _JSON = False) -> None:
    """Count how many loaded signatures VA data can decide at all."""
    session: Session = context.obj
    from vatriage.signatures.coverage import coverage  # noqa: PLC0415 - keeps --help fast
    from vatriage.usecases.signatures import stored_signatures  # noqa: PLC0415 - the same

    counts = coverage(stored_signatures(session.config.signatures))
    if as_json:
        show_json(counts)
        return
    show_table(
        "Signatures", ["what", "count"], [[name.replace("_", " "), f"{count:,}"] for name, count in counts.items()]
    )
