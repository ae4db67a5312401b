"""Timestamps and addresses as EVE writes them."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage.model.instant import from_datetime
from vatriage.sensors.eve_alert import canonical_address, read_timestamp
from vatriage.sensors.eve_lenient import FieldError

MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 3),  # noqa: DTZ001 - hypothesis wants naive bounds and adds the zone
    max_value=datetime(9999, 12, 29),  # noqa: DTZ001 - the same
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2014-12-19T22:45:27.871825+0000", datetime(2014, 12, 19, 22, 45, 27, 871825, UTC)),
        ("2014-12-19T22:45:27.871825Z", datetime(2014, 12, 19, 22, 45, 27, 871825, UTC)),
        ("2014-12-19T22:45:27.871825+01:00", datetime(2014, 12, 19, 21, 45, 27, 871825, UTC)),
        ("2014-12-19T22:45:27-0530", datetime(2014, 12, 20, 4, 15, 27, 0, UTC)),
        ("2014-12-19T22:45:27.871825", datetime(2014, 12, 19, 22, 45, 27, 871825, UTC)),
        ("2014-12-19T22:45:27", datetime(2014, 12, 19, 22, 45, 27, 0, UTC)),
        ("2014-12-19T22:45:27.871825999+00:00", datetime(2014, 12, 19, 22, 45, 27, 871825, UTC)),
    ],
)
def test_every_spelling_of_an_instant_is_read(text, expected):
    assert from_datetime(expected) == read_timestamp(text)


@given(MOMENTS)
def test_the_fast_path_agrees_with_the_calendar(moment):
    assert from_datetime(moment) == read_timestamp(moment.strftime("%Y-%m-%dT%H:%M:%S.%f%z").rjust(31, "0"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2014-12-19T22:45:60.000000+0000",
        "2014-12-19T22:45:+1.000000+0000",
        "2014-12-19T22:60:00.000000+0000",
        "2014-13-19T22:45:00.000000+0000",
        "2014-12-19T22:45:00.00000x+0000",
        "2014-12-19T22:45:00.000000+9999",
        "١٤٠٤-12-19T22:45:00.000000+0000",
    ],
)
def test_what_is_no_time_is_named(text):
    with pytest.raises(FieldError, match="timestamp is not usable"):
        read_timestamp(text)


@given(st.text())
def test_any_text_is_a_time_or_is_named(text):
    with suppress(FieldError):
        assert read_timestamp(text) >= 0


@given(st.ip_addresses())
def test_the_canonical_address_is_canonical(address):
    once = canonical_address("src_ip", str(address).upper())

    assert once == canonical_address("src_ip", once)
