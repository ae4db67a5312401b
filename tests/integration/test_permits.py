"""The permits of one account, as rows: what every process that works for it is told, on both databases."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from vatriage.net.interface import Answer, Request
from vatriage.net.limits import Standing
from vatriage.net.permits import LongWaitError, PermittedFetcher
from vatriage.store.permits import ASK_AGAIN_S, StoredPermits

CALL = Request(resource="detections", path="/x")


class MovingClock:
    """A clock that moves when somebody sleeps."""

    def __init__(self):
        self.at = datetime(2026, 5, 3, 10, 0, 0, 250_000, tzinfo=UTC)

    def now(self):
        """See Clock.now."""
        return self.at

    def sleep(self, seconds):
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


class Subscription:
    """A server that counts as the service does: at once, and in a window that slides."""

    def __init__(self, clock, *, calls=3, window_s=60, at_once=2, tells=True):
        self.clock, self.calls, self.window_s, self.at_once, self.tells = clock, calls, window_s, at_once, tells
        self.admitted, self.refused = [], []

    def take(self):
        """Count a call of anybody; return how long it must wait, 0 = it was let in."""
        now = self.clock.now()
        inside = [at for at in self.admitted if at + timedelta(seconds=self.window_s) > now]
        if len(inside) >= self.calls:
            return -int(-(inside[-self.calls] + timedelta(seconds=self.window_s) - now).total_seconds() // 1)
        self.admitted.append(now)
        return 0

    def fetch(self, _request, _body, _heard=None):
        """See Fetcher.fetch."""
        wait = self.take()
        if wait:
            self.refused.append((self.clock.now(), wait))
        return Answer(status=409 if wait else 200, headers=self._headers(wait))

    def _headers(self, wait):
        now = self.clock.now()
        left = self.calls - sum(at + timedelta(seconds=self.window_s) > now for at in self.admitted)
        told = {"x-ratelimit-towait-sec": str(wait), "x-concurrency-limit-limit": str(self.at_once)}
        if self.tells:
            told |= {
                "x-ratelimit-limit": str(self.calls), "x-ratelimit-window-sec": str(self.window_s),
                "x-ratelimit-remaining": str(left),
            }  # fmt: skip
        return told


@pytest.fixture
def clock():
    return MovingClock()


def permits(clock, account="a@server"):
    return StoredPermits(account, clock)


def fetcher(server, clock, slept, longest=1_000.0):
    def sleep(seconds):
        slept.append(seconds)
        clock.sleep(seconds)

    return PermittedFetcher(server, permits(clock), sleep=sleep, longest_wait_s=longest, clock=clock)


@pytest.mark.usefixtures("store")
def test_the_window_is_obeyed_before_the_server_refuses(clock, tmp_path):
    server, slept = Subscription(clock), []
    for _ in range(300):
        fetcher(server, clock, slept).fetch(CALL, tmp_path / "body")
        clock.sleep(0.37)

    assert server.refused == []
    assert len(server.admitted) == 300
    assert (server.admitted[-1] - server.admitted[0]).total_seconds() <= 99 * (60 + 2.1)


@pytest.mark.usefixtures("store")
def test_some_hundred_calls_beside_a_client_we_know_nothing_of_meet_no_refusal_that_is_not_waited_for(clock, tmp_path):
    server, slept, answers = Subscription(clock, calls=30, window_s=600), [], []
    for number in range(400):
        if number % 3 == 0:
            server.take()
        answers.append(fetcher(server, clock, slept).fetch(CALL, tmp_path / "body").status)
        clock.sleep(1.7)

    assert answers == [200] * 400
    assert len(server.refused) < 40


@pytest.mark.usefixtures("store")
def test_a_refused_call_is_made_again_after_what_the_header_says(clock, tmp_path):
    server, slept = Subscription(clock, tells=False), []
    for _ in range(3):
        server.take()
    begun = clock.now()
    answer = fetcher(server, clock, slept).fetch(CALL, tmp_path / "body")

    assert answer.status == 200
    assert server.refused == [(begun, 60)]
    assert 60 <= (clock.now() - begun).total_seconds() <= 61


@pytest.mark.usefixtures("store")
def test_a_wait_that_is_stated_is_not_made_longer_by_our_own_count(clock, tmp_path):
    server, slept = Subscription(clock), []
    for _ in range(3):
        fetcher(server, clock, slept).fetch(CALL, tmp_path / "body")
    ours = permits(clock)
    assert ours.take("detections") > 0
    server.admitted = [at - timedelta(seconds=30) for at in server.admitted]
    clock.sleep(62)
    ours.take("detections")
    ours.give_back("detections", Standing(wait_s=20, concurrency=2, calls=3, window_s=60, remaining=0, refused=True))

    assert ours.take("detections") == 21
    clock.sleep(21)
    assert ours.take("detections") == 0


@pytest.mark.usefixtures("store")
def test_a_wait_that_is_too_long_says_when_it_ends(clock, tmp_path):
    server, slept = Subscription(clock, window_s=3_600), []
    ours = fetcher(server, clock, slept, longest=120.0)
    for _ in range(3):
        ours.fetch(CALL, tmp_path / "body")
    with pytest.raises(LongWaitError, match=r"until 2026-05-03T11:00:0\dZ") as caught:
        ours.fetch(CALL, tmp_path / "body")

    assert (caught.value.exit_code, slept) == (7, [])
    assert 3_599 <= caught.value.wait_s <= 3_601


@pytest.mark.usefixtures("store")
def test_one_process_makes_as_many_calls_at_once_as_the_account_allows(clock):
    first = permits(clock)
    first.take("detections")
    first.give_back("detections", Standing(wait_s=0, concurrency=3))
    taken = []

    def call():
        from django.db import connection

        taken.append(first.take("detections"))
        connection.close()

    for _ in range(4):
        thread = threading.Thread(target=call)
        thread.start()
        thread.join()

    assert sorted(taken) == [0, 0, 0, ASK_AGAIN_S]


@pytest.mark.usefixtures("store")
def test_each_resource_and_each_account_has_limits_of_its_own(clock):
    one = permits(clock)
    one.take("detections")
    one.give_back("detections", Standing(wait_s=60, concurrency=1))

    assert one.take("detections") > 0
    assert one.take("host_list") == 0
    assert permits(clock, "b@server").take("detections") == 0


@pytest.mark.usefixtures("store")
def test_the_permit_of_a_call_that_lasts_for_hours_does_not_expire(clock):
    scanning, other = permits(clock), permits(clock)
    scanning.take("scan")
    for _ in range(240):
        clock.sleep(60)
        scanning.keep("scan")

    assert other.take("scan") == ASK_AGAIN_S


@pytest.mark.usefixtures("store")
def test_a_note_of_a_clock_that_was_put_right_holds_nobody_up(clock):
    ours = permits(clock)
    clock.sleep(86_400)
    ours.take("detections")
    ours.give_back("detections", Standing(wait_s=3_600, concurrency=1, calls=1, window_s=3_600, remaining=0))
    clock.sleep(-86_400)

    assert ours.take("detections") == 0
