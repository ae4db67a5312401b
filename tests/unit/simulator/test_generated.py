import threading
from datetime import UTC, datetime, timedelta

import pytest

from vatriage_simulator.__main__ import serve
from vatriage_simulator.generated import LOGIN, MAX_HOSTS, PASSWORD, generate
from vatriage_simulator.server import SimulatorServer

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)


def test_the_same_seed_gives_the_same_subscription():
    first, second = generate(7, 40, now=NOW), generate(7, 40, now=NOW)

    told = [[(host.ip, host.os, host.scans, host.detections) for host in sim.hosts.values()] for sim in (first, second)]
    assert told[0] == told[1]
    assert first.vulnerabilities == second.vulnerabilities


def test_another_seed_gives_another_one():
    first, second = generate(1, 40, now=NOW), generate(2, 40, now=NOW)

    assert [host.os for host in first.hosts.values()] != [host.os for host in second.hosts.values()]


def test_it_looks_like_an_office():
    sim = generate(3, 300, now=NOW)

    hosts = list(sim.hosts.values())
    statuses = {item.status for host in hosts for item in host.detections}
    stale = [host for host in hosts if host.last_scan.at < NOW - timedelta(days=30)]
    assert statuses == {"New", "Active", "Re-Opened", "Fixed"}
    assert 10 <= len(stale) <= 60
    assert len({host.ip for host in hosts}) == 300
    assert all(item.qid in sim.vulnerabilities for host in hosts for item in host.detections)
    assert all(item.first_found <= item.last_found <= item.last_test <= NOW for h in hosts for item in h.detections)


@pytest.mark.parametrize("hosts", [-1, MAX_HOSTS + 1])
def test_it_is_bounded(hosts):
    with pytest.raises(ValueError, match=str(MAX_HOSTS)):
        generate(1, hosts, now=NOW)


def test_a_client_can_use_a_generated_subscription(client_of):
    with SimulatorServer(generate(1, 30, now=NOW)) as server:
        reply = client_of(server)("/api/5.0/fo/asset/host/vm/detection/", login=(LOGIN, PASSWORD), action="list")

    assert reply.status == 200
    assert len(reply.all("DETECTION")) > 10


def test_the_command_line_tells_how_to_reach_it(capsys):
    stop = threading.Event()
    stop.set()

    code = serve(["--hosts", "3", "--seed", "9"], stop)

    told = capsys.readouterr().out
    assert code == 0
    assert "https://127.0.0.1:" in told
    assert LOGIN in told
    assert PASSWORD in told
    assert "ca.pem" in told


def test_a_taken_port_is_told(capsys, server):
    stop = threading.Event()
    stop.set()

    code = serve(["--port", server.address.rsplit(":", 1)[1]], stop)

    assert code == 1
    assert "--port" in capsys.readouterr().err


def test_too_many_hosts_are_wrong_usage(capsys):
    with pytest.raises(SystemExit) as end:
        serve(["--hosts", str(MAX_HOSTS + 1)], threading.Event())

    assert end.value.code == 2
