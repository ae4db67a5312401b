"""`vatriage triage`: alerts in, verdicts out."""

import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vatriage.cli.alert_options import AlertOptions, Format, TimeZone, Year
from vatriage.cli.session import Session, instant, progress, say, show_table, warn
from vatriage.cli.signatures import warn_of_rejects
from vatriage.cli.stopping import silence
from vatriage.cli.verdict_writers import Output, writer

if TYPE_CHECKING:
    from vatriage.cli.remote_triage import RemoteRun
    from vatriage.cli.verdict_writers import VerdictWriter
    from vatriage.clock import Clock
    from vatriage.usecases.triage import JudgedBatch, TriageRun


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("triage")(triage)


def triage(
    context: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(help="Files of alerts (plain, gzip, bzip2, Zstandard), in order; - is standard input."),
    ],
    zone: Annotated[str, typer.Option(help="The zone the alerts belong to.")] = "default",
    rules: Annotated[
        list[Path] | None, typer.Option(help="Files or folders as for `signatures load`, beside the loaded.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="Judge as at this time (default: now).")] = None,
    store: Annotated[bool, typer.Option("--store", help="Keep alerts and verdicts in the inventory's store.")] = False,
    format_name: Format = None,
    year: Year = None,
    time_zone: TimeZone = None,
    output: Annotated[
        Output,
        typer.Option(
            help="table, jsonl (one record an alert), eve (events passed through), csv, cef, ocsf, openvex (what does not hit)."
        ),
    ] = Output.TABLE,
) -> None:
    """Judge every alert: is its target really susceptible?"""
    session: Session = context.obj
    reading = AlertOptions(format_name, year, time_zone)
    run = _run(session, zone, rules or [], as_of, reading, store=store)
    keep_here = store and session.remote is None
    with progress("Judging", None, "alerts") as advance:
        batches = run.judge(files, keep_events=store or output is Output.EVE, progress=advance)
        if keep_here:
            session.store()
            batches = _kept(batches, session.clock)
        try:
            if output is Output.TABLE:
                _show(batches)
                _sum_up(run)
            else:
                _write(batches, writer(output, sys.stdout.buffer, session.clock))
            sys.stdout.flush()
        except BrokenPipeError:
            silence(sys.stdout)
            if store:  # who keeps verdicts wants all of them, whether or not somebody reads them here
                deque(batches, maxlen=0)
    _close(run)


def _run(
    session: Session, zone: str, rules: list[Path], as_of: str | None, reading: AlertOptions, *, store: bool
) -> "TriageRun | RemoteRun":
    from vatriage.usecases.triage import TriageRun  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring.judging import triage_knowledge  # noqa: PLC0415 - the same

    if session.remote is not None:
        from vatriage.cli.remote_triage import RemoteRun  # noqa: PLC0415 - only who asks another machine needs it

        return RemoteRun(session.remote, reading, zone, as_of, rules=rules, store=store)
    clock_us = instant(as_of, session.clock)
    knowledge = triage_knowledge(session.current_snapshot(), rules, warn_of_rejects)
    return TriageRun(knowledge, reading.reader(), zone, clock_us)


def _show(batches: "Iterator[JudgedBatch]") -> None:
    rows: list[list[str]] = []
    for batch in batches:
        rows += [_row(record) for record in batch.records[: _ROWS_SHOWN - len(rows)]]
    show_table("", ["line", "signature", "target", "verdict", "why"], rows)


def _write(batches: "Iterator[JudgedBatch]", target: "VerdictWriter") -> None:
    for batch in batches:
        target.take(batch)
    target.end()


_ROWS_SHOWN = 500
"""Alerts in the table; the summary counts all, and jsonl has them all."""
_REJECTS_SHOWN = 20


def _row(record: object) -> list[str]:
    from vatriage.model.verdict import VerdictRecord  # noqa: PLC0415 - keeps --help fast

    assert isinstance(record, VerdictRecord)  # noqa: S101 - for the type checker
    target = record.target
    port = "" if target.port is None else f":{target.port}"
    where = f"{record.source_file}:{record.source_line}"
    return [where, record.signature, f"{target.address}{port}", record.verdict, ", ".join(record.reasons)]


def _kept(batches: "Iterator[JudgedBatch]", clock: "Clock") -> "Iterator[JudgedBatch]":
    from vatriage.usecases.keep_verdicts import keep_batch  # noqa: PLC0415 - needs an open store

    for batch in batches:
        keep_batch(batch, clock)
        yield batch


def _sum_up(run: "TriageRun | RemoteRun") -> None:
    summary = ", ".join(f"{name} {count:,}" for name, count in sorted(run.counts.verdicts.items()))
    say(summary or "no alerts")
    if run.counts.alerts > _ROWS_SHOWN:
        say(f"The table shows the first {_ROWS_SHOWN} alerts; --output jsonl has all.")


def _close(run: "TriageRun | RemoteRun") -> None:
    counts = run.counts
    for reject in counts.kept_rejects[:_REJECTS_SHOWN]:
        warn(
            f"{reject.file}: {reject.problem}"
            if reject.problem.startswith(("line", "record"))
            else f"{reject.file}:{reject.line}: {reject.problem}"
        )
    if counts.rejects > _REJECTS_SHOWN:
        warn(f"... and {counts.rejects - _REJECTS_SHOWN:,} more rejected lines")
    warn(f"{counts.events} events read, {counts.alerts} alerts judged, {counts.rejects} lines rejected")
