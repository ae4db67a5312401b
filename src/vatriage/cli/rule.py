"""`vatriage rule`: update rules, which say what is pulled when."""

from typing import Annotated, Any

import typer

from vatriage.cli import rule_edit
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
from vatriage.cli.rule_options import rule_content_of, when
from vatriage.cli.rule_submitted import shown, submitted
from vatriage.cli.session import Session, say, show_json, show_table, warn
from vatriage.model.viewer import COMMAND_LINE

app = typer.Typer(help="Update rules: which devices are pulled, and when.", no_args_is_help=True)
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_NAME = Annotated[str, typer.Argument(help="The rule.")]


@app.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A name of your own.")],
    network: Network = None,
    ip_range: IpRange = None,
    device: OneDevice = None,
    zone: WholeZone = None,
    every: Every = None,
    daily: Daily = None,
    weekly: Weekly = None,
    monthly: Monthly = None,
    cron: Cron = None,
    time_zone: Annotated[str, typer.Option(help=TIME_ZONE)] = "UTC",
    jitter: Annotated[int, typer.Option(min=0, help=JITTER)] = 0,
    missed: Annotated[str, typer.Option(help=MISSED)] = "run once",
    blackout: Blackouts = None,
    submit_only: Annotated[bool, typer.Option("--submit-only", help="Do not activate it yet.")] = False,
    as_json: _JSON = False,
) -> None:
    """Add a rule and activate it; without a schedule it runs on demand only. What it will cost is said first."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.update_rules import add_rule  # noqa: PLC0415 - needs an open store
    from vatriage.wiring.servers import changes  # noqa: PLC0415 - keeps --help fast

    schedule = when(every=every, daily=daily, weekly=weekly, monthly=monthly, cron=cron) | {
        "zone": time_zone, "jitter_s": jitter, "missed": missed,
    }  # fmt: skip
    content = rule_content_of(network, ip_range, device, zone, schedule, blackout)
    desk = changes(session.clock, session.config.snapshots)
    add_rule(name, content, changes=desk, who=COMMAND_LINE)
    submitted(session, config, name, content, submit_only=submit_only, as_json=as_json)


rule_edit.register(app)


@app.command("list")
def list_all(context: typer.Context, as_json: _JSON = False) -> None:
    """List the rules: what they select, when they are due, how they ran."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.update_rules import all_rules  # noqa: PLC0415 - needs an open store

    rules = [shown(line.to_dict()) for line in all_rules(session.clock)]
    if as_json:
        show_json({"rules": rules})
        return
    columns = ["name", "selects", "schedule", "last run", "result", "next run", "running"]
    rows = [
        [
            rule["name"], ", ".join(rule["selects"]), rule["words"], rule["last_run"] or "never", rule["result"] or "-",
            rule["next_run"] or ("paused" if rule["paused"] else "-"), "yes" if rule["running"] else "no",
        ]
        for rule in rules
    ]  # fmt: skip
    show_table("Update rules", columns, rows)


@app.command("show")
def show(context: typer.Context, name: _NAME, as_json: _JSON = False) -> None:
    """Show one rule and its last runs."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.rule_history import runs_of  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.update_rules import KIND, find_rule  # noqa: PLC0415 - the same
    from vatriage.wiring.servers import changes  # noqa: PLC0415 - keeps --help fast

    rule = shown(find_rule(name, session.clock).to_dict())
    runs = [shown(run) for run in runs_of(name)]
    if as_json:
        show_json(rule | {"stamp": changes(session.clock).stamp(KIND, name), "runs": runs})
        return
    for key, value in rule.items():
        if key not in ("selectors", "schedule"):
            say(f"{key.replace('_', ' '):12} {', '.join(value) if isinstance(value, list) else value}")
    rows = [
        [run["due"], run["requested_by"] or "schedule", run["state"], _pulls(run), run["error"] or ""] for run in runs
    ]
    show_table("Runs", ["due", "asked by", "state", "pulls", "why"], rows)


@app.command("remove")
def remove(context: typer.Context, name: _NAME, as_json: _JSON = False) -> None:
    """Remove a rule at once; the history of its runs stays."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.update_rules import KIND, remove_rule  # noqa: PLC0415 - needs an open store
    from vatriage.wiring.servers import changes  # noqa: PLC0415 - keeps --help fast

    desk = changes(session.clock, session.config.snapshots)
    remove_rule(name, changes=desk, who=COMMAND_LINE)
    desk.activate(COMMAND_LINE, only=[(KIND, name)])
    _done(as_json=as_json, said={"removed": name}, sentence=f"Update rule {name!r} is removed.")


@app.command("run")
def run(
    context: typer.Context, names: Annotated[list[str], typer.Argument(help="Rules.")], as_json: _JSON = False
) -> None:
    """Run rules now; the controller does it. Asked twice, a rule runs once."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.run_now import controller_runs, run_rule_now  # noqa: PLC0415 - needs an open store

    asked = {name: run_rule_now(name, who=COMMAND_LINE, clock=session.clock).value for name in names}
    sentence = "\n".join(f"Update rule {name!r}: {state}." for name, state in asked.items())
    _done(as_json=as_json, said={"asked": asked}, sentence=sentence)
    if not controller_runs(session.clock):
        warn("No controller runs, so nothing is pulled yet: start `vatriage controller`.")


@app.command("pause")
def pause(context: typer.Context, name: _NAME, as_json: _JSON = False) -> None:
    """Pause a rule at once; Run Now still works."""
    _pause(context.obj, name, paused=True, as_json=as_json)


@app.command("resume")
def resume(context: typer.Context, name: _NAME, as_json: _JSON = False) -> None:
    """Resume a paused rule; what came due in between is not made up for."""
    _pause(context.obj, name, paused=False, as_json=as_json)


def _pause(session: Session, name: str, *, paused: bool, as_json: bool) -> None:
    session.store()
    from vatriage.usecases.update_rules import pause_rule  # noqa: PLC0415 - needs an open store

    pause_rule(name, paused=paused, who=COMMAND_LINE, clock=session.clock)
    words = "paused" if paused else "resumed"
    _done(as_json=as_json, said={"name": name, "paused": paused}, sentence=f"Update rule {name!r} is {words}.")


def _done(*, as_json: bool, said: dict[str, Any], sentence: str) -> None:
    if as_json:
        show_json(said)
    else:
        say(sentence)


def _pulls(run: dict[str, Any]) -> str:
    return ", ".join(f"{item['device']} {item['state']}" for item in run["pulls"])
