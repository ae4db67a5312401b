import tracemalloc
from collections import Counter
from datetime import UTC, datetime
from itertools import islice

import pytest

from vatriage_simulator.bulk import make_bulk
from vatriage_simulator.generated import LOGIN, PASSWORD
from vatriage_simulator.server import SimulatorServer

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
HOSTS = "/api/5.0/fo/asset/host/"
DETECTIONS = "/api/5.0/fo/asset/host/vm/detection/"
KNOWLEDGE = "/api/4.0/fo/knowledge_base/vuln/"
WHOLE = {
    "action": "list",
    "status": "New,Active,Re-Opened,Fixed",
    "show_igs": "1",
    "include_ignored": "1",
    "include_disabled": "1",
}


def bulk(hosts=200, detections_per_host=5, qids=100, seed=1):
    return make_bulk(seed, hosts, detections_per_host=detections_per_host, qids=qids, now=NOW)


def caller(client_of, server):
    client = client_of(server)
    return lambda path, **query: client(path, login=(LOGIN, PASSWORD), **query)


def test_the_same_seed_gives_the_same_truth_and_another_seed_another_one():
    first, again, other = bulk().truth(), bulk().truth(), bulk(seed=2).truth()

    assert list(first.hosts()) == list(again.hosts())
    assert list(first.detections()) == list(again.detections())
    assert list(first.hosts()) != list(other.hosts())


def test_what_is_asked_first_changes_nothing():
    forth, back = bulk(), bulk()
    ids = list(forth.hosts.ids())

    told = {number: forth.hosts[number].detections for number in ids}

    assert {number: back.hosts[number].detections for number in reversed(ids)} == told


def test_it_has_exactly_the_hosts_detections_and_qids_that_were_asked_for():
    sim = bulk(hosts=300, detections_per_host=7, qids=40)

    found = Counter(fact.host_id for fact in sim.truth().detections())
    assert len(list(sim.truth().hosts())) == len(sim.hosts) == len(found) == 300
    assert set(found.values()) == {7}
    assert len({(fact.host_id, fact.qid) for fact in sim.truth().detections()}) == 2100
    assert len(list(sim.truth().qids())) == 40
    assert sim.truth().unlisted_qids() == frozenset()


def test_ids_are_found_by_range_and_from_both_ends():
    table = bulk().hosts
    ids = list(table.ids())

    assert ids == sorted(ids)
    assert list(table.ids(ids[10], ids[20])) == ids[10:21]
    assert list(table.ids(ids[10] + 1, ids[20] - 1)) == ids[11:20]
    assert [table.before(number) for number in ids[1:]] == ids[:-1]
    assert (table.before(ids[0]), table.before(10**9), table.first(ids[-1] + 1)) == (None, ids[-1], None)
    assert [number in table for number in range(ids[0], ids[5])] == [number in ids for number in range(ids[0], ids[5])]


def test_pages_joined_are_the_truth(client_of):
    sim = bulk()
    with SimulatorServer(sim) as server:
        ask = caller(client_of, server)
        listed, found, low = [], [], 0
        while low is not None:
            page = ask(DETECTIONS, **WHOLE, truncation_limit=30, id_min=low)
            hosts = ask(HOSTS, action="list", truncation_limit=30, id_min=low)
            assert hosts.all("URL") == [url.replace("/vm/detection", "") for url in hosts.all("URL")]
            listed += zip(hosts.all("ID"), hosts.all("IP"), strict=True)
            found += page.all("QID")
            low = int(page.one("URL").rsplit("=", 1)[1]) if page.all("URL") else None
        assert server.failures == []

    truth = sim.truth()
    assert listed == [(str(fact.id), fact.ip) for fact in truth.hosts()]
    assert found == [str(fact.qid) for fact in truth.detections()]


def test_a_purge_and_a_host_of_ones_own_are_remembered():
    sim = bulk()
    first, second = islice(sim.hosts.ids(), 2)
    address = sim.hosts[second].ip

    sim.purge_id(first)
    sim.host(address).fix(sim.hosts[second].detections[0].qid)
    new = sim.host("192.0.2.1").scanned(NOW)

    assert (len(sim.hosts), first in sim.hosts, new.id > 1600) == (200, False, True)
    assert next(sim.truth().host_ids()) == second
    assert next(sim.truth().detections()).status == "Fixed"
    assert sim.truth().purged == {first}


def test_faults_purge_and_replace_made_hosts(client_of):
    sim = bulk()
    ids = list(sim.hosts.ids())
    with SimulatorServer(sim) as server:
        ask = caller(client_of, server)
        sim.break_next("host_list", "hosts-purged")
        sim.break_next("host_list", "address-reused", after=1)
        ask(HOSTS, action="list", truncation_limit=10)
        ask(HOSTS, action="list", truncation_limit=20)
        assert server.failures == []

    assert sim.truth().purged == {ids[9], ids[10], ids[21]}
    assert list(sim.truth().came_late.values()) == [ids[21]]


def test_scan_php_finds_made_hosts_at_their_addresses():
    sim = bulk()

    run = sim.scan("weekly", targets="10.0.0.1-10.0.0.3")

    assert [report.ip for report in run.reports] == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]


def test_the_knowledge_base_is_found_by_id_and_by_date(client_of):
    with SimulatorServer(bulk(qids=200)) as server:
        ask = caller(client_of, server)
        some = ask(KNOWLEDGE, action="list", ids="100001-100003,100200,7")
        recent = ask(KNOWLEDGE, action="list", published_after="2026-04-01")

    assert some.all("QID") == ["100001", "100002", "100003", "100200"]
    assert 0 < len(recent.all("QID")) < 200


def test_a_hundred_thousand_hosts_and_qids_need_no_memory():
    tracemalloc.start()
    sim = bulk(hosts=100_000, detections_per_host=10, qids=100_000)
    facts = sum(1 for _ in islice(sim.truth().detections(), 20_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (facts, len(sim.hosts), len(sim.vulnerabilities)) == (20_000, 100_000, 100_000)
    assert peak < 5_000_000


@pytest.mark.parametrize(
    ("measures", "told"),
    [
        ({"hosts": 1_000_001}, "1000001 hosts"),
        ({"hosts": -1}, "-1 hosts"),
        ({"qids": 0}, "0 to 5000|0 QIDs"),
        ({"detections_per_host": 101}, "no more than there are QIDs"),
    ],
)
def test_nonsense_is_refused_at_once(measures, told):
    with pytest.raises(ValueError, match=told):
        bulk(**measures)
