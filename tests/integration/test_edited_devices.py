"""A device that a person changes: what its pulls vouched for is taken back with the change, not with the next pull."""

from datetime import UTC, datetime

import pytest

from end_to_end_program import RULES, alert
from pulled_subscription import make_subscription
from vatriage.model.outcome import OutcomeIndex
from vatriage.model.secret import Secret
from vatriage.model.viewer import COMMAND_LINE
from vatriage.triage.kernel import Kernel
from vatriage.vault import open_vault
from vatriage.wiring.judging import triage_knowledge
from vatriage.wiring.readers import alert_reader
from vatriage_simulator.server import SimulatorServer

NOW_US = int(datetime(2026, 11, 24, tzinfo=UTC).timestamp()) * 1_000_000
EDITS = [{"complete_checks": "no"}, {"zone": "dmz"}]


class World:
    """A store, and a device that pulls from a simulated server."""

    def __init__(self, store, server):
        from vatriage.usecases.devices import DeviceForm, add_device
        from vatriage.wiring.servers import changes

        self.store = store
        self.desk = changes(store.clock, store.config.snapshots)
        self.vault = open_vault(store.config.key)
        form = DeviceForm(
            url=server.address, login="reader", password=Secret("right"), zone="default", ca_file=server.ca_file,
            complete_checks="yes",
        )  # fmt: skip
        add_device("d", form, vault=self.vault, changes=self.desk, who=COMMAND_LINE)
        self.desk.activate(COMMAND_LINE)
        (store.folder / "r.rules").write_text(RULES)

    def edit(self, **values):
        """Change the device and activate the change."""
        from vatriage.usecases.devices import DeviceForm, edit_device

        edit_device("d", DeviceForm(**values), vault=self.vault, changes=self.desk, who=COMMAND_LINE)
        self.desk.activate(COMMAND_LINE)

    def pull(self, told=lambda _pages, _text: None):
        """Pull the device; `told` is called with every page."""
        from vatriage.usecases.devices import find_device
        from vatriage.usecases.pulls import pull_device
        from vatriage.wiring.pulls import pull_tools
        from vatriage.wiring.readers import system_clock
        from vatriage.wiring.servers import account_of, device_route

        device, config = find_device("d"), self.store.config
        route = device_route(config, device)
        tools = pull_tools(config, device.url, device.login, Secret("right"), route, system_clock(), told)
        return pull_device(device, account_of(device.url, device.login), tools)

    def levels(self):
        """Return the verdicts of an attack on what is there and of one on what was tested absent."""
        lines = self.store.folder / "eve.json"
        lines.write_text(f"{alert(1)}\n{alert(2)}\n")
        kernel = Kernel(triage_knowledge(self.store.config, [self.store.folder / "r.rules"]), NOW_US)
        with lines.open("rb") as source:
            alerts = [one for batch in alert_reader().read(source, "-", "default") for one in batch.alerts]
        return [record.verdict for record in kernel.judge(alerts, OutcomeIndex())]


@pytest.fixture
def world(store):
    open_vault(store.config.key)
    with SimulatorServer(make_subscription()) as server:
        yield World(store, server)


def test_the_pulled_device_confirms_and_clears(world):
    result = world.pull()

    assert (result.whole, world.levels()) == (True, ["AFFECTED", "NOT_AFFECTED"])


@pytest.mark.parametrize("edit", EDITS)
def test_what_nobody_vouches_for_any_more_clears_nothing_from_the_activation_on(world, edit):
    world.pull()
    world.edit(**edit)

    assert world.levels() == ["AFFECTED", "UNKNOWN"]


@pytest.mark.parametrize("edit", EDITS)
def test_a_device_that_is_changed_while_it_is_pulled_clears_nothing(world, edit):
    pages = []

    def told(_number, text):
        if not pages:
            world.edit(**edit)
        pages.append(text)

    result = world.pull(told)

    assert (result.state, len(pages) > 1) == ("complete", True)
    assert world.levels() == ["AFFECTED", "UNKNOWN"]


def test_a_change_of_anything_else_takes_nothing_back(world):
    world.pull()
    world.edit(password=Secret("other"))

    assert world.levels() == ["AFFECTED", "NOT_AFFECTED"]
