"""`vatriage kb`: the vendor's KnowledgeBase."""

from typing import Annotated

import typer

from vatriage.cli.session import Session, say, show_json

app = typer.Typer(help="The KnowledgeBase: QIDs and what they test.", no_args_is_help=True)


@app.command("show")
def show(
    context: typer.Context,
    qid: Annotated[int, typer.Argument(help="The QID.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show one QID."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.lookups import show_qid  # noqa: PLC0415 - needs an open store

    entry = show_qid(qid)
    if as_json:
        show_json(entry)
        return
    for name, value in entry.items():
        say(f"{name.replace('_', ' '):17} {', '.join(value) if isinstance(value, list) else value}")


# A second verb keeps `show` a word of its own: typer folds a group with one verb into the group.
@app.callback()
def common() -> None:
    """The KnowledgeBase: QIDs and what they test."""
