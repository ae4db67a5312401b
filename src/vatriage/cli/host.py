"""`vatriage host`: the inventory, host by host, now or as at another time."""

from typing import Annotated, Any

import typer

from vatriage.cli.printable import printable
from vatriage.cli.session import Session, instant, say, show_json, show_table
from vatriage.model.identity import Said
from vatriage.model.instant import US
from vatriage.model.viewer import COMMAND_LINE

app = typer.Typer(help="Hosts: what is known of them, now or then.", no_args_is_help=True)
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_all(
    context: typer.Context,
    zone: Annotated[str | None, typer.Option(help="Only this zone.")] = None,
    as_json: _JSON = False,
) -> None:
    """List the hosts of the inventory."""
    session: Session = context.obj
    hosts = _listed(session, zone)
    if as_json:
        show_json({"hosts": hosts})
        return
    columns = ["zone", "address", "dns", "os", "last_seen", "detections"]
    show_table(f"{len(hosts):,} hosts", columns, [[str(host[name] or "-") for name in columns] for host in hosts])


@app.command("show")
def show(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="The host's address, any spelling.")],
    as_of: Annotated[str | None, typer.Option(help="What had been observed by then (default: now).")] = None,
    why: Annotated[
        bool, typer.Option("--why", help="Show why it is one host, what people say of it, and who leased the address.")
    ] = False,
    results: Annotated[bool, typer.Option("--results", help="Show what each detection's test printed.")] = False,
    as_json: _JSON = False,
) -> None:
    """Show every host that held an address: facts, scans, detections, history."""
    session: Session = context.obj
    hosts = _held(session, address, as_of)
    if as_json:
        show_json({"hosts": hosts})
        return
    for host in hosts:
        say(f"{host['address']} in zone {host['zone']}: host {host['id'] or '-'} of {host['account']}")
        say(f"  {host['os'] or 'OS unknown'}; {host['dns'] or 'no name'}; tracked by {host['tracking_method'] or '-'}")
        say(f"  held the address from {host['held_from']} to {host['held_until']}")
        if host["doubt"]:
            say(f"  {host['doubt']}")
        if why:
            _show_identity(host)
        for scan in host["scans"][-6:]:
            vouched = "whole" if scan["whole"] else "not vouched whole"
            say(f"  scan {scan['at']} {scan['kind']}, {vouched}")
        names = ["qid", "title", "port", "kind", "status", "first_found", "last_found", "fixed"]
        show_table("Detections", names, [[str(item[name] or "-") for name in names] for item in host["detections"]])
        if results:
            _show_results(host["detections"])
        for event in host["history"][-20:]:
            say(f"  {event['at']} {event['kind']} {event['qid'] or ''} {event['detail']}".rstrip())


@app.command("state")
def state(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="The host's number, as `host show` names it.")],
    kind: Annotated[
        Said,
        typer.Argument(help="not_one_host: several machines stand under this name."),
    ],
    reason: Annotated[str, typer.Option(help="How you know; compulsory.")],
    text: Annotated[str, typer.Option(help="What you say: the OS, the service, the mitigation, the MAC.")] = "",
    since: Annotated[str | None, typer.Option("--from", help="Since when (default: now).")] = None,
    until: Annotated[
        str | None, typer.Option(help="When somebody must look again; compulsory for all but not_one_host.")
    ] = None,
    as_json: _JSON = False,
) -> None:
    """Say something of a host. It stands beside the evidence, and lowers no verdict."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.host_statements import StatementForm, state_of_host  # noqa: PLC0415 - needs an open store

    form = StatementForm(
        kind=kind, text=text, reason=reason,
        valid_from=instant(since, session.clock) // US if since else 0,
        valid_until=instant(until, session.clock) // US if until else 0,
    )  # fmt: skip
    said = state_of_host(
        number, form, who=COMMAND_LINE, zones=None, clock=session.clock, snapshots=config.snapshots
    )  # fmt: skip
    if as_json:
        show_json({"number": said})
    else:
        say(f"Statement {said} is kept.")


@app.command("withdraw")
def withdraw(
    context: typer.Context,
    statement: Annotated[int, typer.Argument(help="The statement's number.")],
    reason: Annotated[str, typer.Option(help="Why it holds no more; compulsory.")],
) -> None:
    """Let what was said of a host count no more; it stays on record."""
    session: Session = context.obj
    config = session.store()
    from vatriage.usecases.host_statements import withdraw_statement  # noqa: PLC0415 - needs an open store

    withdraw_statement(
        statement, reason, who=COMMAND_LINE, zones=None, clock=session.clock, snapshots=config.snapshots
    )  # fmt: skip
    say(f"Statement {statement} is withdrawn.")


def _show_identity(host: dict[str, Any]) -> None:
    """Say why it is one host, what people say of it, and who leased the address."""
    say(f"  number {host['number']}; why it is one host:")
    for sentence in host["why_one_host"]:
        say(f"    {printable(sentence)}")
    for said in host["statements"]:
        end = (
            f"withdrawn by {said['withdrawn_by']}"
            if said["withdrawn_at"]
            else f"until {said['valid_until'] or 'withdrawn'}"
        )
        text = f"{said['kind']} {said['text']} ({said['reason']})"
        say(f"  statement {said['number']} of {printable(said['author'])}: {printable(text)}; {end}")
    for one in host["leases"][:6]:
        client = printable(one["mac"] or one["hostname"] or "a client without name")
        say(f"  leased from {one['start']} to {one['end'] or 'no end'} by {client}: {one['client']}")


def _listed(session: Session, zone: str | None) -> list[dict[str, Any]]:
    if session.remote is not None:
        hosts = session.remote.pages("hosts", key="hosts", zone=zone)
        return sorted(hosts, key=lambda host: (host["zone"], len(host["address"]), host["address"]))
    session.store()
    from vatriage.usecases.lookups import list_hosts  # noqa: PLC0415 - needs an open store

    return list_hosts(zone)


def _held(session: Session, address: str, as_of: str | None) -> list[dict[str, Any]]:
    if session.remote is not None:
        hosts: list[dict[str, Any]] = session.remote.get("hosts", address, as_of=as_of)["hosts"]
        return hosts
    session.store()
    from vatriage.usecases.lookups import show_host  # noqa: PLC0415 - needs an open store

    return show_host(address, instant(as_of, session.clock) if as_of else None)


def _show_results(detections: list[dict[str, Any]]) -> None:
    for item in detections:
        if item["results"] is None:
            continue
        port = "" if item["port"] is None else f" on port {item['port']}"
        say(f"  RESULTS of QID {item['qid']}{port}:")
        for line in item["results"].splitlines():
            say(f"    {printable(line)}")
        left_out = item["results_length"] - len(item["results"])
        if left_out:
            say(f"    ... ({left_out:,} more characters)")
