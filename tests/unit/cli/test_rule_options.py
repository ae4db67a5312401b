"""The options of `vatriage rule add`: what people type becomes plain values, or wrong use that names the option."""

import pytest

from vatriage.cli.rule_options import changed_content, rule_content_of, when
from vatriage.errors import UsageError

NOTHING = {"every": None, "daily": None, "weekly": None, "monthly": None, "cron": None}


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({}, {"kind": "on demand"}),
        ({"every": "30m"}, {"kind": "every", "every_minutes": 30}),
        ({"every": "6h"}, {"kind": "every", "every_minutes": 360}),
        ({"daily": "02:00, 14:00"}, {"kind": "daily", "times": ["02:00", "14:00"]}),
        ({"weekly": "mon,thu 02:00"}, {"kind": "weekly", "days": ["mon", "thu"], "times": ["02:00"]}),
        ({"monthly": "1,last 02:00"}, {"kind": "monthly", "dates": ["1", "last"], "times": ["02:00"]}),
        ({"cron": "0 2 * * *"}, {"kind": "cron", "cron": "0 2 * * *"}),
    ],
)
def test_a_schedule_is_read_as_it_is_typed(given, meant):
    assert when(**NOTHING | given) == meant


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"every": "6h", "daily": "02:00"}, "--every and --daily"),
        ({"every": "6"}, "--every"),
        ({"weekly": "02:00"}, "--weekly"),
        ({"monthly": "1"}, "--monthly"),
    ],
)
def test_a_schedule_that_cannot_be_read_is_wrong_use(given, option):
    with pytest.raises(UsageError, match=option):
        when(**NOTHING | given)


def test_selectors_and_blackouts_are_read_as_they_are_typed():
    content = rule_content_of(
        ["165.193.18.12/255.255.255.255", "10.0.0.1"], ["10.0.0.1-10.0.0.9"], ["d"], ["plant"], {"kind": "on demand"},
        ["sat,sun 08:00-18:00"],
    )  # fmt: skip

    assert content == {
        "selectors": [
            {"kind": "network", "network": "165.193.18.12", "mask": "255.255.255.255"},
            {"kind": "network", "network": "10.0.0.1", "mask": "255.255.255.255"},
            {"kind": "range", "first": "10.0.0.1", "last": "10.0.0.9"}, {"kind": "device", "device": "d"},
            {"kind": "zone", "zone": "plant"},
        ],
        "schedule": {
            "kind": "on demand",
            "blackouts": [{"days": ["sat", "sun"], "begin": "08:00", "end": "18:00"}],
        },
    }  # fmt: skip
    with pytest.raises(UsageError, match="--blackout"):
        rule_content_of(None, None, None, None, {}, ["weekend"])


NOW = {
    "selectors": [{"kind": "device", "device": "a"}, {"kind": "zone", "zone": "plant"}],
    "schedule": {
        "kind": "daily", "times": ["02:00"], "zone": "Europe/Berlin", "jitter_s": 60, "missed": "skip",
        "blackouts": [{"days": ["sat"], "begin": "08:00", "end": "18:00"}],
    },
}  # fmt: skip
UNSAID = {"zone": None, "jitter_s": None, "missed": None}


def test_what_is_not_given_to_an_edit_stays_as_it_is():
    assert changed_content(NOW, {"device": None}, None, UNSAID, None) == NOW


def test_an_edit_replaces_the_selectors_of_the_kinds_that_are_given():
    changed = changed_content(NOW, {"device": ["b", "c"], "zone": [""]}, None, UNSAID, None)

    assert changed["selectors"] == [{"kind": "device", "device": "b"}, {"kind": "device", "device": "c"}]


def test_an_edit_of_the_times_keeps_time_zone_jitter_and_blackouts():
    changed = changed_content(NOW, {}, {"kind": "every", "every_minutes": 30}, UNSAID | {"jitter_s": 5}, [""])

    assert changed["schedule"] == {
        "kind": "every", "every_minutes": 30, "zone": "Europe/Berlin", "jitter_s": 5, "missed": "skip", "blackouts": [],
    }  # fmt: skip
