"""Three processes work for one account: the simulator, which counts like the service, never has to refuse a call."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from end_to_end_program import ROOT, run
from pulled_subscription import add_device, make_subscription
from running_controller import rows
from soak import SOAK
from vatriage_simulator.clock import SimulatedClock
from vatriage_simulator.limits import Limits
from vatriage_simulator.resources import Resource
from vatriage_simulator.server import SimulatorServer
from vatriage_simulator.subscription import Subscription

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
CALLS = 1_700 if SOAK else 5
"""Of one thread; there are three processes of two."""
WINDOW = Limits(rate=500, window_s=60, concurrency=2) if SOAK else Limits(rate=12, window_s=4, concurrency=2)


def subscription(limits):
    sim = Subscription(NOW, limits=limits, clock=SimulatedClock(NOW, running=True))
    sim.account("reader", "right")
    sim.host("10.1.0.7").scanned(NOW, authenticated=True)
    return sim


def start(home, server):
    program = [sys.executable, f"{ROOT}/tests/permitted_calls.py", home, f"https://{server.address}", server.ca_file]
    return subprocess.Popen(
        [*map(str, program), str(CALLS), "2"], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator", "VATRIAGE_LONGEST_WAIT_S": "600"},
    )  # fmt: skip


@pytest.mark.usefixtures("database")
def test_three_processes_together_never_ask_for_more_than_the_account_allows(tmp_path):
    home = tmp_path / "home"
    assert run(home, "init").returncode == 0
    with SimulatorServer(subscription(WINDOW)) as server:
        processes = [start(home, server) for _ in range(3)]
        said = [process.communicate(timeout=7_200 if SOAK else 180) for process in processes]
        tally = server.subscription.ledger.tally(Resource.HOST_LIST)

        assert [errors for _, errors in said] == ["", "", ""]
        assert " ".join(text for text, _ in said).split() == ["200"] * (6 * CALLS)
        assert tally.most_running <= WINDOW.concurrency
        assert (tally.calls, tally.refused_rate, tally.refused_concurrency) == (6 * CALLS, 0, 0)
        assert server.failures == []


def test_a_wait_that_is_too_long_ends_the_pull_with_the_instant_and_the_next_one_goes_on_then(tmp_path):
    home, sim = tmp_path / "home", make_subscription()
    with SimulatorServer(sim) as server:
        add_device(home, server)
        sim.break_next("detection_list", "rate-limit", seconds=3_000)
        waits = run(home, "pull", "--json")
        asked = len(server.requests)
        again = run(home, "pull")

        assert (waits.returncode, again.returncode) == (7, 7)
        assert re.search(
            r"lets nobody call for another 300\d s, until 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ\.", waits.stderr
        )
        assert "nobody call for another" in again.stderr
        assert "/api/5.0/fo/asset/host/vm/detection/" not in {call.path for call in server.requests[asked:]}


def test_after_each_pull_raw_pages_are_kept_as_the_settings_have_it(tmp_path, monkeypatch):
    home = tmp_path / "home"
    with SimulatorServer(make_subscription()) as server:
        add_device(home, server)
        assert run(home, "pull").returncode == 0
        kept = len(list((home / "pages").iterdir()))
        monkeypatch.setenv("VATRIAGE_RAW_PAGES_MAX_BYTES", "1")
        assert run(home, "pull", "--full").returncode == 0

    assert kept > 0
    assert list((home / "pages").iterdir()) == []
    assert {bool(at) for (at,) in rows(home, "SELECT removed_at FROM pull_pages")} == {True}
