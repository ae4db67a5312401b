"""Extra data of unified2: a client behind a proxy is known as such, whatever way the records are cut into batches."""

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.alert_samples import unified2_event, unified2_other
from soak import examples
from vatriage.sensors.unified2 import Unified2

SECOND = 1_795_251_900


def extra(kind=1, *, event=5, second=SECOND, data=b"\xc0\x00\x02\x01"):
    """Return record 110 as Snort 2 writes it."""
    return unified2_other(110, struct.pack("!8I", 4, 24 + len(data), 0, event, second, kind, 1, len(data) + 8) + data)


def event(number=5, second=SECOND):
    """Return an event of another number."""
    record = bytearray(unified2_event(second=second))
    struct.pack_into("!I", record, 12, number)
    return bytes(record)


PACKET = unified2_other(2)


def proxied(content):
    batches = list(Unified2().read(io.BytesIO(content), "-", "default"))
    return [one.proxied for batch in batches for one in batch.alerts], [
        one for batch in batches for one in batch.rejects
    ]


@pytest.mark.parametrize("kind", [1, 2])
def test_whom_a_request_was_forwarded_for_makes_its_client_a_proxy(kind):
    assert proxied(event() + extra(kind) + PACKET) == ([True], [])


def test_an_event_behind_which_something_else_stands_spoke_for_itself():
    assert proxied(event() + PACKET) == ([False], [])
    assert proxied(event(5) + event(6) + PACKET) == ([False, False], [])


@pytest.mark.parametrize("kind", [3, 4, 9, 10, 13])
def test_other_extra_data_say_nothing_of_a_proxy(kind):
    assert proxied(event() + extra(kind, data=b"/index.html") + PACKET) == ([False], [])


def test_extra_data_are_applied_to_the_event_that_they_name():
    content = event(5) + PACKET + event(6) + PACKET + extra(event=5)
    assert proxied(content) == ([True, False], [])


def test_an_event_that_may_still_get_extra_data_counts_as_behind_a_proxy():
    assert proxied(event(5) + PACKET + event(6)) == ([False, True], [])


def test_extra_data_that_come_too_late_are_refused_and_not_dropped():
    found, rejects = proxied(event(5) + PACKET + extra(event=99))

    assert found == [False]
    assert "event 99 came through a proxy" in rejects[0].problem


@pytest.mark.parametrize("data", [b"", b"\1" * 8, b"\1" * 31])
def test_extra_data_that_are_too_short_are_events_without_meaning(data):
    assert proxied(event() + unified2_other(110, data) + PACKET) == ([False], [])


@settings(max_examples=examples(8))
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=3), st.integers(1_000, 1_100))
def test_batches_do_not_part_an_event_from_its_extra_data(last, before):
    shapes = [(False, True)] * before + last
    content = b"".join(
        event(number) + (extra(event=number) if is_proxied else b"") + (PACKET if has_packet else b"")
        for number, (is_proxied, has_packet) in enumerate(shapes)
    )
    found, rejects = proxied(content + event(99_999) + PACKET)

    assert found == [is_proxied for is_proxied, _ in shapes] + [False]
    assert rejects == []
