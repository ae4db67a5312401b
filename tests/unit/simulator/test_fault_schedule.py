import http.client
from concurrent.futures import ThreadPoolExecutor

import pytest

from vatriage_simulator.fault_kinds import FaultKind
from vatriage_simulator.fault_schedule import DEFAULT_KINDS, DEFAULT_RESOURCES, FaultSchedule
from vatriage_simulator.faults import FaultOrders

HOSTS = "/api/5.0/fo/asset/host/"
DETECTIONS = "/api/5.0/fo/asset/host/vm/detection/"


def drawn(schedule, resource="detection_list", calls=200):
    return [schedule.fault_of(resource, call, [5, 6, 7]) for call in range(1, calls + 1)]


def test_the_same_seed_breaks_the_same_calls_in_the_same_way():
    assert drawn(FaultSchedule(7)) == drawn(FaultSchedule(7))
    assert drawn(FaultSchedule(7)) != drawn(FaultSchedule(8))


def test_the_order_in_which_resources_are_called_changes_nothing():
    schedule = FaultSchedule(7, share=0.5)
    calls = [(resource, call) for call in range(1, 30) for resource in ("host_list", "knowledge_base")]

    forth = {place: schedule.fault_of(*place, []) for place in calls}
    back = {place: schedule.fault_of(*place, []) for place in reversed(calls)}

    assert forth == back


def test_about_its_share_of_the_calls_goes_wrong_and_never_too_many_in_a_row():
    wrong = [fault is not None for fault in drawn(FaultSchedule(3, share=0.5, in_a_row=2), calls=2000)]

    assert 0.3 < sum(wrong) / 2000 < 0.5
    assert not any(all(wrong[place : place + 3]) for place in range(1998))


def test_every_kind_it_may_draw_is_drawn():
    schedule = FaultSchedule(3, share=1.0, in_a_row=10_000)
    kinds = {fault.kind for resource in DEFAULT_RESOURCES for fault in drawn(schedule, resource, 2000) if fault}

    assert kinds == DEFAULT_KINDS - {FaultKind.NOT_READY}


def test_only_its_kinds_resources_and_calls_are_touched():
    schedule = FaultSchedule(3, share=1.0, kinds=["empty"], resources=["host_list"], in_a_row=99, until_call=5)

    assert [fault.kind for fault in drawn(schedule, "host_list") if fault] == ["empty"] * 5
    assert drawn(schedule, "detection_list") == [None] * 200


def test_poison_hosts_break_every_detection_page_that_holds_them(sim, ask):
    for number in range(1, 41):
        sim.host(f"10.0.0.{number}").scanned(sim.clock.now()).detect(1)
    sim.faults.follow(FaultSchedule(1, share=0, poison_share=0.1, stall_s=0.01))
    poison = sim.truth().undeliverable()

    assert 1 <= len(poison) <= 10
    assert sim.truth().undeliverable("host_list") == frozenset()
    assert len(ask(HOSTS, action="list").all("ID")) == 40
    for host_id in sim.truth().host_ids():
        assert arrives(ask, host_id) == (host_id not in poison)


def arrives(ask, host_id):
    try:
        ask(DETECTIONS, action="list", ids=host_id)
    except (OSError, http.client.HTTPException):
        return False
    return True


def test_threads_meet_the_same_faults_whoever_is_faster(sim, ask):
    sim.host("10.0.0.1").scanned(sim.clock.now()).detect(1)
    sim.limit(concurrency=10)
    seen = []
    for _ in range(3):
        sim.faults = FaultOrders()
        sim.faults.follow(FaultSchedule(5, share=0.5, kinds=["internal", "empty", "moved", "html-page", "bad-gateway"]))
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda path: ask(path, action="list").status, [HOSTS, DETECTIONS] * 15))
        seen.append({(taken.resource, taken.call, taken.fault.kind) for taken in sim.faults.taken})

    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0]) > 5


@pytest.mark.parametrize("wrong", [{"share": 2}, {"poison_share": -1}, {"kinds": ["melt"]}, {"resources": ["hosts"]}])
def test_nonsense_is_refused_at_once(wrong):
    with pytest.raises(ValueError, match=r"2|-1|melt|hosts"):
        FaultSchedule(1, **wrong)
