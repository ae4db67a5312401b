"""`vatriage shadow`: what hiding alerts would have done, and how often it would have been wrong."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from vatriage.cli.session import Session, say, show_json

if TYPE_CHECKING:
    from vatriage.cli.remote import Remote

app = typer.Typer(help="Shadow mode: what hiding alerts would have done. Hides nothing.", no_args_is_help=True)


@app.callback()
def about() -> None:
    """Keep `report` a verb of its own, though it is the only one."""


@app.command("report")
def report(
    context: typer.Context,
    zone: Annotated[str | None, typer.Option(help="Only this zone.")] = None,
    days: Annotated[int, typer.Option(min=1, max=365, help="How far back alerts are taken.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Report what hiding NOT_AFFECTED would have done, zone by zone, with the error's exact 95 % interval."""
    session: Session = context.obj
    reports = _asked(session.remote, zone, days) if session.remote is not None else _made(session, zone, days)
    if as_json:
        show_json({"reports": reports})
        return
    for one in reports:
        _show(one)


def _show(one: dict[str, Any]) -> None:
    from vatriage.model.proportion import Proportion  # noqa: PLC0415 - keeps --help fast
    from vatriage.model.shadow import error_said  # noqa: PLC0415 - the same

    say(f"Zone {one['zone']}, alerts from {one['begin']} to {one['end']}:")
    say(f"  {one['summary']}")
    for name, label in (("error_of_sample", "Random samples"), ("error_of_seen", "All that came to light (biased)")):
        say(f"  {label}: {error_said(Proportion(one[name]['wrong'], one[name]['of']))}")
    last = one["drift"][-1]
    share = f"{last['hidden']:,} of {last['alerts']:,} alerts in the last 24 hours"
    say(
        f"  Drift: {last['trend'].replace('_', ' ')} ({share}, {last['hidden_before']:,} of {last['alerts_before']:,} before)"
    )
    for alarm in one["alarms"]:
        say(f"  SPEAKS AGAINST HIDING: {alarm}")
    hidden = one["hidden"]
    say(f"  Lists leave out what is {hidden}." if hidden else "  Nothing is hidden: shadow mode.")


def _made(session: Session, zone: str | None, days: int) -> list[dict[str, Any]]:
    session.store()
    from vatriage.clock import now_us  # noqa: PLC0415 - keeps --help fast
    from vatriage.usecases.shadow_report import check_reported, shadow_report  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.shadow_zones import zone_states  # noqa: PLC0415 - the same

    if zone is not None:
        check_reported(zone, None)
    at_us = now_us(session.clock) // 1_000_000 * 1_000_000
    return [
        shadow_report(state.zone, now_us=at_us, days=days).told | {"hidden": state.told["hidden"]}
        for state in zone_states(None if zone is None else frozenset({zone}), session.clock)
    ]


def _asked(remote: "Remote", zone: str | None, days: int) -> list[dict[str, Any]]:
    """Return the same from the server that --server names."""
    states = [one for one in remote.get("shadow-zones")["zones"] if zone is None or one["zone"] == zone]
    names = [one["zone"] for one in states] if zone is None else [zone]
    hidden = {one["zone"]: one["hidden"] for one in states}
    return [remote.get("shadow-reports", name, days=days) | {"hidden": hidden.get(name)} for name in names]
