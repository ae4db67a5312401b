"""What an account says of its scheduled scans and its Scanner Appliances; and URLs as a builder writes them."""

import io
from datetime import UTC, datetime

import pytest

from vatriage.model.report import ScheduledScan
from vatriage.vendors.interface import QueryKind
from vatriage.vendors.qualys import requests
from vatriage.vendors.qualys.readers import QualysReader

DAY = 86_400


def pages(text):
    reading = QualysReader().open(io.BytesIO(b"<?xml version='1.0'?>" + text.encode()), "answer.xml")
    return list(reading.pages()), reading.end


def scan(rhythm, launch="2026-11-25T03:00:00", active="yes", kind="SCAN"):
    said = f"<NEXTLAUNCH_UTC>{launch}</NEXTLAUNCH_UTC>" if launch else ""
    return (
        f'<SCAN active="{active}" ref="7"><TITLE><![CDATA[Nightly  DMZ]]></TITLE><TARGETS><![CDATA[192.0.2.0/24]]></TARGETS>'
        f"<SCHEDULE>{rhythm}<START_HOUR>3</START_HOUR></SCHEDULE>{said}<TYPE>{kind}</TYPE></SCAN>"
    )


@pytest.mark.parametrize(
    ("rhythm", "every_s"),
    [
        ('<DAILY frequency_days="1"/>', DAY),
        ('<DAILY frequency_days="3"/>', 3 * DAY),
        ('<WEEKLY frequency_weeks="2" weekdays="0"/>', 14 * DAY),
        ('<WEEKLY frequency_weeks="1" weekdays="1,4"/>', 0),
        ('<MONTHLY frequency_months="1" day_of_month="1"/>', 0),
        ('<DAILY frequency_days="often"/>', 0),
    ],
)
def test_a_scheduled_scan_is_read_with_its_rhythm(rhythm, every_s):
    (page,), end = pages(f"<SCHEDULEDSCANS>{scan(rhythm)}</SCHEDULEDSCANS>")
    launch = int(datetime(2026, 11, 25, 3, tzinfo=UTC).timestamp())

    assert page.schedules == (
        ScheduledScan(title="Nightly DMZ", targets="192.0.2.0/24", active=True, next_launch_at=launch, every_s=every_s),
    )
    assert end.error is None


def test_a_schedule_that_sleeps_has_no_next_launch_and_one_of_maps_scans_nothing():
    both = scan("<DAILY/>", launch="", active="no") + scan("<DAILY/>", kind="MAP")
    (page,), _ = pages(f"<SCHEDULEDSCANS>{both}</SCHEDULEDSCANS>")

    assert [(item.active, item.next_launch_at) for item in page.schedules] == [(False, 0)]


def test_a_launch_that_is_no_date_is_a_reject_and_the_schedule_stays():
    (page,), _ = pages(f"<SCHEDULEDSCANS>{scan('<DAILY/>', launch='soon')}</SCHEDULEDSCANS>")

    assert [item.next_launch_at for item in page.schedules] == [0]
    assert "'soon' is no date" in page.rejects[0].problem


def test_an_account_without_schedules_or_appliances_is_no_error():
    for root in ("SCHEDULEDSCANS", "ISCANNER_LIST"):
        found, end = pages(f"<{root}><!-- There is nothing. --></{root}>")
        assert (found, end.error) == ([], None)


def test_an_error_in_place_of_the_list_is_told():
    _, end = pages('<SCHEDULEDSCANS><ERROR number="2012">No API right.</ERROR></SCHEDULEDSCANS>')

    assert end.error_code == "2012"


def test_appliances_are_read_by_name():
    entry = "<ISCANNER><ID>500</ID><NAME>dmz_1</NAME><GROUP><NAME>all</NAME></GROUP></ISCANNER>"
    (page,), _ = pages(f"<ISCANNER_LIST>{entry}{entry}<ISCANNER name='lab'/></ISCANNER_LIST>")

    assert page.appliances == ("dmz_1", "lab")


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ((QueryKind.CURRENT, "qualysapi.example.com"), "qualysapi.example.com"),
        ((QueryKind.LAST_SAVED, "q.example:8443"), "q.example:8443/msp/scan_report_list.php?last=yes"),
        ((QueryKind.REAL_TIME, "q.example", "192.0.2.1-192.0.2.4, 192.0.2.9"), "q.example/msp/scan.php?ip=192.0.2.1-192.0.2.4,192.0.2.9"),
        ((QueryKind.REAL_TIME, "q.example", "10.0.0.1", "dmz & lab"), "q.example/msp/scan.php?ip=10.0.0.1&iscanner_name=dmz+%26+lab"),
    ],
)  # fmt: skip
def test_a_url_that_is_built_means_what_was_chosen(written, url):
    assert requests.written_url(*written) == url
    assert requests.query(url).kind is written[0]
