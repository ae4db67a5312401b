"""What an answer's headers say of the limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage.net.interface import Answer
from vatriage.net.limits import BUSY_WAIT_S, LONGEST_WAIT_S, standing


def stands(status=200, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return standing(Answer(status=status, headers=named))


def test_an_answer_without_headers_asks_for_nothing():
    assert (stands().wait_s, stands().concurrency) == (0, None)


def test_the_wait_is_the_one_of_the_header():
    assert stands(409, x_ratelimit_towait_sec="181").wait_s == 181


def test_a_granted_call_may_ask_the_next_one_to_wait():
    assert stands(200, x_ratelimit_remaining="0", x_ratelimit_towait_sec="60").wait_s == 60


@pytest.mark.parametrize("status", [409, 429])
def test_a_refusal_that_does_not_say_how_long_is_waited_for_a_little(status):
    assert stands(status).wait_s == BUSY_WAIT_S


def test_a_refusal_may_say_it_the_way_proxies_do():
    assert stands(429, retry_after="30").wait_s == 30


def test_the_concurrency_is_the_one_of_the_header():
    assert stands(x_concurrency_limit_limit="2").concurrency == 2


def test_the_calls_of_a_window_are_those_of_the_headers():
    said = stands(x_ratelimit_limit="300", x_ratelimit_window_sec="3600")

    assert (said.calls, said.window_s) == (300, 3_600)
    assert (stands().calls, stands().window_s) == (0, 0)


@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from([200, 409, 429, 503]))
def test_damaged_headers_never_ask_for_more_than_a_week(wait, limit, status):
    said = stands(status, x_ratelimit_towait_sec=wait, x_concurrency_limit_limit=limit)

    assert 0 <= said.wait_s <= LONGEST_WAIT_S
    assert said.concurrency is None or said.concurrency >= 1
