"""Pulls against the simulated server: what goes wrong there, and what must not follow from it."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from end_to_end_program import ROOT, alert, run, verdicts, write_files
from pulled_subscription import NOW, add_device, make_subscription
from vatriage_simulator.server import SimulatorServer


@pytest.fixture
def subscription():
    return make_subscription()


@pytest.fixture
def server(subscription):
    with SimulatorServer(subscription) as running:
        yield running


@pytest.fixture
def files(tmp_path, server):
    write_files(tmp_path)
    add_device(tmp_path / "home", server)
    return tmp_path


def levels(files):
    return [record["verdict"] for record in verdicts(files, alert(1), alert(2))]


def test_a_whole_pull_confirms_and_refutes(files):
    done = run(files / "home", "pull", "d", "--json")

    (pull,) = json.loads(done.stdout)["pulls"]
    assert (pull["state"], pull["whole"], pull["hosts_expected"], pull["detections"]) == ("complete", True, 3, 3)
    assert levels(files) == ["AFFECTED", "NOT_AFFECTED"]


def test_an_imported_excerpt_does_not_keep_the_whole_knowledge_base_away(files):
    run(files / "home", "import", files / "k.xml")
    run(files / "home", "pull", "d")

    assert run(files / "home", "kb", "show", "99002").returncode == 0


def test_without_a_vouched_check_set_a_pull_refutes_nothing(tmp_path, server):
    write_files(tmp_path)
    add_device(tmp_path / "home", server, name="other")
    run(tmp_path / "home", "device", "remove", "other")
    run(
        tmp_path / "home", "device", "add", "d", "--url", server.address, "--login", "reader", "--password-stdin",
        "--ca-file", server.ca_file, "--activate", stdin="right\n",
    )  # fmt: skip
    run(tmp_path / "home", "pull", "d")

    (record,) = verdicts(tmp_path, alert(2))
    assert (record["verdict"], record["reasons"]) == ("UNKNOWN", ["check_set_unvouched"])


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("bad-login", 5, "Invalid user credentials"),
        ("account-expired", 5, "expired"),
        ("html-page", 6, "Fail to parse scan report"),
        ("cut", 4, "Server unavailable"),
        ("maintenance", 4, "1999"),
        ("empty", 6, "Fail to parse scan report"),
    ],
)
def test_a_fault_in_the_middle_keeps_earlier_data_and_refutes_nothing_new(files, subscription, fault, code, words):
    subscription.break_next("detection_list", fault, times=None)
    done = run(files / "home", "pull", "d")

    assert code == done.returncode
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert levels(files)[1] == "UNKNOWN"


def test_a_wrong_password_and_an_untrusted_certificate_say_so(tmp_path, server):
    add_device(tmp_path / "home", server, "wrong")
    login = run(tmp_path / "home", "device", "test", "d")
    run(
        tmp_path / "home", "device", "add", "e", "--url", server.address, "--login", "reader", "--password-stdin",
        stdin="right\n",
    )  # fmt: skip
    certificate = run(tmp_path / "home", "device", "test", "e")

    assert (login.returncode, "Invalid user credentials" in login.stderr) == (5, True)
    assert (certificate.returncode, "--ca-file" in certificate.stderr) == (4, True)


def test_a_killed_pull_refutes_nothing_and_the_next_one_is_whole(files, subscription):
    subscription.break_next("detection_list", "delay", seconds=20)
    process = start(files, "pull", "d")
    wait_for(lambda: list((files / "home").glob("pages/*.zst")))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    assert levels(files)[1] == "UNKNOWN"
    subscription.faults.clear()
    assert run(files / "home", "pull", "d").returncode == 0
    assert levels(files) == ["AFFECTED", "NOT_AFFECTED"]


def test_a_host_that_is_purged_while_it_is_pulled_is_not_taken_for_clean(files, subscription, server):
    subscription.break_next("detection_list", "delay", seconds=20)
    process = start(files, "pull", "d")
    wait_for(lambda: any("/vm/detection/" in item.path for item in server.requests))
    subscription.purge("10.1.0.7")
    subscription.faults.clear()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    done = run(files / "home", "pull", "d", "--json")

    (pull,) = json.loads(done.stdout)["pulls"]
    assert (pull["resumed"], pull["state"], pull["hosts_purged"]) == (True, "complete", 1)
    assert levels(files) == ["UNKNOWN", "UNKNOWN"]


def test_a_host_without_any_finding_is_asked_for_again_and_is_unknown(files, subscription):
    subscription.host("10.1.0.10", os="Linux").scanned(NOW - timedelta(hours=1), authenticated=True)
    done = run(files / "home", "pull", "d", "--json")

    (pull,) = json.loads(done.stdout)["pulls"]
    assert (pull["hosts_expected"], pull["hosts_purged"], pull["state"]) == (4, 0, "complete")
    assert "1 of 4 hosts came without any finding" in pull["notes"][0]
    (record,) = verdicts(files, alert(2, destination="10.1.0.10"))
    assert record["verdict"] == "UNKNOWN"


def test_who_no_longer_vouches_for_the_checks_takes_back_what_was_vouched(files):
    run(files / "home", "pull", "d")
    before = levels(files)[1]
    run(files / "home", "device", "edit", "d", "--complete-checks", "no")
    run(files / "home", "activate")
    run(files / "home", "pull", "d")

    assert (before, levels(files)[1]) == ("NOT_AFFECTED", "UNKNOWN")


def test_who_activates_that_nobody_vouches_any_more_need_not_wait_for_the_next_pull(files):
    run(files / "home", "pull", "d")
    before = levels(files)
    run(files / "home", "device", "edit", "d", "--complete-checks", "no")
    pending = levels(files)
    run(files / "home", "activate")

    assert (before, pending) == (["AFFECTED", "NOT_AFFECTED"],) * 2
    assert levels(files) == ["AFFECTED", "UNKNOWN"]


def test_an_unreadable_knowledge_base_entry_takes_the_vouching_from_a_pull(files, subscription):
    subscription.break_next("knowledge_base", "bad-byte", record_id=99002)
    done = run(files / "home", "pull", "d")

    assert done.returncode == 6
    assert "1 KnowledgeBase entries" in done.stderr
    assert levels(files)[1] == "UNKNOWN"


def test_after_a_damaged_copy_the_next_pull_asks_for_the_whole_knowledge_base(files, server):
    run(files / "home", "pull", "d")
    run(files / "home", "import", damaged_knowledge(files))
    before = levels(files)[1]
    run(files / "home", "pull", "d")
    asked = [item.parameters for item in server.requests if "/knowledge_base/" in item.path]

    assert (before, levels(files)[1]) == ("UNKNOWN", "NOT_AFFECTED")
    assert "last_modified_after" not in asked[-1]


def damaged_knowledge(files):
    path = files / "damaged.xml"
    path.write_text((files / "k.xml").read_text().replace("<QID>99001</QID>", "<QID>?</QID>"))
    return path


def test_a_long_thought_is_waited_for_and_a_silence_is_not(files, subscription, monkeypatch):
    monkeypatch.setenv("VATRIAGE_FIRST_BYTE_TIMEOUT_S", "30")
    monkeypatch.setenv("VATRIAGE_IDLE_TIMEOUT_S", "0.5")
    subscription.break_next("detection_list", "delay", seconds=1.5)
    thought = run(files / "home", "pull", "d")
    subscription.limit(concurrency=20)  # a call that was given up goes on at the server's
    subscription.break_next("detection_list", "stall", times=None, seconds=20)
    silence = run(files / "home", "pull", "d")

    assert thought.returncode == 0, thought.stderr
    assert silence.returncode == 4
    assert "fell silent" in silence.stderr


def test_a_wait_that_one_process_was_told_of_binds_the_next(files, subscription, server):
    subscription.break_next("detection_list", "rate-limit", seconds=600)
    first = run(files / "home", "pull", "d")
    asked = len(server.requests)
    second = run(files / "home", "pull", "d")

    assert (first.returncode, second.returncode) == (7, 7)
    assert len(server.requests) == asked
    assert "goes on where it stopped" in second.stderr


def test_a_short_wait_is_waited(files, subscription):
    subscription.break_next("detection_list", "rate-limit", seconds=1)

    assert run(files / "home", "pull", "d").returncode == 0


def test_two_devices_of_one_account_never_call_more_than_it_allows(files, subscription, server):
    subscription.limit(concurrency=1)
    add_device(files / "home", server, name="e")
    subscription.break_next("*", "delay", times=6, seconds=0.3)
    processes = [start(files, "pull", name) for name in ("d", "e")]

    assert [process.wait() for process in processes] == [0, 0]
    assert {item.status for item in server.requests} == {200}


def test_an_incomplete_pull_says_what_it_lacks_and_how_old_what_stands_is(files, subscription):
    run(files / "home", "pull", "d")
    poison = next(host.id for host in subscription.hosts.values() if host.ip == "10.1.0.8")
    subscription.break_next("detection_list", "reset", times=None, record_id=poison)
    done = run(files / "home", "pull", "d", "--full", "--json")
    shown = run(files / "home", "pulls", "2").stdout
    host = run(files / "home", "host", "show", "10.1.0.8").stdout

    (pull,) = json.loads(done.stdout)["pulls"]
    assert (done.returncode, pull["hosts_missing"], pull["missing"][0]["id"]) == (6, 1, poison)
    assert "the last complete pull began at" in done.stderr
    assert all(words in shown for words in ("incomplete", "3 asked for, 2 came, 1 missing", str(poison), "do not come"))
    assert "does not know this host whole" in host
    assert levels(files) == ["AFFECTED", "NOT_AFFECTED"]  # what the complete pull before it proved still stands


def test_a_pull_is_a_delta_after_a_complete_one_and_full_where_it_is_asked_for(files, server):
    modes = []
    for options in ([], [], ["--full"], ["--delta"]):
        (pull,) = json.loads(run(files / "home", "pull", "d", "--json", *options).stdout)["pulls"]
        modes.append((pull["mode"], pull["state"]))
    both = run(files / "home", "pull", "d", "--full", "--delta")

    assert modes == [(mode, "complete") for mode in ("full", "delta", "full", "delta")]
    assert both.returncode == 2


def start(files, *arguments):
    environment = {**os.environ, "VATRIAGE_HOME": str(files / "home"), "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator"}
    return subprocess.Popen([sys.executable, "-m", "vatriage", *arguments], env=environment)


def wait_for(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)
