"""`vatriage archive`: events of old alerts as Parquet files."""

from typing import Annotated

import typer

from vatriage.cli.session import Session, progress, say, show_json, show_table, warn

app = typer.Typer(help="The alert archive: events of old alerts as Parquet files.", no_args_is_help=True)
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("write")
def write(
    context: typer.Context,
    older_than: Annotated[int, typer.Option(min=0, max=36_500, help="Days, by the alerts' own time.")] = 90,
    as_json: _JSON = False,
) -> None:
    """Move the events of old alerts out of the database; alerts, groups and verdicts stay in it."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.archive import archive_alerts  # noqa: PLC0415 - needs an open store

    with progress("Archiving", None, "alerts") as advance:
        done = archive_alerts(config.archive, older_than, session.clock, lambda done: advance(done.alerts))
    if as_json:
        show_json({"files": done.files, "alerts": done.alerts})
    else:
        say(f"Archived the events of {done.alerts:,} alerts in {done.files:,} files under {config.archive}.")


@app.command("list")
def list_files(context: typer.Context, as_json: _JSON = False) -> None:
    """List the archive's files."""
    session: Session = context.obj
    session.store()
    from vatriage.store.archive_files import day_name  # noqa: PLC0415 - pyarrow, which most verbs do without
    from vatriage.store.archive_rows import archived_files  # noqa: PLC0415 - needs an open store

    files = archived_files()
    if as_json:
        show_json({"files": [file._asdict() | {"day": day_name(file.day)} for file in files]})
        return
    rows = [[file.zone, day_name(file.day), f"{file.alerts:,}", file.path] for file in files]
    show_table("", ["zone", "day", "alerts", "file"], rows) if rows else say("Nothing is archived.")


@app.command("verify")
def verify(context: typer.Context, as_json: _JSON = False) -> None:
    """Read every file of the archive and compare it with what was written; exit code 1 if anything is wrong."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.archive import verify_archive  # noqa: PLC0415 - needs an open store

    wrong = verify_archive(config.archive)
    if as_json:
        show_json({"wrong": wrong})
    for sentence in [] if as_json else wrong:
        warn(sentence)
    if wrong:
        raise typer.Exit(1)
    if not as_json:
        say("Every listed file of the archive is as it was written.")
