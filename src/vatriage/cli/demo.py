"""`vatriage demo`: the main job on a made-up network, on loopback."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vatriage.cli.connectivity import ConnectivityFailedError
from vatriage.cli.demo_folder import made_anew
from vatriage.cli.explain import show, shown
from vatriage.cli.session import Session, say, show_json
from vatriage.model.viewer import COMMAND_LINE

if TYPE_CHECKING:
    from vatriage.model.verdict import VerdictRecord
    from vatriage.usecases.pull_run import PullResult
    from vatriage.usecases.triage import TriageRun

_EXPLAINED = ("AFFECTED", "NOT_AFFECTED", "UNKNOWN", "UNVERIFIABLE")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("demo")(demo)


def demo(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Option(
            help="Where the demo keeps its things; emptied if an earlier demo made it, refused if anybody else did "
            "(default: --home, or .vatriage-demo; VATRIAGE_HOME does not count)."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the product at work: a device is added, tested, pulled; alerts are judged and explained."""
    given: Session = context.obj
    home = folder or given.home or Path(".vatriage-demo")
    from vatriage.model.verdict import Verdict  # noqa: PLC0415 - keeps --help fast
    from vatriage.usecases.signatures import load_signatures  # noqa: PLC0415 - the same
    from vatriage.wiring.opening import database_shown  # noqa: PLC0415 - the same
    from vatriage_simulator.demo import network  # noqa: PLC0415 - only the demo needs the simulator
    from vatriage_simulator.demo.record import ALERTS, RULES  # noqa: PLC0415 - the same
    from vatriage_simulator.server import SimulatorServer  # noqa: PLC0415 - the same
    from vatriage_simulator.subscription import Subscription  # noqa: PLC0415 - the same

    made_anew(home)
    tell = _nobody if as_json else say
    session = Session(home, embedded=True)  # made-up hosts must not get into an inventory on a server
    session.clock = _Fixed(network.demo_now())
    subscription = Subscription(network.demo_now())
    network.build(subscription)
    login, password = network.demo_login()
    config = session.store()
    with SimulatorServer(subscription) as server:
        tell(f"1. A simulated Qualys server speaks TLS on {server.address}, under an authority of its own.")
        pulled = _pull(session, server.address, login, password, Path(server.ca_file), tell)
    loaded = load_signatures([RULES], config.signatures)
    tell(f"4. {len(loaded.index.signatures)} signatures loaded from {RULES.name}.")
    run, explained = _judge(session, ALERTS)
    if as_json:
        show_json(
            {
                "home": str(config.home), "database": database_shown(config), "pages": str(config.pages),
                "alerts_file": str(ALERTS), "pull": pulled.to_dict(), "signatures": len(loaded.index.signatures),
                "alerts": run.counts.alerts, "verdicts": {verdict.name: run.counts.verdicts.get(verdict.name, 0) for verdict in reversed(Verdict)}, "explained": list(map(shown, explained)),
            }
        )  # fmt: skip
        return
    _tell(run, explained)
    say(f"Where things are: inventory {database_shown(config)}, raw pages {config.pages}, alerts {ALERTS}.")
    ours = f"{'VATRIAGE_DATABASE= ' if 'VATRIAGE_DATABASE' in os.environ else ''}vatriage --home {home}"
    say(f"Go on with: {ours} host show 10.20.1.77, or {ours} host list")


def _nobody(_text: str) -> None:
    """Tell the story to nobody: who asked for JSON gets its facts at the end."""


class _Fixed:
    """The demo's clock stands still, so that it tells the same story every day."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        """See Clock.now."""
        return self._moment


def _pull(
    session: Session, address: str, login: str, password: str, ca_file: Path, tell: Callable[[str], None]
) -> "PullResult":
    from vatriage.model.secret import Secret  # noqa: PLC0415 - keeps --help fast
    from vatriage.usecases.connectivity import test_connectivity  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.devices import DeviceForm, add_device, find_device  # noqa: PLC0415 - the same
    from vatriage.usecases.pulls import pull_device  # noqa: PLC0415 - the same
    from vatriage.vault import open_vault  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring.pulls import pull_tools  # noqa: PLC0415 - the same
    from vatriage.wiring.servers import account_of, changes, connectivity_tools, device_route  # noqa: PLC0415 - the same

    config = session.config
    form = DeviceForm(
        url=address, login=login, password=Secret(password), ca_file=ca_file, complete_checks="yes"
    )  # fmt: skip
    desk = changes(session.clock, session.config.snapshots)
    add_device("demo", form, vault=open_vault(config.key), changes=desk, who=COMMAND_LINE)
    desk.activate(COMMAND_LINE)
    device = find_device("demo")
    locked = open_vault(config.key).unlock(device.password_token, "demo")
    route = device_route(config, device)
    tools = pull_tools(
        replace(config, page_hosts=100), device.url, login, locked, route, session.clock,
        lambda _pages, _text: None,
    )  # fmt: skip
    tested = test_connectivity(
        device.url, connectivity_tools(config, device.url, login, locked, route, session.clock)
    )  # fmt: skip
    if tested.trouble is not None:
        raise ConnectivityFailedError(tested.trouble.text(), tested.trouble.exit_code)
    tell("2. Device 'demo' added and activated; connectivity tested: server reached, certificate and login accepted.")
    result = pull_device(device, account_of(address, login), tools)
    tell(
        f"3. Pulled in {result.pages} pages: {result.hosts_expected} hosts, {result.detections} detections, "
        f"{result.vulnerabilities} KnowledgeBase entries; the pull is {result.state}."
    )
    return result


def _judge(session: Session, alerts: Path) -> "tuple[TriageRun, list[VerdictRecord]]":
    """Judge and keep all alerts; return the run, and the first alert of every verdict that is to be explained."""
    from vatriage.clock import now_us  # noqa: PLC0415 - keeps --help fast
    from vatriage.usecases.keep_verdicts import keep_batch  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.triage import TriageRun  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring.judging import triage_knowledge  # noqa: PLC0415 - the same
    from vatriage.wiring.readers import alert_reader  # noqa: PLC0415 - the same

    run = TriageRun(triage_knowledge(session.config), alert_reader(), "default", now_us(session.clock))
    first: dict[str, VerdictRecord] = {}
    for batch in run.judge([str(alerts)], keep_events=True):
        keep_batch(batch, session.clock)
        for record in batch.records:
            first.setdefault(record.verdict, record)
    return run, [first[verdict] for verdict in _EXPLAINED if verdict in first]


def _tell(run: "TriageRun", explained: "list[VerdictRecord]") -> None:
    say(f"5. {run.counts.alerts} alerts of real Suricata judged:")
    for verdict, count in sorted(run.counts.verdicts.items(), key=lambda item: -item[1]):
        say(f"     {verdict:22} {count:4}")
    for record in explained:
        say()
        show(record)
    say()
