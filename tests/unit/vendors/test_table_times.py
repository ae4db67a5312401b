from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vatriage.vendors.qualys.tables.instants import parse_table_time, zone_of


def seconds(*parts):
    return int(datetime(*parts, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("05/13/2021 07:08:28", seconds(2021, 5, 13, 7, 8, 28)),
        ("5/3/2021", seconds(2021, 5, 3)),
        ("Feb 03, 2026 07:00 AM", seconds(2026, 2, 3, 7)),
        ("Feb 03, 2026 12:05 AM", seconds(2026, 2, 3, 0, 5)),
        ("Apr 13, 2021 03:14 PM", seconds(2021, 4, 13, 15, 14)),
        ("04 Feb 2026 10:00AM GMT-0500", seconds(2026, 2, 4, 15)),
        ("05/25/2021 at 07:36:58 (GMT-0500)", seconds(2021, 5, 25, 12, 36, 58)),
        ("05/25/2021 at 07:36:58 (GMT)", seconds(2021, 5, 25, 7, 36, 58)),
        ("  Feb  03,  2026 07:00 AM ", seconds(2026, 2, 3, 7)),
        ("2026-02-03T07:00:00Z", seconds(2026, 2, 3, 7)),
        ("2026-02-03T07:00:00+02:00", seconds(2026, 2, 3, 5)),
        ("08/01/2018 08:04:26", 1_533_110_666),
    ],
)
def test_every_form_that_was_seen_is_read(text, expected):
    assert parse_table_time(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "13/05/2021 07:08:28", "02/30/2021", "Foo 03, 2026 07:00 AM", "Feb 03, 2026 13:00 PM", "Feb 03, 2026 00:00 AM",
     "tomorrow", "05/13/21", "0", "01/01/0000", "\u0660\u0665/13/2021"],
)  # fmt: skip
def test_what_is_no_date_is_never_guessed(text):
    with pytest.raises(ValueError, match=r".+"):
        parse_table_time(text)


def test_the_reports_zone_counts_where_the_date_states_none():
    assert parse_table_time("Feb 03, 2026 07:00 AM", -18_000) == seconds(2026, 2, 3, 12)
    assert parse_table_time("04 Feb 2026 10:00AM GMT+0100", -18_000) == seconds(2026, 2, 4, 9)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GMT-0500", -18_000),
        ("(GMT)", 0),
        ("x +02:00", 7_200),
        ("UTC", 0),
        ("", None),
        ("10:00", None),
        ("-9900", None),
    ],
)
def test_zones_are_told_from_times(text, expected):
    assert zone_of(text) == expected


@given(
    st.text(alphabet="0123456789/:-+ ,()AMPGTUCZabceFJfnr", max_size=40), st.sampled_from([None, 0, 50_400, -43_200])
)
def test_no_text_does_more_than_not_be_a_date(text, offset):
    with suppress(ValueError):
        assert isinstance(parse_table_time(text, offset), int)
