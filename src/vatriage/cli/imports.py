"""`vatriage import`: report files into the inventory."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vatriage.cli.printable import printable
from vatriage.cli.rejects import warn_of_kept
from vatriage.cli.rejudge import judge_again
from vatriage.cli.session import Session, progress, say, show_json, show_table, warn
from vatriage.wiring.readers import report_reader

if TYPE_CHECKING:
    from vatriage.usecases.file_counts import FileCounts
    from vatriage.usecases.imports import ImportResult


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
    no_rejudge: Annotated[
        bool, typer.Option("--no-rejudge", help="Leave stored alerts as they are judged; say how many may change.")
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
    _warn(result)
    if as_json:
        show_json(result.to_dict())
    else:
        _show(result)
        if complete:
            _say_whether_vouched(result)
    judge_again(session, wanted=not no_rejudge, quiet=as_json)
    if any(item.error for item in result.files):
        raise typer.Exit(1)


def _warn(result: "ImportResult") -> None:
    """Say on standard error what was rejected, what held nothing and what could not be used."""
    warn_of_kept(result.first_rejects, sum(item.rejects for item in result.files), result.pull)
    for item in result.files:
        file, error = printable(item.file), printable(item.error or "")
        if item.nothing:
            warn(f"{file} {item.nothing}.")
        elif error:
            warn(error if error.startswith(file) else f"{file}: {error}")
    if not result.knowledge_sound:
        warn(
            "A copy of the KnowledgeBase lost entries: nothing is refuted until a copy comes whole that holds all its QIDs. "
            "Export it again and import it, or pull."
        )


def _say_whether_vouched(result: "ImportResult") -> None:
    if result.whole:
        say(f"Vouched whole.{_vouched_profiles(result)}")
    else:
        say(f"NOT vouched whole: {result.why_not_whole.rstrip('.')}. Nothing is refuted.")


def _vouched_profiles(result: "ImportResult") -> str:
    """Return which option profiles a person has just vouched for: what a profile tests, no report says."""
    profiles = {str(item.scan.get("option_profile") or "(not named)") for item in result.files if item.scan}
    if not profiles:
        return ""
    named = ", ".join(repr(printable(profile)) for profile in sorted(profiles))
    return f" By your word, the option profile {named} runs all checks."


def _scans(item: "FileCounts") -> str:
    """Return what a file says of scans, "" for one that does not."""
    if item.scans:
        return f"{item.file}: a list of {item.scans:,} scans."
    if not item.scan:
        return ""
    said = [f"{name.replace('_', ' ')} {value}" for name, value in item.scan.items() if value]
    return f"{item.file}: the report of a scan: {', '.join(said)}."


def _show(result: "ImportResult") -> None:
    rows = [
        [
            item.file,
            item.kind or "?",
            *(f"{number:,}" for number in (item.hosts, item.detections, item.vulnerabilities, item.rejects)),
            "error" if item.error else "partial" if item.partial else "empty" if item.nothing else "ok",
        ]
        for item in result.files
    ]
    show_table("Imported", ["file", "kind", "hosts", "detections", "vulnerabilities", "rejects", "state"], rows)
    for told in filter(None, map(_scans, result.files)):
        say(told)
    changes = result.changes
    say(
        f"New: {changes.hosts_new:,} hosts, {changes.detections_new:,} detections; changed: "
        f"{changes.detections_changed:,}; unchanged: {changes.detections_unchanged:,}; fixed: {changes.fixed:,}; "
        f"reopened: {changes.reopened:,}; gone: {changes.gone:,}."
    )
