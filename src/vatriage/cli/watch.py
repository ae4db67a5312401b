"""`vatriage watch`: follow sensors, judge alerts as they come, keep the verdicts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vatriage.cli.alert_options import Format, TimeZone
from vatriage.cli.session import Session, show_json, show_table, warn
from vatriage.cli.signatures import warn_of_rejects
from vatriage.cli.watching import Watching, tell_counts, tell_records
from vatriage.errors import UsageError

if TYPE_CHECKING:
    from vatriage.config import Config
    from vatriage.outputs.interface import VerdictSink
    from vatriage.usecases.live import LiveTriage

_NUMBERS = ("events", "alerts", "rejects", "redelivered", "lost")

To = Annotated[
    str | None,
    typer.Option("--to", help="Also send verdict records to redis://host:port/0?stream=verdicts (&maxlen=N)."),
]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("watch")(watch)


def watch(
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="Logs that grow and are rotated; dated names ('eve-%Y-%m-%d.json', quoted); redis://host:port/0?list=KEY or "
            "?stream=KEY; - is standard input."
        ),
    ] = None,
    zone: Annotated[str, typer.Option(help="The zone the alerts belong to.")] = "default",
    rules: Annotated[list[Path] | None, typer.Option(help="Files or folders as for `signatures load`.")] = None,
    format_name: Format = None,
    time_zone: TimeZone = None,
    interval: Annotated[float, typer.Option(min=0.05, max=3600, help="Seconds between looks.")] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Judge what has come since the last time, then end.")] = False,
    records: Annotated[
        bool, typer.Option("--records", help="Print verdict records (JSON lines) in place of counts.")
    ] = False,
    to: To = None,
    status: Annotated[bool, typer.Option("--status", help="Only show how far every source was read.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --status, or at the end with --once: print the totals as JSON.")
    ] = False,
) -> None:
    """Follow sensors over rotation and restarts; every alert is judged once, and the verdicts are kept."""
    session: Session = context.obj
    if status:
        _show_status(session, as_json=as_json)
        return
    if not sources:
        raise UsageError("Name at least one log to follow.", "Use `vatriage watch FILE...`, or `--status`.")
    if as_json and records:
        raise UsageError("--json and --records both write to standard output.", "Use one of them.")
    config = session.store()
    lives = _lives(session, config, sources, zone, rules or [], format_name, time_zone, to)
    tell = tell_records if records else (lambda _name, _judged: None) if as_json else tell_counts
    with _totals(lives, zone, as_json=as_json):
        code = Watching(lives, tell).run(interval, once=once)
    if code:
        raise typer.Exit(code)


def _lives(
    session: Session, config: "Config", sources: list[str], zone: str, rules: list[Path], format_name: str | None,
    time_zone: str | None, to: str | None,
) -> "dict[str, LiveTriage]":  # fmt: skip
    from vatriage.wiring.judging import changing_knowledge, live_triage  # noqa: PLC0415 - needs an open store

    shown = {source: shown_source(source) for source in sources}
    knowledge = changing_knowledge(session.current_snapshot(), rules, warn_of_rejects)
    return {
        shown[source]: live_triage(
            source, zone, knowledge, config, session.clock, format_name, time_zone, sink_of(to, config)
        )
        for source in sources
    }


def sink_of(to: str | None, config: "Config") -> "VerdictSink | None":
    """Return where `--to` sends, None if nowhere. Raises: UsageError: it is no stream of Redis."""
    from vatriage.wiring.judging import verdict_sink  # noqa: PLC0415 - keeps --help fast

    if to is None:
        return None
    shown_source(to)
    return verdict_sink(to, config)


def shown_source(source: str) -> str:
    """Return a source as it may be shown, and warn of what is wrong with it."""
    from vatriage.net.redis_address import holds_password, is_redis_address, read_address  # noqa: PLC0415 - keeps --help fast

    if is_redis_address(source):
        address = read_address(source)
        if holds_password(source):
            warn(
                "A password on the command line can be read by everybody on this machine: use VATRIAGE_REDIS_PASSWORD, or "
                "&password_file=FILE in the address."
            )
        if address.is_clear:
            warn(f"{address.server} is asked without TLS: what is sent can be read and changed on the way (rediss://).")
        kind = next((f"?{name}={address.options[name]}" for name in ("list", "stream") if name in address.options), "")
        return f"{address.server}{kind}"
    if source != "-" and not Path(source).exists():
        warn(f"{source} is not there yet; waiting for it")
    return source


@contextmanager
def _totals(lives: "dict[str, LiveTriage]", zone: str, *, as_json: bool) -> Iterator[None]:
    """Print the totals at the end, however it ends: JSON if asked for, else a sentence where something was lost."""
    try:
        yield
    finally:
        if as_json:
            show_json([_row(zone, live.source.name, live.progress) for live in lives.values()])
        for name, live in lives.items():
            if live.progress.lost:
                warn(f"{name}: {live.progress.lost:,} lost since it is followed")


def _row(zone: str, source: str, progress: Any) -> dict[str, Any]:
    from vatriage.model.instant import format_instant  # noqa: PLC0415 - keeps --help fast

    numbers = {name: getattr(progress, name) for name in _NUMBERS}
    return {"zone": zone, "source": source, **numbers, "read_at": format_instant(progress.read_at_us)}


def _show_status(session: Session, *, as_json: bool) -> None:
    session.store()
    from vatriage.store.bookmark_rows import followed  # noqa: PLC0415 - needs an open store

    rows = [_row(one.zone, one.source, one.progress) for one in followed()]
    if as_json:
        show_json(rows)
        return
    columns = ["zone", "source", *_NUMBERS, "read_at"]
    show_table("Followed", columns, [[str(row[name]) for name in columns] for row in rows])
