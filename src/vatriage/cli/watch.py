"""`vatriage watch`: follow sensors' logs, judge alerts as they come, keep the verdicts."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vatriage.cli.alert_options import Format, TimeZone
from vatriage.cli.session import Session, say, show_json, show_table, warn
from vatriage.cli.signatures import warn_of_rejects
from vatriage.cli.stopping import silence
from vatriage.errors import UsageError

if TYPE_CHECKING:
    from vatriage.usecases.live import Judged, LiveTriage

_REJECTS_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("watch")(watch)


def watch(
    context: typer.Context,
    files: Annotated[list[str] | None, typer.Argument(help="Logs that grow and are rotated.")] = None,
    zone: Annotated[str, typer.Option(help="The zone the alerts belong to.")] = "default",
    rules: Annotated[list[Path] | None, typer.Option(help="Files or folders as for `signatures load`.")] = None,
    format_name: Format = None,
    time_zone: TimeZone = None,
    interval: Annotated[float, typer.Option(min=0.05, max=3600, help="Seconds between looks.")] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Judge what has come since the last time, then end.")] = False,
    records: Annotated[
        bool, typer.Option("--records", help="Print verdict records (JSON lines) in place of counts.")
    ] = False,
    status: Annotated[bool, typer.Option("--status", help="Only show how far every source was read.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --status: print JSON.")] = False,
) -> None:
    """Follow logs over rotation and restarts; every alert is judged once, and the verdicts are kept."""
    session: Session = context.obj
    if status:
        _show_status(session, as_json=as_json)
        return
    if not files:
        raise UsageError("Name at least one log to follow.", "Use `vatriage watch FILE...`, or `--status`.")
    session.store()
    from vatriage.wiring import changing_knowledge, live_triage  # noqa: PLC0415 - needs an open store

    knowledge = changing_knowledge(session.current_snapshot(), rules or [], warn_of_rejects)
    lives = {file: live_triage(file, zone, knowledge, session.clock, format_name, time_zone) for file in files}
    for file in files:
        if not Path(file).exists():
            warn(f"{file} is not there yet; waiting for it")
    while True:
        busy = [file for file, live in lives.items() if _step(file, live, records=records)]
        if not busy and once:
            return
        if not busy:
            time.sleep(interval)


def _step(file: str, live: "LiveTriage", *, records: bool) -> bool:
    """Judge what has come of one log; return whether anything has."""
    from vatriage.sensors.interface import SensorError  # noqa: PLC0415 - keeps --help fast

    try:
        judged = live.step()
    except SensorError as error:
        warn(f"{error.message} {error.hint}")
        return False
    if judged is None:
        return False
    for note in judged.notes:
        warn(note)
    for reject in judged.rejects[:_REJECTS_SHOWN]:
        warn(f"{reject.file}: {reject.problem}")
    try:
        _tell(file, judged, records=records)
        sys.stdout.flush()
    except OSError:  # whoever read our lines has left; the work goes on
        silence(sys.stdout)
    return True


def _tell(file: str, judged: "Judged", *, records: bool) -> None:
    from vatriage.outputs.json_lines import encode_records  # noqa: PLC0415 - keeps --help fast

    if records:
        sys.stdout.buffer.write(encode_records([*judged.records, *judged.amended]))
        return
    counts: dict[str, int] = {}
    for record in judged.records:
        counts[record.verdict] = counts.get(record.verdict, 0) + 1
    now = judged.progress
    verdicts = ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items())) or "no new alerts"
    amended = f", {len(judged.amended):,} earlier ones raised" if judged.amended else ""
    say(
        f"{file}: {verdicts}{amended}; in all {now.events:,} events, {now.alerts:,} alerts, {now.rejects:,} rejected, "
        f"{now.redelivered:,} redelivered, {now.lost:,} lost"
    )


def _show_status(session: Session, *, as_json: bool) -> None:
    session.store()
    from vatriage.model.instant import format_instant  # noqa: PLC0415 - keeps --help fast
    from vatriage.store.bookmark_rows import followed  # noqa: PLC0415 - needs an open store

    names = ("events", "alerts", "rejects", "redelivered", "lost")
    rows = [
        {"zone": one.zone, "source": one.source, **{name: getattr(one.progress, name) for name in names},
         "read_at": format_instant(one.progress.read_at_us)}
        for one in followed()
    ]  # fmt: skip
    if as_json:
        show_json(rows)
        return
    columns = ["zone", "source", *names, "read_at"]
    show_table("Followed", columns, [[str(row[name]) for name in columns] for row in rows])
