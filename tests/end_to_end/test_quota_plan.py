"""The quota planner's prediction against the calls that pulls really make, as the simulator counts them."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from end_to_end_program import run
from pulled_subscription import add_device
from vatriage_simulator.server import SimulatorServer
from vatriage_simulator.subscription import Subscription

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
PATHS = {
    "/api/5.0/fo/asset/host/": "host_list", "/api/5.0/fo/asset/host/vm/detection/": "detections",
    "/api/4.0/fo/knowledge_base/vuln/": "knowledge_base",
}  # fmt: skip


def subscription(hosts, silent=0):
    sim = Subscription(NOW)
    sim.account("reader", "right")
    sim.vulnerability(99000, title="t", cves=["CVE-2026-10000"], published=NOW - timedelta(days=900))
    for number in range(hosts):
        host = sim.host(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", os="Linux")
        host.scanned(NOW - timedelta(days=1), authenticated=True)
        if number >= silent:
            host.detect(qid=99000, port=443)
    return sim


def planned(home, known):
    """Return the calls that the planner predicts for one run, by resource; `known` tells it the account's size."""
    for _ in range(2):
        done = run(home, "rule", "add", "r", "--every", "60m", "--device", "d", "--submit-only", "--json")
        if done.returncode == 0:
            break
        run(home, "rule", "remove", "r")
    assert done.returncode == 0, done.stderr
    lines = {line["resource"]: line for line in json.loads(done.stdout)["plan"]["lines"]}
    assert {line["hosts"] for line in lines.values()} == {known}
    return {name: line["calls_needed"] for name, line in lines.items()}


def pulled(home, server, *arguments):
    """Pull; return the calls that were made, by resource."""
    before = len(server.requests)
    done = run(home, "pull", *arguments)
    assert done.returncode == 0, done.stderr
    return dict(Counter(PATHS[request.path] for request in server.requests[before:]))


def within(predicted, made):
    return predicted.keys() == made.keys() and all(
        abs(predicted[name] - made[name]) <= 0.05 * made[name] for name in made
    )


@pytest.mark.parametrize(
    ("hosts", "page_hosts", "silent"), [(230, 10, 0), (230, 10, 35), (120, 1, 3), (75, 500, 1), (300, 7, 0)]
)
def test_full_pulls_make_the_calls_that_were_planned(tmp_path, monkeypatch, hosts, page_hosts, silent):
    monkeypatch.setenv("VATRIAGE_PAGE_HOSTS", str(page_hosts))
    monkeypatch.setenv("VATRIAGE_FULL_PULL_DAYS", "0")
    home = tmp_path / "home"
    with SimulatorServer(subscription(hosts, silent)) as server:
        add_device(home, server)
        first = pulled(home, server)
        predicted = planned(home, hosts)
        later = pulled(home, server)

        assert within(predicted, later), (predicted, later)
        assert abs(first["detections"] - predicted["detections"]) <= 0.05 * first["detections"]
        assert abs(first["host_list"] - predicted["host_list"]) <= 0.05 * first["host_list"]


@pytest.mark.parametrize(("hosts", "page_hosts", "changed"), [(200, 10, 60), (150, 500, 5)])
def test_deltas_make_the_calls_that_were_planned_of_those_before(tmp_path, monkeypatch, hosts, page_hosts, changed):
    monkeypatch.setenv("VATRIAGE_PAGE_HOSTS", str(page_hosts))
    monkeypatch.setenv("VATRIAGE_FULL_PULL_DAYS", "365")  # the plan shows the busiest window, which a full pull is
    home, sim = tmp_path / "home", subscription(hosts)

    def scan_some():
        sim.clock.advance(days=1)
        for number in sorted(sim.hosts)[:changed]:
            sim.hosts[number].scanned(sim.clock.now() - timedelta(hours=1), authenticated=True)
            sim.hosts[number].find_again(sim.hosts[number].detections[0])

    with SimulatorServer(sim) as server:
        add_device(home, server)
        pulled(home, server)
        scan_some()
        pulled(home, server)
        predicted = planned(home, hosts)
        scan_some()

        made = pulled(home, server)

        assert within(predicted, made), (predicted, made)


def test_a_first_pull_of_an_account_of_unknown_size_is_warned_of(tmp_path):
    home = tmp_path / "home"
    with SimulatorServer(subscription(30)) as server:
        add_device(home, server)
        done = run(home, "rule", "add", "r", "--every", "60m", "--device", "d", "--submit-only", "--json")

    assert "no host of it is known yet" in done.stderr
    assert {line["calls_needed"] for line in json.loads(done.stdout)["plan"]["lines"]} == {1, 2}


def test_accounts_of_one_subscription_share_its_limits_in_the_plan(tmp_path, monkeypatch):
    home = tmp_path / "home"
    with SimulatorServer(subscription(30)) as server:
        add_device(home, server, name="one")
        add_device(home, server, name="two")
        monkeypatch.setenv("VATRIAGE_SUBSCRIPTIONS", "reader@127.0.0.1=acme")
        done = run(
            home, "rule", "add", "r", "--every", "60m", "--device", "one", "--device", "two", "--submit-only", "--json"
        )

    lines = json.loads(done.stdout)["plan"]["lines"]
    assert {line["account"] for line in lines} == {"acme"}
    assert {line["resource"]: line["calls_needed"] for line in lines}["knowledge_base"] == 4
