"""Stored alerts judged again: the selected ones come to what all of them would come to, and nothing else is touched."""

from dataclasses import replace
from datetime import datetime

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.small_inventory import SmallInventory
from fakes.small_snapshot import columns_of
from soak import examples
from unit.inventory.test_changed import changed_inventories
from unit.triage.strategies import LAST_DAY, cases, day
from vatriage.inventory.snapshot import name_snapshot
from vatriage.model.alert import Alert
from vatriage.model.instant import DAY_US, US
from vatriage.sensors.interface import EventBatch
from vatriage.triage.kernel import Kernel, Knowledge, outcome_index
from vatriage.wiring.readers import alert_reader

TABLES = (
    "reviews", "verdicts", "alert_events", "alerts", "alert_groups", "alert_signatures", "verdict_hours",
    "verdict_reasons", "verdict_bases", "claim_sets", "alert_outcomes", "rejudge_due", "escalations",
)  # fmt: skip


class Clock:
    """Stands where a test puts it."""

    def __init__(self, at_us: int) -> None:
        self.at_us = at_us

    def now(self) -> datetime:
        """See Clock.now."""
        from datetime import UTC

        return datetime.fromtimestamp(self.at_us // US, UTC)


class World:
    """A store with a snapshot that a test replaces."""

    def __init__(self, store, knowledge: Knowledge, clock_us: int) -> None:
        from vatriage.usecases.rejudge import Rejudging

        self.folder, self.clock = store.config.snapshots, Clock(clock_us)
        self.knowledge = knowledge
        self.rejudging = Rejudging(lambda: self.knowledge, alert_reader, self.folder, self.clock)

    def know(self, inventory: SmallInventory) -> None:
        """Make an inventory the current snapshot."""
        from vatriage.store.basis_rows import snapshots_rested_on
        from vatriage.store.snapshots import save_snapshot

        snapshot = name_snapshot(columns_of(inventory))
        save_snapshot(self.folder, snapshot, snapshots_rested_on())
        self.knowledge = replace(self.knowledge, snapshot=snapshot)

    def keep(self, alerts: list[Alert]) -> None:
        """Judge some alerts as one file, and store them."""
        from vatriage.usecases.keep_verdicts import keep_batch
        from vatriage.usecases.triage import JudgedBatch

        kernel = Kernel(self.knowledge, self.clock.at_us)
        records = kernel.judge(alerts, outcome_index(kernel, alerts, alerts))
        keep_batch(JudgedBatch(events=EventBatch(alerts=alerts), records=records, kernel=kernel), self.clock)

    def said_now(self, alerts: list[Alert]) -> dict:
        """Return what would be said of alerts, all judged together."""
        kernel = Kernel(self.knowledge, self.clock.at_us)
        return {one.id: one for one in kernel.judge(alerts, outcome_index(kernel, alerts, alerts))}


def newest():
    """Return the newest records by alert."""
    from vatriage.store.bulk import fetch
    from vatriage.usecases.lookups import stored_verdicts

    return {name: stored_verdicts(name)[-1] for (name,) in fetch("SELECT id FROM alerts")}


def substance(record):
    """Return what a record says, without when and from what it was judged."""
    return msgspec.structs.replace(record, judged_at="", inputs=None, source_file="", source_line=0)


def empty() -> None:
    from vatriage.store.bulk import execute

    for table in TABLES:
        execute(f"DELETE FROM {table}")


@pytest.fixture
def database(monkeypatch):
    """The law is about which alerts are selected: one database is enough for it."""
    monkeypatch.delenv("VATRIAGE_DATABASE", raising=False)
    return "sqlite"


@settings(
    max_examples=examples(20), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(data=st.data(), case=cases(step=1, clocks=st.sampled_from([day(LAST_DAY + 5)] * 3 + [day(6), day(9)])))
def test_judging_the_selected_again_is_judging_all_again(store, data, case):
    from vatriage.usecases.rejudge import is_another

    empty()
    alerts = list({alert.id: alert for alert in [*case.alerts[::4], *case.alerts[-4:]]}.values())
    world = World(store, case.knowledge, case.clock)
    world.know(case.inventory)
    parts = data.draw(st.lists(st.integers(0, 1), min_size=len(alerts), max_size=len(alerts)))
    for part in (0, 1):
        world.keep([alert for alert, mine in zip(alerts, parts, strict=True) if mine == part])
    inventory = case.inventory
    for _ in range(data.draw(st.integers(0, 2))):
        before = newest()
        inventory = data.draw(changed_inventories(inventory))
        world.know(inventory)
        world.clock.at_us += data.draw(st.sampled_from([0, 1, 5])) * DAY_US
        world.rejudging.run()
        wanted, found = world.said_now(alerts), newest()
        for name, old in before.items():
            stays = old.verdict == "COMPROMISE_INDICATED" or not is_another(old, wanted[name])
            assert substance(found[name]) == substance(old if stays else wanted[name])
        assert not world.rejudging.is_needed()
