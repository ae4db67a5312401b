"""`vatriage triage`: alerts in, verdicts out."""

import sys
from collections import deque
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vatriage.cli.alert_options import AlertOptions, Format, TimeZone, Year
from vatriage.cli.session import Session, instant, progress, say, show_table, warn
from vatriage.cli.signatures import warn_of_rejects
from vatriage.cli.stopping import silence
from vatriage.errors import UsageError

if TYPE_CHECKING:
    from vatriage.cli.remote_triage import RemoteRun
    from vatriage.usecases.triage import JudgedBatch, TriageRun


class Output(StrEnum):
    """In which form verdicts leave."""

    TABLE = "table"
    JSONL = "jsonl"
    EVE = "eve"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("triage")(triage)


def triage(
    context: typer.Context,
    files: Annotated[
        list[str], typer.Argument(help="Files of alerts (plain, gzip, bzip2), in order; - is standard input.")
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
        Output, typer.Option(help="table, jsonl (one record an alert), eve (events passed through).")
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
            batches = _kept(batches)
        try:
            _write(batches, output)
            if output is Output.TABLE:
                _sum_up(run)
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
    from vatriage.wiring import triage_knowledge  # noqa: PLC0415 - the same

    if session.remote is not None:
        from vatriage.cli.remote_triage import RemoteRun  # noqa: PLC0415 - only who asks another machine needs it

        return RemoteRun(session.remote, reading, zone, as_of, rules=rules, store=store)
    clock_us = instant(as_of, session.clock)
    knowledge = triage_knowledge(session.current_snapshot(), rules, warn_of_rejects)
    return TriageRun(knowledge, reading.reader(), zone, clock_us)


def _write(batches: "Iterator[JudgedBatch]", output: Output) -> None:
    from vatriage.outputs.eve import enrich  # noqa: PLC0415 - keeps --help fast
    from vatriage.outputs.json_lines import encode_records  # noqa: PLC0415 - the same

    out = sys.stdout.buffer
    rows: list[list[str]] = []
    for batch in batches:
        if output is Output.JSONL:
            out.write(encode_records(batch.records))
        elif output is Output.EVE:
            for line, place in zip(batch.events.lines, batch.events.line_alert, strict=True):
                if not line.startswith(b"{"):
                    raise UsageError(
                        "These alerts are no JSON, so nothing can be put into them.", "--output jsonl works."
                    )
                out.write((line if place < 0 else enrich(line, batch.records[place])) + b"\n")
        else:
            rows += [_row(record) for record in batch.records[: _ROWS_SHOWN - len(rows)]]
    if output is Output.TABLE:
        show_table("", ["line", "signature", "target", "verdict", "why"], rows)


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


def _kept(batches: "Iterator[JudgedBatch]") -> "Iterator[JudgedBatch]":
    from vatriage.usecases.keep_verdicts import keep_batch  # noqa: PLC0415 - needs an open store

    for batch in batches:
        keep_batch(batch)
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
