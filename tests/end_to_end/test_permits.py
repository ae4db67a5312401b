"""Three processes work for one account: the simulator, which counts like the service, never has to refuse a call."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from end_to_end_program import ROOT, run
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
