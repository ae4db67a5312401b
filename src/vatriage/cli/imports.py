"""`vatriage import`: report files into the inventory."""

from pathlib import Path
from typing import Annotated

import typer

from vatriage.cli.session import Session, progress, say, show_json, show_table
from vatriage.wiring import report_reader


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("import")(import_reports)


def import_reports(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Report files; the files of one call are taken together.")],
    zone: Annotated[str, typer.Option(help="The address space they describe.")] = "default",
    complete: Annotated[
        bool,
        typer.Option(
            "--complete",
            help="You vouch: together these are the whole, unfiltered output (Fixed, ignored and disabled included) of "
            "scans with a complete check set. Only then may a missing finding count as evidence.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Take VA reports into the inventory.

    As XML: host lists, host detections, scan and asset data reports, the KnowledgeBase. As CSV or JSON: VMDR detections,
    scan results, scan reports; such tables confirm findings and never clear a host.
    """
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.imports import import_files  # noqa: PLC0415 - needs an open store

    with progress("Importing", None, "bytes") as advance:
        result = import_files(
            files,
            zone=zone,
            complete=complete,
            reader=report_reader(),
            clock=session.clock,
            snapshots=config.snapshots,
            progress=lambda name, done: advance(done, name),
        )
    if as_json:
        show_json(result.to_dict())
    else:
        _show(result)
        if complete:
            say("Vouched whole." if result.whole else f"NOT vouched whole: {result.why_not_whole}. Nothing is refuted.")
    if any(item.error for item in result.files):
        raise typer.Exit(1)


def _show(result: object) -> None:
    from vatriage.usecases.imports import ImportResult  # noqa: PLC0415 - needs an open store

    assert isinstance(result, ImportResult)  # noqa: S101 - for the type checker
    rows = [
        [
            item.file,
            item.kind or "?",
            *(f"{number:,}" for number in (item.hosts, item.detections, item.vulnerabilities, item.rejects)),
            item.error or ("partial" if item.partial else "ok"),
        ]
        for item in result.files
    ]
    show_table("Imported", ["file", "kind", "hosts", "detections", "vulnerabilities", "rejects", "state"], rows)
    changes = result.changes
    say(
        f"New: {changes.hosts_new:,} hosts, {changes.detections_new:,} detections; changed: "
        f"{changes.detections_changed:,}; unchanged: {changes.detections_unchanged:,}; fixed: {changes.fixed:,}; "
        f"reopened: {changes.reopened:,}; gone: {changes.gone:,}."
    )
