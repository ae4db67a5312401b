"""Pulls in the tests' own process: a simulated account that changes, a clock that a wait moves, and what must hold after each.

The server's stalls are real and short; every wait of ours costs no time.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from vatriage.model.secret import Secret
from vatriage.model.viewer import COMMAND_LINE
from vatriage.vault import open_vault
from vatriage_simulator.generated import LOGIN, PASSWORD, generate

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
PAGE_HOSTS = 6


class WaitedClock:
    """A clock that stands still until somebody waits."""

    def __init__(self):
        self.moment = NOW + timedelta(minutes=1)

    def now(self):
        """See Clock.now."""
        return self.moment

    def sleep(self, seconds):
        """Let so many seconds pass at once."""
        self.moment += timedelta(seconds=seconds)


def make_account(seed, hosts=20):
    """Return a subscription that no limit of its own hinders."""
    sim = generate(seed, hosts, now=NOW)
    sim.limit(rate=1_000_000, concurrency=100)
    return sim


def move_on(sim, dice):
    """Let a day of scanning pass: findings are fixed, reopened and new, a host is purged, another is new."""
    sim.clock.advance(days=1)
    hosts = list(sim.hosts.values())
    for host in dice.sample(hosts, len(hosts) // 3):
        host.scanned(sim.clock.now() - timedelta(hours=3), authenticated=True, finds_again=True)
        for finding in host.detections:
            if finding.type != "Info" and dice.random() < 0.4:
                (host.reopen if finding.status == "Fixed" else host.fix)(finding.qid, finding.port)
        host.detect(900_001, port=4_450 + dice.randrange(9), status="New")
    sim.purge(dice.choice(hosts).ip)
    new = sim.host("10.9.9.9", os="Debian Linux 11").scanned(sim.clock.now() - timedelta(hours=1))
    new.detect(900_005, port=80)


@dataclass
class World:
    """A store, a simulated server, and one device of the store that pulls from it."""

    store: Any
    server: Any
    clock: WaitedClock

    def device(self):
        """Add and activate the device."""
        from vatriage.usecases.devices import DeviceForm, add_device
        from vatriage.wiring.servers import changes

        form = DeviceForm(
            url=self.server.address, login=LOGIN, password=Secret(PASSWORD), zone="default", ca_file=self.server.ca_file,
            complete_checks="yes",
        )  # fmt: skip
        desk = changes(self.clock)
        add_device("d", form, vault=open_vault(self.store.config.key), changes=desk, who=COMMAND_LINE)
        desk.activate(COMMAND_LINE)

    def pull(self, mode="", *, page_hosts=PAGE_HOSTS, **tools):
        """Pull; return the ledger's row and the error, None if there was none."""
        from vatriage.errors import VatriageError
        from vatriage.store.pulls import Pull
        from vatriage.usecases.devices import find_device
        from vatriage.usecases.pull_mode import Mode
        from vatriage.usecases.pulls import pull_device
        from vatriage.wiring.pulls import pull_tools
        from vatriage.wiring.servers import account_of, device_route

        device, error = find_device("d"), None
        config = replace(self.store.config, page_hosts=page_hosts, idle_timeout_s=0.15, first_byte_timeout_s=0.15)
        made = pull_tools(
            config, device.url, device.login, Secret(PASSWORD), device_route(config, device), self.clock,
            lambda _pages, _text: None,
        )  # fmt: skip
        made = replace(made, sleep=self.clock.sleep, dice=lambda: 0.5, fetcher=self._fetcher(config, device), **tools)
        try:
            pull_device(device, account_of(device.url, device.login), made, Mode(mode) if mode else None)
        except VatriageError as failed:
            error = failed
        return Pull.objects.latest("pk"), error

    def _fetcher(self, config, device):
        """Return a fetcher whose waits the clock waits."""
        from vatriage.net.https import HttpsFetcher
        from vatriage.net.permits import PermittedFetcher
        from vatriage.store.permits import StoredPermits
        from vatriage.wiring.servers import account_of, connecting, device_route

        inner = HttpsFetcher(
            connecting(config, device.url, device_route(config, device)), device.login, Secret(PASSWORD),
            first_byte_timeout_s=config.first_byte_timeout_s, idle_timeout_s=config.idle_timeout_s,
        )  # fmt: skip
        permits = StoredPermits(account_of(device.url, device.login), self.clock)
        return PermittedFetcher(
            inner, permits, clock=self.clock, sleep=self.clock.sleep, longest_wait_s=config.longest_wait_s
        )

    def missing(self, pull):
        """Return the ids that a pull's ledger names as missing, with their reasons."""
        from vatriage.store.pull_hosts import missing_hosts

        return {host.vendor_id: host.reason for host in missing_hosts(pull.pk, 10**6)}


def stored():
    """Return what the inventory holds: by host id, whether it is gone and its detections (those that are gone left out)."""
    from vatriage.store.bulk import fetch

    hosts = fetch("SELECT vendor_id, gone_at, id FROM hosts")
    assert len({row[0] for row in hosts}) == len(hosts), "a host is there twice"
    rows = fetch(
        "SELECT h.vendor_id, d.qid, d.port, d.protocol, d.ssl, d.instance, d.kind, d.status, d.first_found, d.last_found, "
        "d.last_fixed, d.ignored FROM detections d JOIN hosts h ON h.id = d.host_id WHERE d.gone_at = 0"
    )
    assert len({row[:6] for row in rows}) == len(rows), "a detection is there twice"
    found = {vendor: (bool(gone), set()) for vendor, gone, _ in hosts}
    for vendor, *detection in rows:
        found[vendor][1].add(tuple(int(value) if not isinstance(value, str) else value for value in detection))
    return found


_KINDS, _STATUSES = {"Info": 0, "Potential": 1, "Confirmed": 2}, {"New": 1, "Active": 2, "Re-Opened": 3, "Fixed": 4}


def true_inventory(sim):
    """Return what a faultless pull would leave, as `stored` has it."""
    truth = sim.truth()
    found = {number: (False, set()) for number in truth.host_ids()}
    for item in truth.detections():
        found[item.host_id][1].add(
            (
                item.qid, -1 if item.port is None else item.port, {"tcp": 6, "udp": 17, None: 0}[item.protocol],
                int(bool(item.ssl)), item.instance or "", _KINDS[item.type],
                2 if item.type == "Info" else _STATUSES[item.status], _seconds(item.first_found),
                _seconds(item.last_found), _seconds(item.last_fixed), int(item.ignored),
            )
        )  # fmt: skip
    return found


def _seconds(moment):
    return int(moment.timestamp()) if moment else 0
