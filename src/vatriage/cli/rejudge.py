"""`vatriage rejudge` and `vatriage escalations`: stored alerts judged again, and what rose."""

from typing import TYPE_CHECKING, Annotated

import typer

from vatriage.cli.session import Session, progress, say, show_json, show_table, warn

if TYPE_CHECKING:
    from vatriage.usecases.rejudge import Step


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("rejudge")(rejudge)
    app.command("escalations")(escalations)


def rejudge(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="All stored alerts, not only those whose verdict can have changed.")
    ] = False,
    zone: Annotated[str | None, typer.Option(help="Alerts of this zone only; the others stay due.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Judge stored alerts again by what is known now.

    Both verdicts are kept: `vatriage explain ID` shows them. May be stopped at any time; the next call goes on.
    """
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.snapshots import catch_up  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.zones import check_zone  # noqa: PLC0415 - the same
    from vatriage.wiring.judging import rejudging  # noqa: PLC0415 - keeps --help fast

    check_zone(zone)
    catch_up(config.snapshots)
    work = rejudging(config, session.clock)
    if everything:
        work.select_all(zone)
    with progress("Judging again", None, "alerts") as advance:
        done = work.run(zone, lambda step: advance(step.judged + step.unreadable))
    if as_json:
        show_json(told(done))
    else:
        say(sentence(done))


def judge_again(session: Session, *, wanted: bool, quiet: bool) -> None:
    """After the inventory changed, judge what it can change; at once done where no alert is stored.

    Args:
        session: its store is open.
        wanted: False only says how many are due.
        quiet: standard output belongs to JSON.
    """
    from vatriage.store.due_rows import any_alert  # noqa: PLC0415 - needs an open store

    if not any_alert():
        return
    from vatriage.wiring.judging import rejudging  # noqa: PLC0415 - keeps --help fast

    tell = warn if quiet else say
    work = rejudging(session.config, session.clock)
    due = work.select()
    if not due:
        return
    if not wanted:
        tell(f"{due:,} stored alerts may be judged otherwise now: run `vatriage rejudge`.")
        return
    with progress("Judging again", due, "alerts") as advance:
        done = work.run(told=lambda step: advance(step.judged + step.unreadable))
    tell(sentence(done))


def told(done: "Step") -> dict[str, int]:
    """Return what came of it as JSON has it."""
    return {
        "judged": done.judged, "changed": done.changed, "escalated": done.raised, "unreadable": done.unreadable,
    }  # fmt: skip


def sentence(done: "Step") -> str:
    """Return what came of it in words."""
    raised = f" {done.raised:,} escalated: `vatriage escalations`." if done.raised else ""
    unread = f" Of {done.unreadable:,} the event is not kept or cannot be read: their verdict stands."
    return (
        f"Judged again: {done.judged:,} stored alerts, {done.changed:,} with another verdict or other reasons.{raised}"
        f"{unread if done.unreadable else ''}"
    )


def escalations(
    context: typer.Context,
    zone: Annotated[str | None, typer.Option(help="Of this zone only.")] = None,
    since: Annotated[
        int | None, typer.Option(min=0, help="Only those with greater numbers than this, in their order.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List stored alerts whose verdict rose when they were judged again, the newest first."""
    session: Session = context.obj
    session.store()
    from vatriage.usecases.escalations import escalation_page  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.zones import check_zone  # noqa: PLC0415 - the same

    check_zone(zone)
    zones = None if zone is None else frozenset({zone})
    found = escalation_page(zones, since=since, size=limit)
    if as_json:
        names = ("id", "at", "zone", "signature", "message", "from", "to", "now", "cause", "snapshot", "pull")
        show_json(
            {
                "escalations": [
                    {name: row[name] for name in names}
                    | {"alert": row["alert_id"], "alert_at": row["alert_at"], "target": row["target_address"] or None}
                    for row in found.shown
                ],
                "next": found.next or None,
            }
        )
        return
    rows = [
        [str(row["id"]), row["at"], row["zone"], row["alert_id"][:12], row["signature"], row["target_address"],
         f"{row['from']} to {row['to']}", row["cause"], str(row["pull"] or "")]
        for row in found.shown
    ]  # fmt: skip
    columns = ["number", "judged", "zone", "alert", "signature", "target", "verdict", "cause", "pull"]
    show_table("", columns, rows) if rows else say("No stored alert's verdict rose.")
