"""`vatriage rule`: update rules, which say what is pulled when."""

from functools import partial
from typing import Annotated, Any

import typer

from vatriage.cli.rule_options import rule_content_of, when
from vatriage.cli.session import Session, say, show_json, show_table, warn
from vatriage.model.viewer import COMMAND_LINE

app = typer.Typer(help="Update rules: which devices are pulled, and when.", no_args_is_help=True)
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_NAME = Annotated[str, typer.Argument(help="The rule.")]


@app.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A name of your own.")],
    network: Annotated[
        list[str] | None,
        typer.Option(
            help="IP/MASK: devices whose Access IP lies in it; 165.193.18.12/255.255.255.255 = all QualysGuard."
        ),
    ] = None,
    ip_range: Annotated[
        list[str] | None, typer.Option("--range", help="FIRST-LAST: devices whose Access IP lies in it.")
    ] = None,
    device: Annotated[list[str] | None, typer.Option(help="A device.")] = None,
    zone: Annotated[list[str] | None, typer.Option(help="Every device of a zone.")] = None,
    every: Annotated[str | None, typer.Option(help="An interval: 30m, 6h.")] = None,
    daily: Annotated[str | None, typer.Option(help="Times: 02:00 or 02:00,14:00.")] = None,
    weekly: Annotated[str | None, typer.Option(help='Days and times: "mon,thu 02:00".')] = None,
    monthly: Annotated[str | None, typer.Option(help='Dates and times: "1,15,last 02:00".')] = None,
    cron: Annotated[str | None, typer.Option(help="Five cron fields.")] = None,
    time_zone: Annotated[str, typer.Option(help="IANA name of the zone that times are meant in.")] = "UTC",
    jitter: Annotated[int, typer.Option(min=0, help="Start each run up to so many seconds later.")] = 0,
    missed: Annotated[
        str, typer.Option(help='Runs missed while no controller ran: "run once" or "skip".')
    ] = "run once",
    blackout: Annotated[
        list[str] | None, typer.Option(help='Nothing starts then: "sat,sun 08:00-18:00" (local); may be repeated.')
    ] = None,
    submit_only: Annotated[bool, typer.Option("--submit-only", help="Do not activate it yet.")] = False,
    as_json: _JSON = False,
) -> None:
    """Add a rule and activate it; without a schedule it runs on demand only. What it will cost is said first."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.quota_plan import quota_plan  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.update_rules import KIND, add_rule, find_rule  # noqa: PLC0415 - the same
    from vatriage.wiring import account_of, changes, limits_of, qualys_calls  # noqa: PLC0415 - keeps --help fast

    schedule = when(every=every, daily=daily, weekly=weekly, monthly=monthly, cron=cron) | {
        "zone": time_zone, "jitter_s": jitter, "missed": missed,
    }  # fmt: skip
    content = rule_content_of(network, ip_range, device, zone, schedule, blackout)
    desk = changes(session.clock)
    add_rule(name, content, changes=desk, who=COMMAND_LINE)
    plan = quota_plan(
        qualys_calls(), account_of, page_hosts=config.page_hosts, clock=session.clock, candidate=(name, content),
        limits_of=partial(limits_of, config), full_every_s=config.full_pull_days * 86_400,
    )  # fmt: skip
    for warning in plan.warnings:
        warn(f"Warning: {warning}")
    if not submit_only:
        desk.activate(COMMAND_LINE, only=[(KIND, name)])
    line = find_rule(name, session.clock)
    if as_json:
        show_json(_shown(line.to_dict()) | {"plan": _shown(plan.to_dict())})
        return
    state = "active" if line.active else "submitted; run `vatriage activate`"
    say(f"Update rule {name!r} is {state}: {line.schedule}, {', '.join(line.devices) or 'no active device yet'}.")


@app.command("list")
def list_all(context: typer.Context, as_json: _JSON = False) -> None:
    """List the rules: what they select, when they are due, how they ran."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.update_rules import all_rules  # noqa: PLC0415 - needs an open store

    rules = [_shown(line.to_dict()) for line in all_rules(session.clock)]
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
    from vatriage.usecases.update_rules import find_rule  # noqa: PLC0415 - the same

    rule = _shown(find_rule(name, session.clock).to_dict())
    runs = [_shown(run) for run in runs_of(name)]
    if as_json:
        show_json(rule | {"runs": runs})
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
    from vatriage.wiring import changes  # noqa: PLC0415 - keeps --help fast

    desk = changes(session.clock)
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


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record with its instants as text."""
    from vatriage.usecases.instants_told import told  # noqa: PLC0415 - keeps --help fast

    return told(record)
