"""The command line as a contract: signals, closed pipes, exit codes, rejects, RESULTS, one JSON document."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from end_to_end_program import DETECTIONS, ROOT, alert, run, take, write_files

HOSTILE = "&#x9b;31m\u202e"
STATUS = "<STATUS>Active</STATUS>"


@pytest.fixture
def files(tmp_path):
    return write_files(tmp_path)


def started(home, *arguments, **pipes):
    environment = {**os.environ, "VATRIAGE_HOME": str(home), "PYTHONPATH": f"{ROOT}/src:{ROOT}/simulator"}
    return subprocess.Popen(
        [sys.executable, "-m", "vatriage", *map(str, arguments)], stderr=subprocess.PIPE, env=environment, **pipes
    )


def listens(program):
    """Whether the program catches SIGTERM already; Python by itself does not."""
    lines = Path(f"/proc/{program.pid}/status").read_text().splitlines()
    caught = next(int(line.split()[1], 16) for line in lines if line.startswith("SigCgt"))
    return bool(caught & 1 << (signal.SIGTERM - 1))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("when", ["while it starts", "while it reads"])
def test_a_signal_ends_in_one_sentence_and_its_code(files, number, code, when):
    with started(files / "home", "triage", "-", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as program:
        while not listens(program):
            time.sleep(0.001)
        if when == "while it reads":
            program.stdin.write(b" " * 1_000_000)  # more than a pipe holds: returns once it is being read
        program.send_signal(number)
        told = program.stderr.read().decode()

    assert program.returncode == code
    assert len(told.splitlines()) == 1
    assert told.startswith("vatriage: ")


@pytest.mark.parametrize("output", ["jsonl", "table"])
def test_a_reader_that_leaves_ends_in_silence_and_the_counts_are_told(files, output):
    (files / "eve.json").write_text((alert(1) + "\n") * 3)
    reading, writing = os.pipe()
    os.close(reading)
    with started(files / "home", "triage", files / "eve.json", "--output", output, stdout=writing) as program:
        os.close(writing)
        told = program.stderr.read().decode()

    assert program.returncode == 0
    assert told == "3 events read, 3 alerts judged, 0 lines rejected\n"


def test_a_stored_alert_is_explained_in_one_document(files):
    (files / "eve.json").write_text(alert(1) + "\n")
    for at in ("2026-11-22", "2026-11-23"):
        run(files / "home", "triage", files / "eve.json", "--store", "--as-of", at, "--output", "jsonl")
    record = json.loads(run(files / "home", "triage", files / "eve.json", "--output", "jsonl").stdout)
    told = json.loads(run(files / "home", "explain", record["id"][:8], "--json").stdout)

    assert told["record"]["judged_at"] == "2026-11-23T00:00:00Z"
    assert [item["record"]["judged_at"] for item in told["earlier"]] == ["2026-11-22T00:00:00Z"]


def test_rejects_are_told_and_listed_and_cannot_control_the_terminal(files):
    (files / "d.xml").write_text(DETECTIONS.replace("99000", f"99000{HOSTILE}"))
    done = run(files / "home", "import", files / "d.xml")
    listed = run(files / "home", "rejects", "--raw")
    told = json.loads(run(files / "home", "rejects", "--pull", 1, "--json").stdout)

    assert "d.xml, byte" in done.stderr
    assert "vatriage rejects --pull 1" in done.stderr
    assert "99000" in listed.stdout
    for text in (done.stdout, done.stderr, listed.stdout):
        assert all(line.isprintable() for line in text.splitlines())
    (reject,) = told["rejects"]
    assert (reject["pull"], reject["origin"], reject["device"], reject["raw"]) == (1, "import", None, None)
    assert (told["total"], "10.1.0.7" in reject["subject"]) == (1, True)


def test_a_pull_that_never_was_has_no_rejects(files):
    assert run(files / "home", "rejects", "--pull", 7).returncode == 3


def test_results_are_shown_cut_and_harmless(files):
    (files / "d.xml").write_text(
        DETECTIONS.replace(STATUS, f"{STATUS}<RESULTS>OpenSSL {HOSTILE}\nend {'x' * 5000}</RESULTS>")
    )
    assert take(files, "d.xml").returncode == 0
    shown = run(files / "home", "host", "show", "10.1.0.7", "--results").stdout
    (host,) = json.loads(run(files / "home", "host", "show", "10.1.0.7", "--json").stdout)["hosts"]
    (detection,) = host["detections"]

    assert "    OpenSSL \\x9b31m\\u202e\n    end xxx" in shown
    assert "more characters)" in shown
    assert len(detection["results"]) == 4_000
    assert detection["results_length"] > 5_000


def test_the_error_of_each_file_and_an_empty_list_are_told_on_standard_error(files):
    (files / "empty.xml").write_text("<HOST_LIST_OUTPUT/>")
    (files / "bad.xml").write_text("<nonsense/>")
    done = run(files / "home", "import", "empty.xml", "bad.xml", "nowhere.xml", "h.xml")
    empty, bad, nowhere = done.stderr.splitlines()

    assert done.returncode == 1
    assert empty == "empty.xml holds no host: its list is empty."
    assert bad.startswith("bad.xml: ")
    assert nowhere.startswith("nowhere.xml cannot be read: ")


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("d", ("--url", "http://h"), "plain http"),
        ("d", ("--url", "h", "--ca-file", "nowhere.pem"), "authority file"),
        ("d" * 70, ("--url", "h"), "1 to 64 characters"),
        ("d", ("--url", "h", "--zone", ""), "1 to 64 characters"),
    ],
    ids=["url", "authority", "name", "zone"],
)
def test_a_device_that_cannot_be_meant_is_wrong_use(files, name, options, said):
    done = run(files / "home", "device", "add", name, "--login", "l", "--password-stdin", *options, stdin="p\n")

    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_zone_that_cannot_be_meant_is_wrong_use(files):
    assert run(files / "home", "import", "h.xml", "--zone", "z" * 300).returncode == 2
    assert run(files / "home", "triage", "eve.json", "--zone", "").returncode == 2


def test_a_qid_greater_than_any_is_not_found(files):
    assert run(files / "home", "kb", "show", "9" * 23).returncode == 3


def test_the_demo_takes_the_home_it_is_given_unless_it_is_somebodys(files):
    refused = run(files, "--home", files, "demo")
    done = run(files / "unused", "--home", files / "demo", "demo", "--json")
    told = json.loads(done.stdout)

    assert (refused.returncode, (files / "h.xml").exists()) == (2, True)
    assert (done.returncode, told["home"]) == (0, str(files / "demo"))
    assert sum(told["verdicts"].values()) == told["alerts"]
    assert [item["record"]["verdict"] for item in told["explained"]] == [
        "AFFECTED", "NOT_AFFECTED", "UNKNOWN", "UNVERIFIABLE",
    ]  # fmt: skip
    assert not (files / "unused").exists()
