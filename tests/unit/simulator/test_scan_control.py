from datetime import UTC, datetime, timedelta

import pytest

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
RUNNING, CANCEL, SCHEDULES = "/msp/scan_running_list.php", "/msp/scan_cancel.php", "/msp/scheduled_scans.php"


def test_nothing_running_is_an_error_without_a_list(ask):
    root = ask(RUNNING).xml

    assert (root.tag, [child.tag for child in root]) == ("SCAN_RUNNING_LIST", ["ERROR"])


def test_the_running_list_tells_start_target_status_and_profile(sim, ask):
    sim.option_profile("Deep", authentication=["Unix"])
    run = sim.scan("nightly", targets="10.0.0.1-10.0.0.9", taken=NOW, duration_s=60, option_profile="Deep")

    (entry,) = ask(RUNNING).xml

    keys = {key.attrib["value"]: key.text for key in entry.findall("KEY")}
    assert entry.attrib == {"value": run.ref}
    assert (keys["startdate"], keys["target"], keys["status"]) == (
        "2026-05-03T10:00:00Z",
        "10.0.0.1-10.0.0.9",
        "Running",
    )
    assert entry.find("OPTION_PROFILE/OPTION_PROFILE_TITLE").text == "Deep"
    sim.clock.advance(60)
    assert ask(RUNNING).xml.find("ERROR") is not None


def test_what_does_not_run_or_is_loading_cannot_be_cancelled(sim, ask):
    over = sim.scan("over")
    sim.scan_pace(host_s=60, loading_s=30, keep_alive_s=0.01)
    sim.break_next("scan", "cut-unmarked", after_records=0)
    ask("/msp/scan.php", ip="198.51.100.1")
    (loading,) = sim.scans_started

    def outcome(ref):
        return ask(CANCEL, ref=ref).xml.find("RETURN").attrib

    assert outcome("scan/1.00001") == {"status": "FAILED", "number": "99001"}
    assert outcome(over.ref) == {"status": "FAILED", "number": "99001"}
    assert outcome(loading.ref) == {"status": "FAILED", "number": "99006"}
    sim.clock.advance(30)
    assert outcome(loading.ref) == {"status": "SUCCESS"}


def test_a_weekly_schedule_is_told_as_a_script_quotes_it(sim, ask):
    start = datetime(2026, 4, 4, 7, 30, tzinfo=UTC)
    sim.schedule("weekly", targets="10.0.0.1-10.0.0.9", start=start, weekdays=[6], appliance="hq")

    (entry,) = ask(SCHEDULES).xml

    assert entry.attrib["active"] == "yes"
    assert [child.tag for child in entry][:4] == ["TITLE", "TARGETS", "SCHEDULE", "NEXTLAUNCH_UTC"]
    assert entry.find("SCHEDULE/WEEKLY").attrib == {"frequency_weeks": "1", "weekdays": "6"}
    assert entry.find("SCHEDULE/START_DATE_UTC").text == "2026-04-04T07:30:00"
    assert entry.find("NEXTLAUNCH_UTC").text == "2026-05-09T07:30:00"
    assert (entry.find("OPTION").text, entry.find("TYPE").text) == ("Initial Options", "SCAN")


def test_schedules_are_narrowed_and_an_inactive_one_has_no_next_launch(sim, ask):
    sim.schedule("daily", targets="10.0.0.1", start=NOW - timedelta(days=5, hours=1), days=2)
    sim.schedule("off", targets="10.0.0.1", start=NOW, days=1, active=False)

    def titles(**query):
        return ask(SCHEDULES, **query).all("TITLE")

    assert titles() == ["daily", "off"]
    assert (titles(active="yes"), titles(active="no"), titles(type="map")) == (["daily"], ["off"], [])
    assert ask(SCHEDULES).all("NEXTLAUNCH_UTC") == ["2026-05-04T09:00:00"]


def test_a_schedule_needs_a_rhythm(sim):
    with pytest.raises(ValueError, match="weekdays"):
        sim.schedule("never", targets="10.0.0.1", start=NOW)


def test_appliances_are_listed(sim, ask):
    sim.scanner_appliance("hq")
    sim.scan("weekly", targets="10.0.0.1", appliance="branch")

    assert ask("/msp/iscanner_list.php").all("NAME") == ["hq", "branch"]
