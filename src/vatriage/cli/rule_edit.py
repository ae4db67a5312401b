"""`vatriage rule edit`: only what is given changes."""

from typing import Annotated

import typer

from vatriage.cli.rule_arguments import (
    JITTER,
    MISSED,
    TIME_ZONE,
    Blackouts,
    Cron,
    Daily,
    Every,
    IpRange,
    Monthly,
    Network,
    OneDevice,
    Weekly,
    WholeZone,
)
from vatriage.cli.rule_options import changed_content, when
from vatriage.cli.rule_submitted import submitted
from vatriage.cli.session import Session
from vatriage.errors import UsageError
from vatriage.model.viewer import COMMAND_LINE


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("edit")(edit)


def edit(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The rule.")],
    network: Network = None,
    ip_range: IpRange = None,
    device: OneDevice = None,
    zone: WholeZone = None,
    on_demand: Annotated[bool, typer.Option("--on-demand", help="No schedule any more: it runs when asked.")] = False,
    every: Every = None,
    daily: Daily = None,
    weekly: Weekly = None,
    monthly: Monthly = None,
    cron: Cron = None,
    time_zone: Annotated[str | None, typer.Option(help=TIME_ZONE)] = None,
    jitter: Annotated[int | None, typer.Option(min=0, help=JITTER)] = None,
    missed: Annotated[str | None, typer.Option(help=MISSED)] = None,
    blackout: Blackouts = None,
    seen: Annotated[
        str | None,
        typer.Option(help="The stamp that `rule show --json` gave: refused if anybody changed the rule since."),
    ] = None,
    submit_only: Annotated[bool, typer.Option("--submit-only", help="Do not activate it yet.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Change a rule: only what is given. A selector or blackout takes the place of those of its kind; "" takes them away."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.update_rules import edit_rule, submitted_rule  # noqa: PLC0415 - needs an open store
    from vatriage.wiring.servers import changes  # noqa: PLC0415 - keeps --help fast

    desk = changes(session.clock)
    now, stamp = submitted_rule(name, changes=desk)
    kind = when(every=every, daily=daily, weekly=weekly, monthly=monthly, cron=cron)
    named = kind["kind"] != "on demand"
    if on_demand and named:
        raise UsageError(f"A rule has one schedule, not --on-demand and --{kind['kind']}.", "Choose one.")
    content = changed_content(
        now, {"network": network, "range": ip_range, "device": device, "zone": zone},
        kind if on_demand or named else None, {"zone": time_zone, "jitter_s": jitter, "missed": missed}, blackout,
    )  # fmt: skip
    edit_rule(name, content, changes=desk, who=COMMAND_LINE, seen=stamp if seen is None else seen)
    submitted(session, config, name, content, submit_only=submit_only, as_json=as_json)
