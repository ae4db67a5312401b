"""Devices whose URLs are the seed's: the last saved report, and the real-time report with its scan."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from end_to_end_program import ROOT, alert, run, verdicts, write_files
from vatriage_simulator.server import SimulatorServer
from vatriage_simulator.subscription import Subscription

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
OLD = NOW - timedelta(days=900)
TARGETS = "198.51.100.1-198.51.100.3,198.51.100.9"
SAVED = "/msp/scan_report_list.php?last=yes"
REAL_TIME = f"/mssp/scan.php?ip={TARGETS}"


@pytest.fixture
def sim():
    subscription = Subscription(NOW)
    subscription.account("reader", "right")
    for qid, cve in ((99000, "CVE-2026-10000"), (99001, "CVE-2026-20000")):
        subscription.vulnerability(qid, title="t", cves=[cve], published=OLD, service_modified=OLD, remote=True)
    for last in (1, 2, 3):
        host = subscription.host(f"198.51.100.{last}", os="Linux").scanned(NOW - timedelta(hours=1))
        host.detect(qid=99000, port=443, protocol="tcp", type="Confirmed")
    return subscription


@pytest.fixture
def server(sim):
    with SimulatorServer(sim) as running:
        yield running
    assert running.failures == []


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.setenv("VATRIAGE_SCAN_POLL_S", "0.1")
    return write_files(tmp_path)


def add(files, server, path, *more, name="d"):
    return run(
        files / "home", "device", "add", name, "--url", server.address + path, "--login", "reader", "--password-stdin",
        "--ca-file", server.ca_file, "--complete-checks", "yes", *more, stdin="right\n",
    )  # fmt: skip


def pulled(files, *more):
    done = run(files / "home", "pull", "d", "--json", *more)
    return done, json.loads(done.stdout)["pulls"][0]


def level(files, sid=1, address="198.51.100.1"):
    (record,) = verdicts(files, alert(sid, destination=address))
    return record["verdict"]


def asked(server, function):
    return [item for item in server.requests if item.path == f"/msp/{function}.php"]


def test_the_last_saved_report_ends_in_hosts_and_findings(files, server, sim):
    sim.scan("older", taken=NOW - timedelta(days=9))
    newest = sim.scan("weekly", taken=NOW - timedelta(hours=5))
    assert add(files, server, SAVED, "--activate").returncode == 0
    done, pull = pulled(files)

    assert done.returncode == 0, done.stderr
    assert (pull["state"], pull["hosts_expected"], pull["detections"]) == ("complete", 3, 3)
    assert [item.parameters["ref"] for item in asked(server, "scan_report")] == [newest.ref]
    assert level(files) == "AFFECTED"


def test_a_saved_report_confirms_and_never_refutes(files, server, sim):
    sim.scan("weekly", taken=NOW - timedelta(hours=5))
    add(files, server, SAVED, "--activate")
    pulled(files)

    assert level(files, sid=2) == "UNKNOWN"


def test_a_report_that_was_taken_is_not_fetched_again_and_the_next_one_is(files, server, sim):
    sim.scan("weekly", taken=NOW - timedelta(hours=5))
    add(files, server, SAVED, "--activate")
    pulled(files)
    _, again = pulled(files)
    sim.scan("next", taken=NOW - timedelta(hours=1))
    _, later = pulled(files)

    assert (again["state"], again["detections"]) == ("complete", 0)
    assert "was taken before" in again["notes"][0]
    assert later["detections"] == 3
    assert len(asked(server, "scan_report")) == 2


def test_no_saved_report_is_a_state_with_its_reason(files, server):
    add(files, server, SAVED, "--activate")
    done, pull = pulled(files)

    assert (done.returncode, pull["state"]) == (0, "complete")
    assert "nothing was fetched" in pull["notes"][0]


def test_one_saved_report_may_be_named(files, server, sim):
    scan = sim.scan("older", taken=NOW - timedelta(days=9))
    sim.scan("weekly", taken=NOW - timedelta(hours=5))
    add(files, server, f"/msp/scan_report.php?ref={scan.ref}", "--activate")
    pulled(files)

    assert [item.parameters["ref"] for item in asked(server, "scan_report")] == [scan.ref]


def test_mssp_is_warned_of_and_called_as_msp(files, server, sim):
    sim.scan("weekly", taken=NOW - timedelta(hours=5))
    done = add(files, server, SAVED.replace("msp", "mssp"), "--activate")

    assert "misprint" in done.stderr
    assert pulled(files)[0].returncode == 0


def test_a_scan_is_never_started_before_a_person_confirmed_it(files, server, sim):
    refused = add(files, server, REAL_TIME, "--activate")
    inactive = run(files / "home", "pull", "d")
    unconfirmed = run(files / "home", "activate")
    too_few = run(files / "home", "activate", "--confirm-scan", "3")
    tested = run(files / "home", "device", "test", "d")

    assert (refused.returncode, inactive.returncode, unconfirmed.returncode, too_few.returncode) == (2, 2, 2, 2)
    assert "4 addresses" in refused.stderr
    assert tested.returncode == 0, tested.stderr
    assert sim.scans_started == []


def test_asset_groups_are_confirmed_by_the_word_for_them_and_never_by_a_number(files, server, sim):
    sim.asset_group("Web", "198.51.100.1-198.51.100.3")
    both = add(files, server, "/msp/scan.php?ip=198.51.100.1&asset_groups=Web", "--activate", "--confirm-scan", "1")
    refused = add(files, server, "/msp/scan.php?asset_groups=Web", "--activate", "--confirm-scan", "1000")
    before = list(sim.scans_started)
    confirmed = run(files / "home", "activate", "--confirm-groups")
    done, pull = pulled(files)

    assert (both.returncode, refused.returncode, before) == (2, 2, [])
    assert "together" in both.stderr
    assert "vatriage activate --confirm-groups" in " ".join(refused.stderr.split())
    assert (confirmed.returncode, done.returncode, pull["hosts_expected"]) == (0, 0, 3)


def test_a_confirmed_scan_runs_at_every_pull(files, server, sim):
    add(files, server, REAL_TIME, "--activate", "--confirm-scan", "4")
    done, pull = pulled(files)
    pulled(files)

    assert done.returncode == 0, done.stderr
    assert (pull["state"], pull["hosts_expected"], pull["detections"]) == ("complete", 3, 3)
    assert level(files) == "AFFECTED"
    assert len(sim.scans_started) == 2


def test_a_changed_url_voids_the_confirmation(files, server, sim):
    add(files, server, REAL_TIME, "--activate", "--confirm-scan", "4")
    wider = server.address + "/msp/scan.php?ip=198.51.100.1-198.51.100.4"
    assert run(files / "home", "device", "edit", "d", "--url", wider).returncode == 0

    assert run(files / "home", "pull", "d").returncode == 2
    assert run(files / "home", "activate").returncode == 2
    assert sim.scans_started == []


def test_a_private_address_without_a_scanner_appliance_is_warned_of_and_refused(files, server, sim):
    sim.host("10.0.0.5").scanned(NOW - timedelta(hours=1))
    added = add(files, server, "/msp/scan.php?ip=10.0.0.5", "--activate", "--confirm-scan", "1")
    done = run(files / "home", "pull", "d")

    assert "Scanner Appliance" in added.stderr
    assert done.returncode == 6
    assert "Scanner Appliance" in done.stderr


def test_a_scanner_appliance_reaches_a_private_address(files, server, sim):
    sim.scanner_appliance("inside")
    sim.host("10.0.0.5").scanned(NOW - timedelta(hours=1)).detect(qid=99000, port=443, type="Confirmed")
    add(files, server, "/msp/scan.php?ip=10.0.0.5&iscanner_name=inside", "--activate", "--confirm-scan", "1")

    assert pulled(files)[0].returncode == 0
    assert level(files, address="10.0.0.5") == "AFFECTED"


@pytest.mark.parametrize("header_first", [False, True])
def test_header_may_come_first_or_last(files, server, sim, header_first):
    sim.scan_pace(header_first=header_first)
    add(files, server, REAL_TIME, "--activate", "--confirm-scan", "4")

    assert pulled(files)[1]["detections"] == 3


def test_a_slow_scan_is_read_to_its_end_while_it_sends_keep_alives(files, server, sim, monkeypatch):
    monkeypatch.setenv("VATRIAGE_IDLE_TIMEOUT_S", "1")
    sim.scan_pace(host_s=600, keep_alive_s=0.03, moves_clock=True)
    add(files, server, REAL_TIME, "--activate", "--confirm-scan", "4")

    assert pulled(files)[1]["detections"] == 3


def test_a_saved_scan_whose_line_drops_is_found_again(files, server, sim):
    sim.break_next("scan", "cut", after_records=1)
    add(files, server, REAL_TIME + "&save_report=yes", "--activate", "--confirm-scan", "4")
    done, pull = pulled(files)

    assert done.returncode == 0, done.stderr
    assert (pull["state"], pull["detections"]) == ("complete", 3)
    assert "broke off" in pull["notes"][0]
    assert len(sim.scans_started) == 1


def test_an_unsaved_scan_whose_line_drops_is_partial(files, server, sim):
    sim.break_next("scan", "cut", after_records=2)
    add(files, server, REAL_TIME, "--activate", "--confirm-scan", "4")
    done = run(files / "home", "pull", "d")

    assert done.returncode == 6
    assert "2 hosts of it are kept" in done.stderr
    assert (level(files), level(files, sid=2)) == ("AFFECTED", "UNKNOWN")
    assert len(sim.scans_started) == 1


def test_a_killed_real_time_pull_finds_its_scan_again_and_starts_no_other(files, server, sim):
    sim.scan_pace(host_s=60, keep_alive_s=0.05)
    add(files, server, REAL_TIME + "&save_report=yes", "--activate", "--confirm-scan", "4")
    process = start(files, "pull", "d")
    wait_for(lambda: known_ref(files))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    sim.clock.advance(hours=1)
    done, pull = pulled(files)

    assert done.returncode == 0, done.stderr
    assert (pull["resumed"], pull["state"], pull["detections"]) == (True, "complete", 3)
    assert len(sim.scans_started) == 1


def test_a_scan_that_does_not_end_is_not_waited_for_for_ever_and_the_next_pull_goes_on(files, server, sim, monkeypatch):
    monkeypatch.setenv("VATRIAGE_SCAN_WAIT_S", "0.5")
    sim.scan_pace(host_s=600, keep_alive_s=0.05)
    add(files, server, REAL_TIME + "&save_report=yes", "--activate", "--confirm-scan", "4")
    process = start(files, "pull", "d")
    wait_for(lambda: known_ref(files))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    waited = run(files / "home", "pull", "d")
    asked_so_often = len(asked(server, "scan_running_list"))
    sim.clock.advance(hours=1)
    done, pull = pulled(files)

    assert waited.returncode == 4
    assert "still runs" in waited.stderr
    assert asked_so_often == 6
    assert (done.returncode, pull["resumed"], pull["state"], pull["detections"]) == (0, True, "complete", 3), (
        done.stderr
    )
    assert len(sim.scans_started) == 1


def test_a_running_scan_can_be_cancelled(files, server, sim):
    sim.scan_pace(host_s=60, keep_alive_s=0.05)
    add(files, server, REAL_TIME, "--activate", "--confirm-scan", "4")
    process = start(files, "pull", "d")
    wait_for(lambda: known_ref(files))
    process.send_signal(signal.SIGINT)
    interrupted = process.wait()
    done = run(files / "home", "device", "cancel-scan", "d")

    assert (interrupted, done.returncode) == (130, 0), done.stderr
    assert sim.scans_started[0].ref in done.stdout


@pytest.mark.parametrize(
    ("fault", "measures", "code", "words"),
    [
        ("account-expired", {}, 5, "xpired"),
        ("bad-login", {}, 5, "Invalid user credentials"),
        ("secure-ip", {}, 5, "Invalid user credentials"),
        ("error", {"number": 999}, 4, "trouble"),
        ("maintenance-page", {}, 4, "maintenance"),
        ("html-page", {}, 6, "Fail to parse scan report"),
        ("empty", {}, 6, "Fail to parse scan report"),
    ],
)
def test_the_errors_of_the_old_api_are_told_as_the_seeds_table_does(files, server, sim, fault, measures, code, words):
    sim.scan("weekly", taken=NOW - timedelta(hours=5))
    add(files, server, SAVED, "--activate")
    sim.break_next("scan_report_list", fault, **measures)
    done = run(files / "home", "pull", "d")

    assert (done.returncode, words in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


def test_addresses_are_refused_by_character_when_they_are_typed(files, server):
    done = add(files, server, "/msp/scan.php?ip=198.51.100.9-198.51.100.1")

    assert done.returncode == 2
    assert "character 1" in done.stderr


def start(files, *arguments):
    environment = {**os.environ, "VATRIAGE_HOME": str(files / "home"), "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator"}
    return subprocess.Popen([sys.executable, "-m", "vatriage", *arguments], env=environment, stderr=subprocess.DEVNULL)


def known_ref(files):
    with sqlite3.connect(files / "home" / "vatriage.sqlite3") as database:
        return database.execute("SELECT 1 FROM pulls WHERE scan_ref LIKE 'scan/%'").fetchall()


def wait_for(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)
