"""`vatriage demo`: the main job on a made-up network, on loopback."""

import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from vatriage.cli.session import Session, say

_EXPLAINED = ("AFFECTED", "NOT_AFFECTED", "UNKNOWN", "UNVERIFIABLE")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("demo")(demo)


def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its things (made anew).")] = Path(".vatriage-demo"),
) -> None:
    """Show the product at work: a device is added, tested, pulled; alerts are judged and explained."""
    del context
    import shutil  # noqa: PLC0415 - keeps --help fast

    from vatriage.usecases.signatures import load_signatures  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring import database_shown  # noqa: PLC0415 - the same
    from vatriage_simulator.demo import network  # noqa: PLC0415 - only the demo needs the simulator
    from vatriage_simulator.demo.record import ALERTS, RULES  # noqa: PLC0415 - the same
    from vatriage_simulator.server import SimulatorServer  # noqa: PLC0415 - the same
    from vatriage_simulator.subscription import Subscription  # noqa: PLC0415 - the same

    shutil.rmtree(folder, ignore_errors=True)
    session = Session(folder, embedded=True)  # made-up hosts must not get into an inventory on a server
    session.clock = _Fixed(network.demo_now())
    subscription = Subscription(network.demo_now())
    network.build(subscription)
    login, password = network.demo_login()
    config = session.store()
    with SimulatorServer(subscription) as server:
        say(f"1. A simulated Qualys server speaks TLS on {server.address}, under an authority of its own.")
        _pull(session, server.address, login, password, Path(server.ca_file))
    loaded = load_signatures([RULES], config.signatures)
    say(f"4. {len(loaded.index.signatures)} signatures loaded from {RULES.name}.")
    _judge(session, ALERTS)
    say(f"Where things are: inventory {database_shown(config)}, raw pages {config.pages}, alerts {ALERTS}.")
    ours = f"{'VATRIAGE_DATABASE= ' if 'VATRIAGE_DATABASE' in os.environ else ''}vatriage --home {folder}"
    say(f"Go on with: {ours} host show 10.20.1.77, or {ours} host list")


class _Fixed:
    """The demo's clock stands still, so that it tells the same story every day."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        """See Clock.now."""
        return self._moment


def _pull(session: Session, address: str, login: str, password: str, ca_file: Path) -> None:
    from vatriage.model.secret import Secret  # noqa: PLC0415 - keeps --help fast
    from vatriage.usecases.connectivity import test_connectivity  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.devices import activate_all, add_device, find_device  # noqa: PLC0415 - the same
    from vatriage.usecases.pulls import pull_device  # noqa: PLC0415 - the same
    from vatriage.vault import open_vault  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring import account_of, pull_tools, qualys_calls  # noqa: PLC0415 - the same

    config = session.config
    device = add_device(
        name="demo", url=address, login=login, password=Secret(password), zone="default", ca_file=ca_file,
        complete_checks="yes", vault=open_vault(config.key), clock=session.clock,
    )  # fmt: skip
    activate_all(qualys_calls(), session.clock)
    device = find_device("demo")
    locked = open_vault(config.key).unlock(device.password_token, "demo")
    tools = pull_tools(
        replace(config, page_hosts=100), device.url, login, locked, device.ca_file, session.clock,
        lambda _pages, _text: None,
    )  # fmt: skip
    test_connectivity(device.url, tools.fetcher, tools.calls, tools.reader, config.home)
    say("2. Device 'demo' added and activated; connectivity tested: server reached, certificate and login accepted.")
    result = pull_device(device, account_of(address, login), tools)
    say(
        f"3. Pulled in {result.pages} pages: {result.hosts_expected} hosts, {result.detections} detections, "
        f"{result.vulnerabilities} KnowledgeBase entries; the pull is {result.state}."
    )


def _judge(session: Session, alerts: Path) -> None:
    from vatriage.cli.explain import show  # noqa: PLC0415 - keeps --help fast
    from vatriage.clock import now_us  # noqa: PLC0415 - the same
    from vatriage.model.verdict import VerdictRecord  # noqa: PLC0415 - the same
    from vatriage.usecases.keep_verdicts import keep_batch  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.triage import TriageRun  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring import alert_reader, triage_knowledge  # noqa: PLC0415 - the same

    run = TriageRun(triage_knowledge(session.config), alert_reader(), "default", now_us(session.clock))
    first: dict[str, VerdictRecord] = {}
    for batch in run.judge([str(alerts)], keep_events=True):
        keep_batch(batch)
        for record in batch.records:
            first.setdefault(record.verdict, record)
    say(f"5. {run.counts.alerts} alerts of real Suricata judged:")
    for verdict, count in sorted(run.counts.verdicts.items(), key=lambda item: -item[1]):
        say(f"     {verdict:22} {count:4}")
    for verdict in _EXPLAINED:
        if verdict in first:
            say()
            show(first[verdict])
    say()
