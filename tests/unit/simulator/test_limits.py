import contextlib
import http.client
import time
from datetime import UTC, datetime

import pytest

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
HOSTS = "/api/5.0/fo/asset/host/"
KB = "/api/4.0/fo/knowledge_base/vuln/"


def limit_headers(reply):
    return {name: value for name, value in reply.headers.items() if name.startswith(("X-Rate", "X-Conc"))}


def test_a_call_tells_what_is_left(ask):
    ask(HOSTS, action="list")

    assert limit_headers(ask(HOSTS, action="list")) == {
        "X-RateLimit-Limit": "300",
        "X-RateLimit-Window-Sec": "3600",
        "X-Concurrency-Limit-Limit": "2",
        "X-Concurrency-Limit-Running": "0",
        "X-RateLimit-ToWait-Sec": "0",
        "X-RateLimit-Remaining": "298",
    }


def test_one_call_too_many_waits_for_the_window(sim, ask):
    sim.limit(rate=2, window_s=360)
    ask(HOSTS, action="list")
    sim.clock.advance(seconds=100)
    ask(HOSTS, action="list")
    refused = ask(HOSTS, action="list")
    sim.clock.advance(seconds=259)
    still = ask(HOSTS, action="list")
    sim.clock.advance(seconds=1)
    allowed = ask(HOSTS, action="list")

    assert (refused.status, refused.one("CODE")) == (409, "1965")
    assert limit_headers(refused)["X-RateLimit-ToWait-Sec"] == "260"
    assert limit_headers(refused)["X-RateLimit-Remaining"] == "0"
    assert "260 seconds" in refused.one("TEXT")
    assert limit_headers(still)["X-RateLimit-ToWait-Sec"] == "1"
    assert allowed.status == 200


def test_each_resource_has_its_own_window(sim, ask):
    sim.limit(rate=1)
    ask(HOSTS, action="list")

    assert ask(HOSTS, action="list").status == 409
    assert ask(KB, action="list").status == 200


def test_one_resource_can_have_limits_of_its_own(sim, ask):
    sim.limit(rate=1, resource="knowledge_base")
    ask(HOSTS, action="list")
    ask(KB, action="list")

    assert ask(HOSTS, action="list").status == 200
    assert ask(KB, action="list").status == 409


def test_too_many_at_once_are_refused_without_a_time(sim, ask):
    sim.limit(rate=0, concurrency=2)

    with sim.occupied("host_list", 2):
        refused = ask(HOSTS, action="list")

    assert (refused.status, refused.one("CODE")) == (409, "1960")
    assert limit_headers(refused) == {
        "X-RateLimit-Limit": "0",
        "X-RateLimit-Window-Sec": "3600",
        "X-Concurrency-Limit-Limit": "2",
        "X-Concurrency-Limit-Running": "2",
    }
    assert refused.one("KEY") == "CALLS_TO_FINISH"


def test_a_finished_call_frees_its_slot_before_the_client_knows(sim, ask):
    sim.limit(concurrency=1)

    assert [ask(HOSTS, action="list").status for _ in range(25)] == [200] * 25


@pytest.mark.parametrize("kind", ["cut", "internal", "empty", "gzip-cut", "bad-byte"])
def test_a_call_that_goes_wrong_frees_its_slot_too(sim, server, ask, kind):
    sim.limit(concurrency=1)
    sim.host("10.0.0.5").scanned(NOW)
    sim.break_next("host_list", kind)
    connection = ask.connect()
    connection.request(*ask.request(HOSTS, action="list"))
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection.getresponse().read()
    connection.close()

    assert ask(HOSTS, action="list").status == 200


def test_a_refused_call_counts_for_nothing(sim, ask):
    sim.limit(rate=2, concurrency=1)
    with sim.occupied("host_list"):
        for _ in range(3):
            ask(HOSTS, action="list")

    assert limit_headers(ask(HOSTS, action="list"))["X-RateLimit-Remaining"] == "1"


def test_what_became_of_the_calls_can_be_counted(sim, ask):
    sim.limit(rate=3, concurrency=2)
    ask(HOSTS, action="list")
    with sim.occupied("host_list"):
        ask(HOSTS, action="list")
    with sim.occupied("host_list", 2):
        ask(HOSTS, action="list")
    for _ in range(3):
        ask(HOSTS, action="list")

    tally = sim.ledger.tally("host_list")
    assert (tally.calls, tally.refused_concurrency, tally.refused_rate, tally.refused) == (3, 1, 2, 3)
    assert tally.most_running == 2
    assert sim.ledger.tally("knowledge_base").calls == 0
    assert list(sim.ledger.tallies()) == ["host_list"]


def test_the_log_tells_how_long_a_client_waited(server, ask):
    ask(HOSTS, action="list")
    time.sleep(0.2)
    ask(HOSTS, action="list")

    first, second = server.requests
    assert 0.2 <= second.received_s - first.received_s < 2
