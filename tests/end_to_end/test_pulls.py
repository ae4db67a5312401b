"""Pulls against the simulated server: what goes wrong there, and what must not follow from it."""

import json
import os
import signal
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


@pytest.fixture
def subscription():
    sim = Subscription(NOW)
    sim.account("reader", "right")
    for qid, cve in ((99000, "CVE-2026-10000"), (99001, "CVE-2026-20000"), (99002, "CVE-2026-20000")):
        sim.vulnerability(
            qid, title="t", cves=[cve], published=OLD, service_modified=OLD, remote=True, auth_types=["Unix"]
        )  # fmt: skip
    for last in (7, 8, 9):
        host = sim.host(f"10.1.0.{last}", os="Linux").scanned(NOW - timedelta(hours=1), authenticated=True)
        host.detect(qid=99000, port=443, protocol="tcp", type="Confirmed")
    return sim


@pytest.fixture
def server(subscription):
    with SimulatorServer(subscription) as running:
        yield running


@pytest.fixture
def files(tmp_path, server):
    write_files(tmp_path)
    add(tmp_path / "home", server, "right")
    return tmp_path


def add(home, server, password, name="d"):
    done = run(
        home, "device", "add", name, "--url", server.address, "--login", "reader", "--password-stdin", "--ca-file",
        server.ca_file, "--complete-checks", "yes", "--activate", stdin=password + "\n",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


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
    add(tmp_path / "home", server, "right", name="other")
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
    subscription.break_next("detection_list", fault)
    done = run(files / "home", "pull", "d")

    assert code == done.returncode
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert levels(files)[1] == "UNKNOWN"


def test_a_wrong_password_and_an_untrusted_certificate_say_so(tmp_path, server):
    add(tmp_path / "home", server, "wrong")
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
    environment = {**os.environ, "VATRIAGE_HOME": str(files / "home"), "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator"}
    process = subprocess.Popen([sys.executable, "-m", "vatriage", "pull", "d"], env=environment)
    deadline = time.monotonic() + 15
    while not list((files / "home").glob("pages/*.zst")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    assert levels(files)[1] == "UNKNOWN"
    subscription.faults.clear()
    assert run(files / "home", "pull", "d").returncode == 0
    assert levels(files) == ["AFFECTED", "NOT_AFFECTED"]
