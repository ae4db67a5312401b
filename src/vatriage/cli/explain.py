"""`vatriage explain`: one verdict as an argument."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vatriage.cli.alert_options import AlertOptions, Format, TimeZone, Year
from vatriage.cli.session import Session, instant, say, show_json
from vatriage.cli.signatures import warn_of_rejects
from vatriage.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from vatriage.model.verdict import VerdictRecord


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("explain")(explain)


def explain(
    context: typer.Context,
    alert: Annotated[str | None, typer.Argument(help="Id of a stored alert (or its first digits).")] = None,
    from_file: Annotated[str | None, typer.Option("--from", help="A file of alerts instead.")] = None,
    line: Annotated[int | None, typer.Option(min=1, help="The alert's line in that file, from 1.")] = None,
    zone: Annotated[str, typer.Option(help="The zone the alert belongs to.")] = "default",
    rules: Annotated[list[Path] | None, typer.Option(help="Rule files or folders, beside the loaded ones.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Judge as at this time (default: now).")] = None,
    format_name: Format = None,
    year: Year = None,
    time_zone: TimeZone = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Explain a verdict: claims, target, tests, what is missing, what would change it."""
    session: Session = context.obj
    if (alert is None) == (from_file is None) or (from_file is not None and line is None):
        raise UsageError("Name one alert.", "Use `explain ID`, or `explain --from FILE --line N`.")
    if alert is not None:
        records = _stored(session, alert)
    else:
        reading = AlertOptions(format_name, year, time_zone)
        records = [_judged(session, str(from_file), int(line or 0), zone, rules or [], as_of, reading)]
    if as_json:
        from vatriage.usecases.explain import argued_all  # noqa: PLC0415 - keeps --help fast

        show_json(argued_all(records))
        return
    for record in records:
        show(record)
    if len(records) > 1:
        _show_both(records)


def shown(record: "VerdictRecord") -> dict[str, Any]:
    """Return one explanation as JSON has it."""
    from vatriage.usecases.explain import argued  # noqa: PLC0415 - keeps --help fast

    return argued(record)


def _show_both(records: "list[VerdictRecord]") -> None:
    """Print what was known at the alert's time beside what is known now."""
    from vatriage.usecases.explain import known_then  # noqa: PLC0415 - keeps --help fast

    then, now = known_then(records), records[-1]
    say(f"known then ({then.judged_at}): {then.verdict}; known now ({now.judged_at}): {now.verdict}")


def show(record: "VerdictRecord") -> None:
    """Print one explanation."""
    from vatriage.usecases.explain import explain as argue  # noqa: PLC0415 - keeps --help fast

    argument = argue(record)
    say(f"{argument.verdict}{' (conflict)' if record.conflict else ''}  alert {record.id} of {record.timestamp}")
    say(f"  signature {record.signature}, {record.source_file}:{record.source_line}, judged as at {record.judged_at}")
    titles = {
        "claimed": "what was claimed",
        "target": "who was attacked",
        "tested": "what was tested, when and how",
        "because": "why this verdict",
        "missing": "what is missing",
        "would_change": "what would change it",
        "priority": f"priority {record.priority} of 100, among alerts of the same verdict",
    }
    for name, title in titles.items():
        sentences = getattr(argument, name)
        if sentences:
            say(f"  {title}:")
            for sentence in sentences:
                say(f"    - {sentence}")


def _stored(session: Session, alert: str) -> "list[VerdictRecord]":
    if session.remote is not None:
        from vatriage.cli.remote_triage import stored_there  # noqa: PLC0415 - only who asks another machine needs it

        return stored_there(session.remote, alert)
    session.store()
    from vatriage.usecases.lookups import stored_verdicts  # noqa: PLC0415 - needs an open store

    return stored_verdicts(alert)


def _judged(
    session: Session, file: str, line: int, zone: str, rules: list[Path], as_of: str | None, reading: AlertOptions
) -> "VerdictRecord":
    from vatriage.usecases.triage import TriageRun  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring.judging import triage_knowledge  # noqa: PLC0415 - the same

    if session.remote is not None:
        from vatriage.cli.remote_triage import RemoteRun  # noqa: PLC0415 - only who asks another machine needs it

        run: TriageRun | RemoteRun = RemoteRun(session.remote, reading, zone, as_of, rules=rules)
    else:
        knowledge = triage_knowledge(session.current_snapshot(), rules, warn_of_rejects)
        run = TriageRun(knowledge, reading.reader(), zone, instant(as_of, session.clock))
    for batch in run.judge([file], keep_events=False):
        for record in batch.records:
            if record.source_line == line:
                return record
    raise NotFoundError(f"Line {line} of {file} holds no alert that can be judged.", "Count lines from 1.")
